"""One person as a single posable mesh: skin, strips along its slits, eyes, and everything rigid."""

import functools
import math
from typing import NamedTuple

import torch
from torch import Tensor

from avatarify.synthesis import atlas, hair, mouth, parts, sculpture, wear
from avatarify.synthesis.expression import (
    EXPRESSION_NAMES,
    Lids,
    Rig,
    build_rig,
    deform,
    lid_margins,
    open_jaw,
)
from avatarify.synthesis.identity import Identity
from avatarify.synthesis.motion import Motion
from avatarify.synthesis.paint import paint
from avatarify.synthesis.shape import eye_center, eye_scale, reshape_head
from avatarify.synthesis.strips import Strips, build_strips
from avatarify.synthesis.surface import Surface, merge, smooth_normals
from avatarify.synthesis.template import Template, template
from avatarify.synthesis.torso import torso

NECK_PIVOT = (0.0, -11.0, -2.0)
"""About what the head turns, head space."""

_GAZE_RANGE = (math.radians(28), math.radians(20))


class Figure(NamedTuple):
    """A person ready to be posed; vertices are ordered skin, strips, both eyes, extras."""

    identity: Identity
    rig: Rig
    strips: Strips
    eyeball: Tensor
    """(N, 3), around its own centre; used for both eyes."""

    extras: Tensor
    """(E, 3): everything rigid; what is inside the mouth comes first."""

    extras_jaw: Tensor
    """(E,): share of the jaw's rotation."""

    head_share: Tensor
    """(V,): share of the head's rotation, 1 on the head, 0 on the torso."""

    faces: Tensor
    """(F, 3)."""

    coordinates: Tensor
    """(V, 2), in the atlas."""

    light: Tensor
    """(V,): share of the surrounding light, 0..1."""

    soft: Tensor
    """(V,): 1 where light scatters below the surface (skin)."""

    texture: Tensor
    """(5, S, S * 4 / 3): see `paint`, colours linear."""

    def to(self, device: torch.device | str) -> "Figure":
        """The figure on another device."""
        return Figure(
            self.identity, self.rig.to(device), Strips(*(part.to(device) for part in self.strips)),
            self.eyeball.to(device), self.extras.to(device), self.extras_jaw.to(device),
            self.head_share.to(device), self.faces.to(device), self.coordinates.to(device),
            self.light.to(device), self.soft.to(device), self.texture.to(device),
        )  # fmt: skip


def build_figure(identity: Identity, texture_size: int = 768, *, fine_hair: bool = False) -> Figure:
    """Sculpt, dress and paint a person (about a second).

    Args:
        identity: Whom to build.
        texture_size: Height of the atlas in texels; 768 serves pictures up to 256.
        fine_hair: Twice the locks, for portraits; costs time in every picture.
    """
    shape = template()
    rest = reshape_head(shape.vertices, shape.side, identity.shape)
    right_eye = eye_center(identity.shape)
    eyes = torch.stack((right_eye * torch.tensor([-1.0, 1.0, 1.0]), right_eye))
    lids = Lids(identity.lid_open, identity.lower_lid_open, identity.eye_tilt, identity.lid_crease)
    rig = build_rig(shape, rest, eyes, lids)
    normals = smooth_normals(rest[None], shape.faces)[0]
    beard = wear.beard(identity, shape, normals)
    strips, strip_surface = build_strips(shape, eyes, identity.lashes, beard)
    ball = parts.eyeball(eye_scale(identity.shape))
    extras, jaw, extra_share = _extras(identity, shape, rest, normals, fine=fine_hair)
    skin = Surface(rest, shape.faces, atlas.SKIN.place(shape.coordinates), skin_light())
    whole = merge((skin, strip_surface, ball, ball, extras))
    skin_share = _smooth((rest[:, 1] + 16.0) / 4.5)
    head_share = torch.cat(
        (
            skin_share,
            skin_share[strips.skin],
            torch.ones(2 * len(ball.vertices)),
            extra_share,
        )
    )
    others = len(whole.vertices) - len(rest)
    texture = paint(identity, texture_size)
    texture[:3] = texture[:3] ** 2.2
    return Figure(
        identity=identity,
        rig=rig,
        strips=strips,
        eyeball=ball.vertices,
        extras=extras.vertices,
        extras_jaw=jaw,
        head_share=head_share,
        faces=whole.faces,
        coordinates=whole.coordinates,
        light=whole.light,
        soft=torch.cat((torch.ones(len(rest)), torch.full((others,), 0.3))),
        texture=texture,
    )


def pose(figure: Figure, motion: Motion) -> Tensor:
    """Place every vertex.

    Returns:
        (B, V, 3), centimetres, x right, y up, z towards the camera, in the resting head's space.
    """
    expression = motion.expression
    skin = deform(figure.rig, expression)
    strips = figure.strips
    inner = (skin[:, strips.skin] - strips.center) * strips.scale + strips.center + strips.offset
    gaze = gaze_rotation(expression)
    eyes = [(gaze @ figure.eyeball.T).transpose(1, 2) + center for center in figure.rig.eyes]
    extras = open_jaw(figure.extras, figure.extras_jaw, expression)
    still = torch.cat((skin, inner, *eyes, extras), dim=1)
    pivot = still.new_tensor(NECK_PIVOT)
    rotation = head_rotation(motion.rotation_deg)
    turned = (still - pivot) @ rotation.transpose(1, 2) + pivot
    return still + figure.head_share[:, None] * (turned - still)


def head_rotation(rotation_deg: Tensor) -> Tensor:
    """(B, 3, 3) from (B, 3): yaw towards the viewer's right, pitch up, roll clockwise, degrees."""
    yaw, pitch, roll = torch.deg2rad(rotation_deg).unbind(dim=1)
    return _turn(-roll, 0, 1) @ _turn(yaw, 2, 0) @ _turn(pitch, 2, 1)


def gaze_rotation(expression: Tensor) -> Tensor:
    """(B, 3, 3): how the eyeballs are turned."""
    yaw = expression[:, EXPRESSION_NAMES.index("gaze_x")] * _GAZE_RANGE[0]
    pitch = expression[:, EXPRESSION_NAMES.index("gaze_y")] * _GAZE_RANGE[1]
    return _turn(yaw, 2, 0) @ _turn(pitch, 2, 1)


def eye_light(figure: Figure, expression: Tensor) -> Tensor:
    """(B, 2 N): light on the eyeballs below the shadow of lids and lashes."""
    gaze = gaze_rotation(expression)
    ball = (gaze @ figure.eyeball.T).transpose(1, 2)
    x, y, z = ball.unbind(dim=-1)
    elevation = torch.atan2(y, z)
    result = []
    for index in (0, 1):
        fraction = (x / (0.92 * sculpture.EYE_RADIUS)).clamp(-1, 1)
        shares = []
        for item in range(len(expression)):
            upper, _ = lid_margins(figure.rig, expression[item : item + 1], index, fraction[item])
            shares.append(upper[0] - 0.195 - elevation[item])
        below = torch.stack(shares)
        corner = 1 - 0.45 * fraction.abs() ** 3
        result.append((0.35 + 0.65 * _smooth(below / 0.32 + 0.1)) * corner)
    return torch.cat(result, dim=1)


def mouth_light(figure: Figure, points: Tensor, rotation_deg: Tensor) -> tuple[slice, Tensor]:
    """What is inside the mouth, and (B, N) how much light reaches it between the lips.

    Args:
        figure: Whose mouth.
        points: (B, V, 3), from `pose`.
        rotation_deg: (B, 3), of the same motion.
    """
    shape = template()
    first = len(figure.rig.rest) + len(figure.strips.skin) + 2 * len(figure.eyeball)
    within = slice(first, first + _inside_count())
    pivot = points.new_tensor(NECK_PIVOT)
    rotation = head_rotation(rotation_deg)
    # All of it turns with the head as a whole, so that turning it back undoes the pose.
    inner, upper, lower = (
        (part - pivot) @ rotation + pivot
        for part in (points[:, within], points[:, shape.upper_lip], points[:, shape.lower_lip])
    )
    return within, mouth.light_between_lips(inner, upper, lower)


@functools.lru_cache(maxsize=1)
def _inside_count() -> int:
    return len(mouth.inside()[0].vertices)


@functools.lru_cache(maxsize=1)
def resting_skin() -> tuple[Tensor, Tensor]:
    """Positions and normals of the template, (V, 3) each."""
    shape = template()
    return shape.vertices, smooth_normals(shape.vertices[None], shape.faces)[0]


@functools.lru_cache(maxsize=1)
def skin_light() -> Tensor:
    """(V,): how open the skin's surroundings are, from the sculpture's distance field."""
    shape = template()
    normals = resting_skin()[1]
    blocked = torch.zeros(len(shape.vertices))
    for step, weight in ((0.25, 0.5), (0.6, 0.45), (1.2, 0.35), (2.2, 0.3), (4.0, 0.25)):
        room = sculpture.distance(shape.vertices + step * normals)
        blocked = blocked + weight * (1 - room / step).clamp(0, 1)
    light = (1 - 0.75 * blocked).clamp(0.15, 1)
    # The slits are folds in the sculpture; opened, they see the light.
    for lids in (shape.upper_lids, shape.lower_lids):
        light[lids.reshape(-1)] = light[lids.reshape(-1)].clamp(min=0.7)
    return light


def _extras(
    identity: Identity, shape: Template, rest: Tensor, normals: Tensor, *, fine: bool
) -> tuple[Surface, Tensor, Tensor]:
    """Everything rigid, with its share of the jaw's and of the head's rotation."""
    inside, inside_jaw = mouth.inside()
    row = (shape.vertices[shape.grid][:, 0, 1] + 1.4).abs()[25:80].argmin() + 25
    width = float(rest[shape.grid[row]][:, 0].max())
    pieces: list[tuple[Surface, float | Tensor, float | Tensor]] = [
        (_behind_lips(inside, shape, rest), inside_jaw, 1.0),
        (parts.ears(width), 0.0, 1.0),
        (torso(identity), 0.0, 0.0),
    ]
    if identity.glasses != "none":
        middle = shape.grid.shape[1] // 2
        bridge = rest[shape.grid[:, middle]]
        depth = float(bridge[(bridge[:, 1] - 0.2).abs().argmin(), 2])
        frame = wear.glasses(identity.glasses, eye_center(identity.shape), depth, width)
        pieces.append((frame, 0.0, 1.0))
    grown = hair.grow(identity, shape, rest, normals, fine=fine)
    if grown is not None:
        share = 0.35 + 0.65 * _smooth((grown.vertices[:, 1] + 16.0) / 8.0)
        pieces.append((grown, 0.0, share))
    surface = merge([piece[0] for piece in pieces])
    jaw = torch.cat([torch.as_tensor(j).expand(len(p.vertices)) for p, j, _ in pieces])
    head = torch.cat([torch.as_tensor(h).expand(len(p.vertices)) for p, _, h in pieces])
    return surface, jaw, head


def _behind_lips(surface: Surface, shape: Template, rest: Tensor) -> Surface:
    """Move and widen what is in the mouth as the person's lips are."""
    edge = shape.upper_lip
    before, after = shape.vertices[edge], rest[edge]
    middle = len(edge) // 2
    widening = float(after[-1, 0] / before[-1, 0])
    shift = (after[middle] - before[middle]) * torch.tensor([0.0, 1.0, 1.0])
    scale = torch.tensor([min(widening, 1.1), 1.0, 1.0])
    return surface._replace(vertices=surface.vertices * scale + shift)


def _turn(angle: Tensor, first: int, second: int) -> Tensor:
    """(B, 3, 3): rotation by `angle` that takes axis `first` towards axis `second`."""
    matrix = torch.eye(3, device=angle.device).repeat(len(angle), 1, 1)
    matrix[:, first, first] = matrix[:, second, second] = angle.cos()
    matrix[:, second, first] = angle.sin()
    matrix[:, first, second] = -angle.sin()
    return matrix


def _smooth(value: Tensor) -> Tensor:
    value = value.clamp(0, 1)
    return value.square() * (3 - 2 * value)
