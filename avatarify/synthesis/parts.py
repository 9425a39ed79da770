"""Eyeballs and ears."""

import math

import torch

from avatarify.synthesis import atlas
from avatarify.synthesis.atlas import Swatch, swatch
from avatarify.synthesis.sculpture import EYE_RADIUS
from avatarify.synthesis.surface import Surface, ball, merge, sheet

EYE_REACH = math.radians(100)
"""Angle from the gaze axis that the eyeball's mesh and its patch cover."""

IRIS_ANGLE = math.radians(24)
"""Angle from the gaze axis to the edge of the iris."""


def eyeball(scale: float) -> Surface:
    """One eyeball around the origin, looking along +z, with a bulging cornea."""
    directions, angle, turn = ball(22, 36, EYE_REACH)
    bulge = 0.03 * torch.exp(-((angle / IRIS_ANGLE) ** 4))[..., None]
    radius = angle / EYE_REACH / 2
    place = torch.stack((0.5 + radius * turn.cos(), 0.5 - radius * turn.sin()), dim=-1)
    return sheet(directions * (EYE_RADIUS * (1 + bulge) * scale), atlas.EYE.place(place))


def ears(width: float) -> Surface:
    """Both ears.

    Args:
        width: Half width of the head where they sit, centimetres.
    """
    rings, segments = 14, 28
    directions, angle, turn = ball(rings, segments, math.pi * 0.95)
    share = angle / math.pi
    hollow = 0.55 * torch.exp(-((share / 0.24) ** 2)) - 0.16 * torch.exp(
        -(((share - 0.42) / 0.08) ** 2)
    )
    profile = torch.stack(
        (
            directions[..., 0] * 1.75 * (1 + 0.18 * directions[..., 1]),
            directions[..., 1] * 3.0,
            0.5 * directions[..., 2] - hollow * (1 + 0 * turn),
        ),
        dim=-1,
    )
    light = 0.35 + 0.65 * (share / 0.4).clamp(max=1).expand(-1, segments + 1)
    lean, back = math.radians(10), math.radians(62)
    x, y, z = profile.unbind(dim=-1)
    # The face of the ear turns outwards (+x) and a little forward; its top leans back.
    x, z = (
        x * math.cos(back) + z * math.sin(back),
        z * math.cos(back) - x * math.sin(back),
    )
    y, z = y * math.cos(lean) + z * math.sin(lean), z * math.cos(lean) - y * math.sin(lean)
    right = torch.stack((x + width + 0.35, y - 1.4, z - 0.3), dim=-1)
    left = (right * torch.tensor([-1.0, 1.0, 1.0])).flip(1)
    place = swatch(Swatch.EAR)
    return merge((sheet(left, place, light.flip(1)), sheet(right, place, light)))
