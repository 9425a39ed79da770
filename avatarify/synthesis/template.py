"""The one grid that wraps every head, cast from the sculpture and slit at eyes and lips.

All identities share its topology, so a place on the skin is the same vertex, and the same texture
coordinate, on every head and in every frame. That is what makes flow between two renderings exact.
"""

import functools
import math
from typing import NamedTuple

import torch
from torch import Tensor

from avatarify.synthesis import sculpture

_EYE_ROW_HEIGHT = -0.3
_EYE_CORNERS = (1.72, 4.55)
_MOUTH_CORNER = 2.42
_FRONT_COLUMNS = 40
_SIDE_COLUMNS = 24


class Template(NamedTuple):
    """The neutral head, eyes and mouth closed, in head space (see `sculpture`)."""

    vertices: Tensor
    """(V, 3), centimetres."""

    faces: Tensor
    """(F, 3), int64, front-facing for `rasterize`."""

    coordinates: Tensor
    """(V, 2): column and row, each in 0..1."""

    side: Tensor
    """(V,): +1 on the upper and -1 on the lower edge of eyes and mouth, 0 elsewhere."""

    upper_lip: Tensor
    """(M,), int64: upper edge of the mouth from the viewer's left to right, corners included."""

    lower_lip: Tensor
    """(M,): the lower edge."""

    upper_lids: Tensor
    """(2, N): upper lid margins, viewer's left eye first, each from left to right."""

    lower_lids: Tensor
    """(2, N)."""

    grid: Tensor
    """(R, C), int64: the vertex of row and column, that of the upper edge where a slit is."""

    below: Tensor
    """(R, C): the same, but that of the lower edge."""


@functools.lru_cache(maxsize=1)
def template() -> Template:
    """Cast the sculpture once per run of the program."""
    origins, elevations, eye_row, mouth_row = _rows()
    angles = _columns()
    vertices = _cast(origins, elevations, angles)
    rows, columns = vertices.shape[:2]
    eyes, mouth = _slit_columns(vertices, eye_row, mouth_row)
    above = torch.arange(rows * columns).view(rows, columns)
    below = above.clone()
    flat = [vertices.reshape(-1, 3)]
    count = rows * columns
    slits = ((eye_row, eyes[0]), (eye_row, eyes[1]), (mouth_row, mouth))
    for row, (first, last) in slits:
        length = last - first - 1
        below[row, first + 1 : last] = torch.arange(count, count + length)
        flat.append(vertices[row, first + 1 : last])
        count += length
    grid_v, grid_u = torch.meshgrid(
        torch.linspace(0, 1, rows), torch.linspace(0, 1, columns), indexing="ij"
    )
    coordinates = torch.zeros(count, 2)
    side = torch.zeros(count)
    # Written twice on purpose: where there is no slit, both tables name the same vertex.
    for table, sign in ((below, -1.0), (above, 1.0)):
        coordinates[table] = torch.stack((grid_u, grid_v), dim=-1)
        for row, (first, last) in slits:
            side[table[row, first + 1 : last]] = sign
    return Template(
        vertices=torch.cat(flat),
        faces=_faces(above, below),
        coordinates=coordinates,
        side=side,
        upper_lip=above[mouth_row, mouth[0] : mouth[1] + 1],
        lower_lip=below[mouth_row, mouth[0] : mouth[1] + 1],
        upper_lids=torch.stack([above[eye_row, first : last + 1] for first, last in eyes]),
        lower_lids=torch.stack([below[eye_row, first : last + 1] for first, last in eyes]),
        grid=above,
        below=below,
    )


def _rows() -> tuple[Tensor, Tensor, int, int]:
    """Ray origins (R, 3) and elevations (R,) from the crown to the neck, and the two slit rows."""

    def between(start: float, end: float, step: float) -> Tensor:
        count = max(1, round(abs(end - start) / step))
        return torch.linspace(start, end, count + 1)[1:]

    crown = torch.linspace(math.pi / 2, 0, 25)
    heights = [between(4.0, 2.8, 0.3), between(2.8, _EYE_ROW_HEIGHT, 0.11)]
    eye_row = len(crown) + sum(map(len, heights)) - 1
    heights += [between(_EYE_ROW_HEIGHT, -1.6, 0.11), between(-1.6, -3.2, 0.2)]
    heights += [between(-3.2, sculpture.SEAM_HEIGHT, 0.11)]
    mouth_row = len(crown) + sum(map(len, heights)) - 1
    heights += [between(sculpture.SEAM_HEIGHT, -8.4, 0.1)]
    face = torch.cat(heights)
    chin = torch.linspace(0, -math.radians(50), 25)[1:]
    neck = torch.linspace(-8.4, -17.0, 12)[1:]
    y = torch.cat((torch.full((25,), 4.0), face, torch.full((24,), -8.4), neck))
    z = torch.cat((torch.full((25,), -0.5), torch.linspace(-0.5, 0, len(face)), torch.zeros(35)))
    elevations = torch.cat(
        (crown, torch.zeros(len(face)), chin, torch.full((11,), float(chin[-1])))
    )
    return torch.stack((torch.zeros_like(y), y, z), dim=1), elevations, eye_row, mouth_row


def _columns() -> Tensor:
    """(C,): angles around the vertical axis, dense in front, both ends at the back of the head."""
    front = torch.arange(_FRONT_COLUMNS + 1) * math.radians(1.08)
    share = torch.linspace(0, 1, _SIDE_COLUMNS + 1)[1:]
    step = math.radians(1.08) * _SIDE_COLUMNS
    side = front[-1] + step * share + (math.pi - front[-1] - step) * share.square()
    half = torch.cat((front, side))
    return torch.cat((-half.flip(0)[:-1], half))


def _cast(origins: Tensor, elevations: Tensor, angles: Tensor) -> Tensor:
    """March rays inwards until they meet the sculpture: (R, C, 3)."""
    level = elevations.cos()[:, None]
    directions = torch.stack(
        (
            angles.sin() * level,
            elevations.sin()[:, None].expand(-1, len(angles)),
            angles.cos() * level,
        ),
        dim=-1,
    )
    travelled = torch.full(directions.shape[:2], 22.0)
    for _ in range(70):
        points = origins[:, None] + travelled[..., None] * directions
        travelled = (travelled - 0.75 * sculpture.distance(points)).clamp(min=0.1)
    return origins[:, None] + travelled[..., None] * directions


def _slit_columns(
    vertices: Tensor, eye_row: int, mouth_row: int
) -> tuple[list[tuple[int, int]], tuple[int, int]]:
    """First and last column of both eyes (viewer's left first) and of the mouth."""
    last = vertices.shape[1] - 1
    eye = [int((vertices[eye_row, :, 0] - x).abs().argmin()) for x in _EYE_CORNERS]
    corner = int((vertices[mouth_row, :, 0] - _MOUTH_CORNER).abs().argmin())
    return [(last - eye[1], last - eye[0]), (eye[0], eye[1])], (last - corner, corner)


def _faces(above: Tensor, below: Tensor) -> Tensor:
    """Two triangles per cell; a cell's upper corners lie below a slit, its lower ones above."""
    top, bottom = below[:-1], above[1:]
    upper = torch.stack((top[:, :-1], top[:, 1:], bottom[:, :-1]), dim=-1)
    lower = torch.stack((top[:, 1:], bottom[:, 1:], bottom[:, :-1]), dim=-1)
    return torch.cat((upper.reshape(-1, 3), lower.reshape(-1, 3)))
