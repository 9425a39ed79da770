"""Small building blocks of meshes: grids bent into spheres, tubes and sheets."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor


class Surface(NamedTuple):
    """A textured triangle mesh."""

    vertices: Tensor
    """(V, 3), centimetres."""

    faces: Tensor
    """(F, 3), int64, front-facing for `rasterize`."""

    coordinates: Tensor
    """(V, 2): place in the texture atlas, each in 0..1."""

    light: Tensor
    """(V,): share of the surrounding light that arrives, 0..1."""


def sheet(grid: Tensor, coordinates: Tensor, light: float | Tensor = 1.0) -> Surface:
    """A grid of points as a surface.

    Args:
        grid: (R, C, 3); seen from its front, columns run to the right and rows downwards.
        coordinates: (R, C, 2), atlas coordinates, or (2,) for a single colour.
        light: One value or (R, C).
    """
    rows, columns = grid.shape[:2]
    shaded = torch.as_tensor(light, dtype=grid.dtype).expand(rows, columns)
    return Surface(
        grid.reshape(-1, 3),
        grid_faces(rows, columns),
        coordinates.expand(rows, columns, 2).reshape(-1, 2),
        shaded.reshape(-1),
    )


def grid_faces(rows: int, columns: int) -> Tensor:
    """(F, 3): two triangles per cell of a grid numbered row by row."""
    index = torch.arange(rows * columns).view(rows, columns)
    a, b, c, d = index[:-1, :-1], index[:-1, 1:], index[1:, :-1], index[1:, 1:]
    upper, lower = torch.stack((a, b, c), dim=-1), torch.stack((b, d, c), dim=-1)
    return torch.cat((upper.reshape(-1, 3), lower.reshape(-1, 3)))


def merge(surfaces: Sequence[Surface]) -> Surface:
    """Several surfaces as one, in their order."""
    faces, count = [], 0
    for surface in surfaces:
        faces.append(surface.faces + count)
        count += len(surface.vertices)
    return Surface(
        torch.cat([surface.vertices for surface in surfaces]),
        torch.cat(faces),
        torch.cat([surface.coordinates for surface in surfaces]),
        torch.cat([surface.light for surface in surfaces]),
    )


def ball(rings: int, segments: int, reach: float = math.pi) -> tuple[Tensor, Tensor, Tensor]:
    """Directions on a sphere around +z.

    Args:
        rings: Rows from the pole outwards.
        segments: Columns around it.
        reach: Angle of the last ring from +z, radians.

    Returns:
        Directions (rings, segments + 1, 3), angles from +z (rings, 1) and turns (1, segments + 1).
        As a `sheet` it faces outwards.
    """
    angle = torch.linspace(0, reach, rings)[:, None]
    turn = torch.linspace(0, 2 * math.pi, segments + 1)[None]
    x, y = angle.sin() * turn.cos(), angle.sin() * turn.sin()
    return torch.stack((x, y, angle.cos().expand_as(x)), dim=-1), angle, turn


def tube(path: Tensor, across: Tensor, radii: Tensor, segments: int) -> Tensor:
    """Rings around a path.

    Args:
        path: (..., N, 3): centre line.
        across: (..., N, 3): unit vector along the first axis of the cross-section.
        radii: (..., N, 2): half widths along `across` and along the second axis.
        segments: Corners of a ring.

    Returns:
        (..., N, segments + 1, 3), the first point repeated at the end.
    """
    ahead = torch.diff(path, dim=-2)
    ahead = torch.cat((ahead, ahead[..., -1:, :]), dim=-2)
    ahead = ahead / ahead.norm(dim=-1, keepdim=True).clamp(min=1e-6)
    across = across - (across * ahead).sum(dim=-1, keepdim=True) * ahead
    across = across / across.norm(dim=-1, keepdim=True).clamp(min=1e-6)
    second = torch.linalg.cross(ahead, across)
    turn = torch.linspace(0, 2 * math.pi, segments + 1, device=path.device)
    first = across[..., None, :] * (turn.cos()[:, None] * radii[..., None, :1])
    other = second[..., None, :] * (turn.sin()[:, None] * radii[..., None, 1:])
    return path[..., None, :] + first + other


def smooth_normals(vertices: Tensor, faces: Tensor) -> Tensor:
    """Area-weighted vertex normals, pointing to the front.

    Args:
        vertices: (B, V, 3), y up.
        faces: (F, 3).

    Returns:
        (B, V, 3), unit length (zero where a vertex has no area).
    """
    corners = vertices[:, faces.reshape(-1)].view(vertices.shape[0], -1, 3, 3)
    first, second = corners[:, :, 1] - corners[:, :, 0], corners[:, :, 2] - corners[:, :, 0]
    normal = torch.linalg.cross(second, first)
    total = torch.zeros_like(vertices)
    for corner in range(3):
        total.index_add_(1, faces[:, corner], normal)
    return total / total.norm(dim=-1, keepdim=True).clamp(min=1e-9)
