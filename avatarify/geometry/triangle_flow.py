"""From sparse to dense motion, with triangles for masks.

Each triangle is one first-order sparse motion, T(z) = s + J (z − d), with J the affine map between
its corners; its mask is the triangle itself. Triangles are drawn far to near, so that what is near
covers what is far (FOMM, arXiv 2003.00196, equations 4 and 6, with hard masks).
"""

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.floating]

_SUBPIXEL_BITS = 4
SMALLEST_AREA = 0.3
"""Triangles that cover less of the picture, in half square pixels, are not drawn: their neighbours
cover the line that they are. Shut lips are full of them."""

CRACK_BLUR = 2.0
"""Sigma of the neighbourhood from which cracks between triangles are filled, in grid points."""


@dataclass(frozen=True, slots=True, eq=False)
class TriangleFlow:
    """A dense backward flow on a coarse grid, with the masks it was made from."""

    source: NDArray[np.float32]
    """(h, w, 2), where to look in the portrait: (x, y) in pixels, 0 its upper left corner."""

    label: NDArray[np.int32]
    """(h, w), the number of the triangle that holds here, -1 for none."""


def affine_maps(source: Points, moved: Points) -> NDArray[np.float32]:
    """Return (T, 6): for each triangle the map from the picture back to the portrait.

    A row (a, b, c, d, e, f) maps (x, y) to (a x + b y + c, d x + e y + f). Triangles without area
    in the picture get the constant map to their first corner.

    Args:
        source: (T, 3, 2), corners in the portrait.
        moved: (T, 3, 2 or 3), corners in the picture; their depth does not count.
    """
    (x, y), (first_x, first_y), (second_x, second_y) = _edges(moved[:, :, :2])
    area = first_x * second_y - first_y * second_x
    inverse = np.where(np.abs(area) > SMALLEST_AREA, 1.0 / np.where(area == 0, 1.0, area), 0.0)
    maps = np.empty((len(source), 6), np.float32)
    for row, start, to_first, to_second in zip((0, 3), *_edges(source), strict=True):
        along_x = (to_first * second_y - to_second * first_y) * inverse
        along_y = (to_second * first_x - to_first * second_x) * inverse
        maps[:, row], maps[:, row + 1] = along_x, along_y
        maps[:, row + 2] = start - (along_x * x + along_y * y)
    return maps


def _edges(corners: Points) -> NDArray[np.float64]:
    """Return (3, 2, T), (x, y) of triangles' first corners and of the ways to the others."""
    edges = np.array(corners.transpose(1, 2, 0), np.float64, order="C")
    edges[1:] -= edges[0]
    return edges


def draw_flow(
    triangles: NDArray[np.int32],
    source: Points,
    moved: Points,
    shape: tuple[int, int],
    *,
    offset: tuple[float, float] = (0.0, 0.0),
    step: float = 2.0,
) -> TriangleFlow:
    """Draw all triangles into a grid, far to near.

    Args:
        triangles: (T, 3), corner numbers.
        source: (V, 2) or (V, 3), corners in the portrait, in pixels.
        moved: (V, 3), corners in the picture (x, y) in pixels and depth, less is nearer.
        shape: (h, w) of the grid.
        offset: (x, y) of the grid's upper left corner in the picture.
        step: Pixels of the picture between two grid points; the first lies half a step inside.
    """
    corners = moved[triangles]
    label = draw_labels(corners, shape, offset=offset, step=step)
    maps = affine_maps(source[triangles][:, :, :2], corners)
    return TriangleFlow(look_up(maps, label, offset, step), label)


def draw_labels(
    corners: Points,
    shape: tuple[int, int],
    *,
    offset: tuple[float, float] = (0.0, 0.0),
    step: float = 2.0,
) -> NDArray[np.int32]:
    """Draw the numbers of triangles into a grid, far to near.

    Args:
        corners: (T, 3, 3), in the picture (x, y) in pixels and depth, less is nearer.
        shape: (h, w) of the grid.
        offset: (x, y) of the grid's upper left corner in the picture.
        step: Pixels of the picture between two grid points; the first lies half a step inside.

    Returns:
        (h, w), the number of the triangle that holds there, -1 for none.
    """
    grid = ((corners[:, :, :2] - np.asarray(offset)) / step - 0.5) * (1 << _SUBPIXEL_BITS)
    fixed = np.round(np.clip(grid, -30000, 30000)).astype(np.int32)
    order = drawn_far_to_near(corners)
    order = order[_can_reach(fixed, shape)[order]]
    label = np.full(shape, -1, np.int32)
    fill = cv2.fillConvexPoly
    for number, corners_of_one in zip(order.tolist(), fixed[order], strict=True):
        fill(label, corners_of_one, number, cv2.LINE_8, _SUBPIXEL_BITS)
    return label


def drawn_far_to_near(corners: Points) -> NDArray[np.int64]:
    """Return the numbers of the triangles that have area, in the order in which they are drawn.

    Args:
        corners: (T, 3, 3), in the picture (x, y) in pixels and depth, less is nearer.
    """
    _, (first_x, first_y), (second_x, second_y) = _edges(corners[:, :, :2])
    has_area = np.abs(first_x * second_y - first_y * second_x) > SMALLEST_AREA
    order = np.argsort(-corners[:, :, 2].sum(axis=1), kind="stable")
    return order[has_area[order]]


def _can_reach(fixed: NDArray[np.int32], shape: tuple[int, int]) -> NDArray[np.bool_]:
    """Return (T,), whether a triangle can reach the grid."""
    can = np.ones(len(fixed), np.bool_)
    for axis, size in ((0, shape[1]), (1, shape[0])):
        one, two, three = fixed[:, :, axis].T
        can &= np.maximum(np.maximum(one, two), three) >= 0
        can &= np.minimum(np.minimum(one, two), three) <= size << _SUBPIXEL_BITS
    return can


def look_up(
    maps: NDArray[np.float32], label: NDArray[np.int32], offset: tuple[float, float], step: float
) -> NDArray[np.float32]:
    """Return (h, w, 2), where each grid point looks by the map of its triangle.

    Args:
        maps: (T, 6), as `affine_maps` gives them.
        label: (h, w), numbers of triangles; points of none get the mean of their neighbours.
        offset: (x, y) of the grid's upper left corner in the picture.
        step: Pixels of the picture between two grid points.
    """
    height, width = label.shape
    at = label.view(np.int16).reshape(height, width, 2)
    along_x, along_y, flow = (_picked(table, at) for table in _grid_tables(maps, offset, step))
    along_x *= _columns(width)
    along_y *= np.arange(height, dtype=np.float32)[:, None]
    along_x += along_y
    flow += along_x
    return _without_cracks(flow.reshape(height, width, 2), label)


def _picked(table: NDArray[np.float32], at: NDArray[np.int16]) -> NDArray[np.float32]:
    """Return (h, 2 w), a row of a table (T, 2) for each point of a grid.

    `cv2.remap` picks faster than numpy does, and two float32 at once if told that they are a
    float64. A label below 32768 is a place in the table's only row, if its halves are taken for
    (x, y); -1 lies outside, and gets the first pair.
    """
    row = table.view(np.float64).reshape(1, -1)
    picked = cv2.remap(row, at, None, cv2.INTER_NEAREST, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(picked).view(np.float32)


def grid_maps(
    maps: NDArray[np.float32], offset: tuple[float, float], step: float
) -> NDArray[np.float32]:
    """Return (T, 6), maps from column and row of a grid instead of places in the picture.

    Args:
        maps: (T, 6), as `affine_maps` gives them.
        offset: (x, y) of the grid's upper left corner in the picture.
        step: Pixels of the picture between two grid points; the first lies half a step inside.
    """
    return np.ascontiguousarray(_grid_tables(maps, offset, step).transpose(1, 2, 0)).reshape(-1, 6)


def _grid_tables(
    maps: NDArray[np.float32], offset: tuple[float, float], step: float
) -> NDArray[np.float32]:
    """Return `grid_maps` as (3, T, 2): factors of column and row, and what is added, for (x, y)."""
    x, y = np.asarray(offset) + step / 2
    tables = np.array(maps.reshape(-1, 2, 3).transpose(2, 0, 1), np.float64, order="C")
    tables[2] += tables[0] * x + tables[1] * y
    tables[:2] *= step
    return tables.astype(np.float32)


@lru_cache(maxsize=4)
def _columns(width: int) -> NDArray[np.float32]:
    """Return (2 width,), not to be written to: the column of each x and y of a row of a flow."""
    columns = np.repeat(np.arange(width, dtype=np.float32), 2)
    columns.setflags(write=False)
    return columns


def _without_cracks(flow: NDArray[np.float32], label: NDArray[np.int32]) -> NDArray[np.float32]:
    """Give pixels between triangles the mean of their neighbours."""
    if label.min() >= 0:
        return flow
    is_crack = label < 0
    seen = (~is_crack).astype(np.float32)
    weight = cv2.GaussianBlur(seen, (0, 0), CRACK_BLUR)
    near = cv2.GaussianBlur(flow * seen[..., None], (0, 0), CRACK_BLUR)
    flow[is_crack] = near[is_crack] / np.maximum(weight[is_crack], 1e-6)[:, None]
    return flow
