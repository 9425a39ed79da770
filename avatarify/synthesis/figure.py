"""One person as a single posable mesh: skin, strips along its slits, eyes, and everything rigid."""

import functools
import math
from typing import NamedTuple

import torch
from torch import Tensor

from avatarify.synthesis import atlas, hair, parts, sculpture, wear
from avatarify.synthesis.atlas import Swatch, swatch
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
from avatarify.synthesis.surface import Surface, grid_faces, merge, smooth_normals
from avatarify.synthesis.template import Template, template
from avatarify.synthesis.torso import torso

NECK_PIVOT = (0.0, -11.0, -2.0)
"""About what the head turns, head space."""

_INSIDE_LIPS = ((0.0, 0.0, 0.75), (0.1, -0.28, 0.45), (0.45, -0.75, 0.18), (0.9, -1.2, 0.08))
"""How lips roll inwards: (away from the seam, back, light), centimetres."""

_INSIDE_CHEEKS = (
    *((0.0, 0.0, 0.6), (0.5, -0.22, 0.3), (0.9, -0.75, 0.12)),
    *((1.1, -1.6, 0.08), (1.3, -2.6, 0.06), (1.5, -4.0, 0.05)),
)
"""The same for the walls behind the corners of the mouth."""

_GAZE_RANGE = (math.radians(28), math.radians(20))


class Strips(NamedTuple):
    """Vertices that follow the skin: insides of lips and lids."""

    skin: Tensor
    """(S,), int64: the skin vertex each follows."""

    center: Tensor
    """(S, 3), `scale` stretches the skin vertex's offset from here."""

    scale: Tensor
    """(S, 1)."""

    offset: Tensor
    """(S, 3), added after."""


class Figure(NamedTuple):
    """A person ready to be posed; vertices are ordered skin, strips, both eyes, extras."""

    identity: Identity
    rig: Rig
    strips: Strips
    eyeball: Tensor
    """(N, 3), around its own centre; used for both eyes."""

    extras: Tensor
    """(E, 3): everything rigid."""

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
    strips, strip_surface = _with_beard(
        *_strips(shape, eyes, identity.lashes), wear.beard(identity, shape, normals)
    )
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


def _strips(shape: Template, eyes: Tensor, lashes: float) -> tuple[Strips, Surface]:
    """Roll lips and lids inwards, so that their edges have thickness."""
    skin, center, scale, offset, surfaces = [], [], [], [], []
    lips = ((shape.upper_lip, 1.0), (shape.lower_lip, -1.0))
    for edge, sign in lips:
        count = len(edge)
        for up, back, _ in _INSIDE_LIPS:
            skin.append(edge)
            center.append(torch.zeros(count, 3))
            scale.append(torch.ones(count, 1))
            offset.append(torch.tensor([0.0, sign * up, back]).expand(count, 3))
        light = torch.tensor(_INSIDE_LIPS)[:, 2:].expand(-1, count)
        surfaces.append(_strip_surface(light, Swatch.LIP, flip=sign > 0))
    # Seen from the side, there would be nothing behind the far corner of an open mouth.
    height, depth, light = torch.tensor(_INSIDE_CHEEKS)[..., None].unbind(dim=1)
    wall = torch.tensor([0.0, 1.0, 0.0]) * height[:, None] * torch.tensor([[1.0], [-1.0]])
    wall = (wall + torch.tensor([0.0, 0.0, 1.0]) * depth[:, None]).view(-1, 3)
    for corner in (0, -1):
        for flip in (True, False):
            skin.append(shape.upper_lip[corner].expand(len(wall)))
            center.append(torch.zeros(len(wall), 3))
            scale.append(torch.ones(len(wall), 1))
            offset.append(wall)
            surfaces.append(_strip_surface(light.expand(-1, 2), Swatch.LIP, flip=flip))
    for lids, flip in ((shape.upper_lids, True), (shape.lower_lids, False)):
        for index in (0, 1):
            edge = lids[index]
            for factor in (1.0, 0.93):
                skin.append(edge)
                center.append(eyes[index].expand(len(edge), 3))
                scale.append(torch.full((len(edge), 1), factor))
                offset.append(torch.zeros(len(edge), 3))
            light = torch.tensor([0.8, 0.6])[:, None].expand(2, len(edge))
            surfaces.append(_strip_surface(light, Swatch.LASH if flip else Swatch.LID, flip=flip))
    if lashes > 0.2:
        for index in (0, 1):
            edge = shape.upper_lids[index]
            fringe = (0.3 + 0.7 * torch.linspace(0, 1, len(edge)))[:, None]
            fringe = fringe if index == 1 else fringe.flip(0)
            light = torch.full((2, len(edge)), 0.4)
            for flip in (True, False):
                for reach in (0.0, 1.0):
                    skin.append(edge)
                    center.append(eyes[index].expand(len(edge), 3))
                    scale.append(1 + 0.13 * lashes * reach * fringe)
                    offset.append(torch.tensor([0.0, 0.12, 0.0]) * lashes * reach * fringe)
                surfaces.append(_strip_surface(light, Swatch.LASH, flip=flip))
    strips = Strips(torch.cat(skin), torch.cat(center), torch.cat(scale), torch.cat(offset))
    return strips, merge(surfaces)


def _strip_surface(light: Tensor, color: Swatch, *, flip: bool) -> Surface:
    rows, columns = light.shape
    faces = grid_faces(rows, columns)
    count = rows * columns
    return Surface(
        torch.zeros(count, 3),
        faces.flip(1) if flip else faces,
        swatch(color).expand(count, 2),
        light.reshape(-1),
    )


def _with_beard(
    strips: Strips, surface: Surface, grown: tuple[Tensor, Tensor, Surface] | None
) -> tuple[Strips, Surface]:
    """Let a beard follow the skin as the strips do."""
    if grown is None:
        return strips, surface
    skin, offset, shell = grown
    longer = Strips(
        torch.cat((strips.skin, skin)),
        torch.cat((strips.center, torch.zeros(len(skin), 3))),
        torch.cat((strips.scale, torch.ones(len(skin), 1))),
        torch.cat((strips.offset, offset)),
    )
    return longer, merge((surface, shell))


def _extras(
    identity: Identity, shape: Template, rest: Tensor, normals: Tensor, *, fine: bool
) -> tuple[Surface, Tensor, Tensor]:
    """Everything rigid, with its share of the jaw's and of the head's rotation."""
    hollow, hollow_jaw = parts.cavity()
    row = (shape.vertices[shape.grid][:, 0, 1] + 1.4).abs()[25:80].argmin() + 25
    width = float(rest[shape.grid[row]][:, 0].max())
    pieces: list[tuple[Surface, float | Tensor, float | Tensor]] = [
        (_behind_lips(hollow, shape, rest), hollow_jaw, 1.0),
        (_behind_lips(parts.upper_teeth(), shape, rest), 0.0, 1.0),
        (_behind_lips(parts.lower_teeth(), shape, rest), 1.0, 1.0),
        (_behind_lips(parts.tongue(), shape, rest), 1.0, 1.0),
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
