"""The parts that are not skin: eyeballs, teeth, tongue, the hollow of the mouth, ears."""

import math

import torch
from torch import Tensor

from avatarify.synthesis import atlas
from avatarify.synthesis.atlas import Swatch, swatch
from avatarify.synthesis.sculpture import EYE_RADIUS, SEAM_HEIGHT
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


def upper_teeth() -> Surface:
    """The upper row with its gum; moves with the skull."""
    return _teeth(SEAM_HEIGHT + 1.1, SEAM_HEIGHT - 0.3, 0.0)


def lower_teeth() -> Surface:
    """The lower row; moves with the jaw."""
    return _teeth(SEAM_HEIGHT - 1.25, SEAM_HEIGHT - 0.34, -0.3)


def _teeth(gum: float, edge: float, offset: float) -> Surface:
    angle = torch.linspace(-1.25, 1.25, 33)
    level = torch.tensor([0.0, 0.35, 0.7, 0.95, 1.0])
    x, z = 2.4 * angle.sin(), 5.2 + 3.15 * angle.cos() + offset
    height = gum + (edge - gum) * level
    bulge = 0.16 * (level * math.pi).sin() - 0.25 * (level == 1)
    grid = torch.stack(
        (
            x.expand(5, -1) * (1 + 0.03 * bulge[:, None]),
            height[:, None].expand(-1, 33),
            z + bulge[:, None],
        ),
        dim=-1,
    )
    across = ((angle / 1.25 + 1) / 2).expand(5, -1)
    place = atlas.TEETH.place(torch.stack((across, level[:, None].expand(-1, 33)), dim=-1))
    light = 0.25 + 0.65 * torch.exp(-((angle / 0.62) ** 2)).expand(5, -1)
    if gum < edge:
        grid, place = grid.flip(0), place.flip(0)
    return sheet(grid, place, light)


def tongue() -> Surface:
    """A flattened ball on the floor of the mouth; moves with the jaw."""
    directions, _, _ = ball(12, 20)
    grid = directions * torch.tensor([1.75, 0.55, 2.3]) + torch.tensor([0.0, -8.0, 5.6])
    light = (0.25 + 0.5 * ((grid[..., 2] - 4.5) / 3.4).clamp(0, 1)) * (
        0.6 + 0.4 * directions[..., 1].clamp(min=0)
    )
    return sheet(grid, swatch(Swatch.TONGUE), light)


def cavity() -> tuple[Surface, Tensor]:
    """The hollow behind the lips, and (V,) how much of the jaw's rotation each vertex follows."""
    directions, _, _ = ball(14, 24)
    # Nearly a box, wider behind: a smile draws the corners of the mouth apart and back, where one
    # must not see past it, and the cheeks hide it in front.
    boxy = directions / directions.pow(4).sum(dim=-1, keepdim=True) ** 0.25
    behind = (0.5 - 0.5 * boxy[..., 2:]).clamp(0, 1)
    sides = torch.cat(
        (1 + 0.45 * behind, torch.ones_like(behind).expand(*behind.shape[:-1], 2)), -1
    )
    grid = boxy * sides * torch.tensor([2.7, 2.0, 3.4]) + torch.tensor([0.0, -6.9, 5.0])
    inwards = grid.flip(1)
    light = 0.08 + 0.35 * ((inwards[..., 2] - 4.0) / 4.2).clamp(0, 1)
    surface = sheet(inwards, swatch(Swatch.CAVITY), light)
    return surface, torch.sigmoid((SEAM_HEIGHT - surface.vertices[:, 1]) / 0.3)


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
