"""What is inside the mouth: teeth, gums, tongue and the dark hollow, and how light enters."""

import math
from typing import NamedTuple

import torch
from torch import Tensor

from avatarify.synthesis import atlas
from avatarify.synthesis.atlas import Swatch, swatch
from avatarify.synthesis.sculpture import SEAM_HEIGHT
from avatarify.synthesis.surface import Surface, ball, merge, sheet

TEETH_PER_ROW = 14
GUM_SHARE = 0.3
"""Share of the teeth's patch, from its top, that is gum."""

INNER_SHARE = 0.94
"""From here downwards the patch shows the teeth's backs."""

_ACROSS_TOOTH = (-0.99, -0.9, -0.65, -0.25, 0.25, 0.65, 0.9, 0.99)
_DOWN_OUTSIDE = (0.0, 0.08, 0.25, 0.5, 0.75, 0.92, 1.0)


class _Row(NamedTuple):
    """One row of teeth, described from the middle to one side; centimetres."""

    widths: tuple[float, ...]
    """Of the crowns; scaled so that the row fills its arch."""

    lengths: tuple[float, ...]
    """How far each edge stands out beyond the row's own, mostly negative."""

    pointed: tuple[float, ...]
    """Height of a cusp in the middle of the edge."""

    half_width: float
    depth: float
    front: float
    """z of the foremost tooth."""

    gum: float
    """y where crowns begin."""

    edge: float
    """y of the central edge."""


_UPPER = _Row(
    (0.86, 0.66, 0.76, 0.68, 0.66, 0.95, 0.9),
    (0.0, -0.05, -0.05, -0.09, -0.12, -0.17, -0.2),
    (0.0, 0.0, 0.08, 0.05, 0.03, 0.0, 0.0),
    2.5, 4.1, 8.4, SEAM_HEIGHT + 0.66, SEAM_HEIGHT - 0.28,
)  # fmt: skip
_LOWER = _Row(
    (0.54, 0.58, 0.68, 0.68, 0.7, 1.0, 0.95),
    (0.0, 0.0, 0.04, -0.06, -0.1, -0.12, -0.15),
    (0.0, 0.0, 0.06, 0.04, 0.03, 0.0, 0.0),
    2.3, 3.9, 8.08, SEAM_HEIGHT - 1.1, SEAM_HEIGHT - 0.34,
)  # fmt: skip


def upper_teeth() -> Surface:
    """The upper row with its gum; moves with the skull."""
    return _teeth(_UPPER)


def lower_teeth() -> Surface:
    """The lower row; moves with the jaw."""
    return _teeth(_LOWER)


def _teeth(row: _Row) -> Surface:
    """A shell around the arch: gum, fronts of the crowns, edges, backs."""
    number, u = _columns()
    x, z, outward_x, outward_z, travelled = _along_arch(row, number, u)
    side = torch.where(number < 7, 6 - number, number - 7)
    growth = math.copysign(1.0, row.edge - row.gum)
    rounding = 0.07 * u.abs() ** 5 + 0.02 * u.square()
    length = torch.tensor(row.lengths)[side] - rounding
    length = length + torch.tensor(row.pointed)[side] * (1 - u.abs())
    edge = row.edge + growth * length
    gum = row.gum + growth * 0.16 * u.square()  # gums reach further between teeth
    between = u.abs() ** 6
    levels, heights, offsets = [], [], []
    for level, out in ((-0.75, 0.05), (-0.3, 0.13)):
        levels.append(GUM_SHARE * (1 + level))
        heights.append(gum + growth * level)
        offsets.append(out - 0.05 * between)
    for level in _DOWN_OUTSIDE:
        levels.append(GUM_SHARE + (INNER_SHARE - GUM_SHARE) * level)
        heights.append(gum + level * (edge - gum))
        swell = 0.16 * math.sin(math.pi * (0.15 + 0.75 * level)) - 0.1 * level**3
        offsets.append(swell * (1 - 0.4 * u**4) - 0.11 * between)
    for level, inwards in ((0.97, 0.16), (0.6, 0.36), (-0.2, 0.75)):
        levels.append(INNER_SHARE + 0.05 * (1 - level))
        heights.append(gum + level * (edge - gum))
        offsets.append(torch.full_like(u, -inwards))
    swells = torch.stack(offsets)
    grid = torch.stack(
        (x + swells * outward_x, torch.stack(heights), z + swells * outward_z), dim=-1
    )
    across = (number + (u + 1) / 2) / TEETH_PER_ROW
    down = torch.tensor(levels)[:, None].expand(-1, len(across))
    place = atlas.TEETH.place(torch.stack((across.expand(len(levels), -1), down), dim=-1))
    light = 0.16 + 0.84 * torch.exp(-((travelled / 3.0) ** 2))
    light = light * (1 - 0.2 * between)
    light = light.expand(len(levels), -1).clone()
    light[-3:] *= torch.tensor([0.75, 0.5, 0.3])[:, None]
    if growth > 0:
        grid, place, light = grid.flip(0), place.flip(0), light.flip(0)
    return sheet(grid, place, light)


def _columns() -> tuple[Tensor, Tensor]:
    """Number of each column's tooth from the viewer's left (int64), and its place, -1..1 across."""
    number = torch.arange(TEETH_PER_ROW).repeat_interleave(len(_ACROSS_TOOTH))
    return number, torch.tensor(_ACROSS_TOOTH).repeat(TEETH_PER_ROW)


def _along_arch(
    row: _Row, number: Tensor, u: Tensor
) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
    """x, z, the outward direction (x, z), and the distance from the middle, of every column."""
    turn = torch.linspace(0, 1.52, 400)
    x, z = row.half_width * turn.sin(), row.depth * (turn.cos() - 1) + row.front
    path = torch.cat((torch.zeros(1), torch.hypot(x.diff(), z.diff()).cumsum(0)))
    widths = torch.tensor(row.widths)
    bounds = torch.cat((torch.zeros(1), widths.cumsum(0))) * path[-1] / widths.sum()
    index = torch.where(number < 7, 6 - number, number - 7)
    share = torch.where(number < 7, 1 - u, 1 + u) / 2
    travelled = bounds[index] + share * (bounds[index + 1] - bounds[index])
    at = torch.searchsorted(path, travelled).clamp(1, len(path) - 1)
    sign = torch.where(number < 7, -1.0, 1.0)
    normal_x, normal_z = row.depth * turn[at].sin(), row.half_width * turn[at].cos()
    length = torch.hypot(normal_x, normal_z)
    return sign * x[at], z[at], sign * normal_x / length, normal_z / length, travelled


def tongue() -> Surface:
    """A soft body on the floor of the mouth, grooved along its middle; moves with the jaw."""
    directions, _, _ = ball(18, 32)
    x, y, z = (directions * torch.tensor([1.7, 0.6, 2.45])).unbind(dim=-1)
    top = directions[..., 1].clamp(min=0)
    y = y - 0.2 * top * torch.exp(-((x / 0.3) ** 2)) * ((z + 2.2) / 3).clamp(0, 1)
    y = y + 0.3 * ((1.2 - z) / 3).clamp(min=0)  # its back is arched
    rough = 0.03 * torch.sin(9 * x + 3 * z) * torch.sin(8 * z) * top
    grid = torch.stack((x, y + rough - 8.05, z + 5.35), dim=-1)
    light = 0.3 + 0.6 * ((grid[..., 2] - 4.2) / 3.4).clamp(0, 1)
    light = light * (0.65 + 0.35 * top) * (1 + 3 * rough)
    return sheet(grid, swatch(Swatch.TONGUE), light.clamp(0, 1))


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
    light = 0.08 + 0.4 * ((inwards[..., 2] - 4.0) / 4.2).clamp(0, 1)
    surface = sheet(inwards, swatch(Swatch.CAVITY), light)
    return surface, torch.sigmoid((SEAM_HEIGHT - surface.vertices[:, 1]) / 0.3)


def inside() -> tuple[Surface, Tensor]:
    """Everything above as one surface, and (V,) shares of the jaw's rotation."""
    hollow, share = cavity()
    upper, lower, soft = upper_teeth(), lower_teeth(), tongue()
    shares = (
        share,
        torch.zeros(len(upper.vertices)),
        torch.ones(len(lower.vertices) + len(soft.vertices)),
    )
    return merge((hollow, upper, lower, soft)), torch.cat(shares)


def light_between_lips(points: Tensor, upper: Tensor, lower: Tensor) -> Tensor:
    """How much light comes through parted lips to places behind them.

    Args:
        points: (B, N, 3), head space.
        upper: (B, M, 3), the upper lip's edge from the viewer's left to right.
        lower: (B, M, 3), the lower lip's.

    Returns:
        (B, N), 0..1: little just below the upper lip, behind the lower one, and far behind both.
    """
    shares = []
    for place, over, under in zip(points, upper, lower, strict=True):
        top, front = _at(place[:, 0], over)
        bottom, _ = _at(place[:, 0], under)
        gap = (top - bottom).clamp(min=0)
        below, above = top - place[:, 1], place[:, 1] - bottom
        free = torch.minimum(below, 1.8 * above + 0.15)
        entering = _smooth((free + 0.12) / 0.5)
        depth = (front - place[:, 2] - 0.9).clamp(min=0) / (1.0 + 1.3 * gap)
        shares.append((0.36 + 0.64 * entering) / (1 + depth.square()))
    return torch.stack(shares)


def _at(x: Tensor, edge: Tensor) -> tuple[Tensor, Tensor]:
    """Height and depth of a lip's edge at (N,) places across; beyond it, those of its ends."""
    line = edge[:, 0].contiguous()
    after = torch.searchsorted(line, x.contiguous()).clamp(1, len(line) - 1)
    before = after - 1
    share = (x - line[before]) / (line[after] - line[before]).clamp(min=1e-4)
    value = edge[before] + share.clamp(0, 1)[:, None] * (edge[after] - edge[before])
    return value[:, 1], value[:, 2]


def _smooth(value: Tensor) -> Tensor:
    value = value.clamp(0, 1)
    return value.square() * (3 - 2 * value)
