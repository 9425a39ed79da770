"""From sparse to dense motion, with triangles for masks.

Each triangle is one first-order sparse motion, T(z) = s + J (z − d), with J the affine map between
its corners; its mask is the triangle itself. Triangles are drawn far to near, so that what is near
covers what is far (FOMM, arXiv 2003.00196, equations 4 and 6, with hard masks).
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.floating]

_SUBPIXEL_BITS = 4
_SMALLEST_AREA = 0.3
"""Triangles that cover less of the picture, in half square pixels, are not drawn: their neighbours
cover the line that they are. Shut lips are full of them."""


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
        moved: (T, 3, 2), corners in the picture.
    """
    source, moved = source.astype(np.float64), moved.astype(np.float64)
    first, second = moved[:, 1] - moved[:, 0], moved[:, 2] - moved[:, 0]
    area = _doubled_area(moved)
    inverse = np.where(np.abs(area) > _SMALLEST_AREA, 1.0 / np.where(area == 0, 1.0, area), 0.0)
    to_first = source[:, 1] - source[:, 0]
    to_second = source[:, 2] - source[:, 0]
    maps = np.empty((len(source), 2, 3))
    maps[:, :, 0] = (to_first * second[:, 1:] - to_second * first[:, 1:]) * inverse[:, None]
    maps[:, :, 1] = (to_second * first[:, :1] - to_first * second[:, :1]) * inverse[:, None]
    carried = maps[:, :, 0] * moved[:, 0, :1] + maps[:, :, 1] * moved[:, 0, 1:]
    maps[:, :, 2] = source[:, 0] - carried
    return maps.reshape(-1, 6).astype(np.float32)


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
    grid = ((corners[:, :, :2] - np.asarray(offset)) / step - 0.5) * (1 << _SUBPIXEL_BITS)
    corners_fixed = np.round(np.clip(grid, -30000, 30000)).astype(np.int32)
    height, width = shape
    low, high = corners_fixed.min(axis=1), corners_fixed.max(axis=1)
    limit = np.array([width, height]) << _SUBPIXEL_BITS
    is_seen = ((high >= 0) & (low <= limit)).all(axis=1)
    is_seen &= np.abs(_doubled_area(corners[:, :, :2])) > _SMALLEST_AREA
    order = np.argsort(-corners[:, :, 2].mean(axis=1), kind="stable")
    label = np.full(shape, -1, np.float32)
    fill = cv2.fillConvexPoly
    for number in order[is_seen[order]].tolist():
        fill(label, corners_fixed[number], number, cv2.LINE_8, _SUBPIXEL_BITS)
    maps = affine_maps(source[triangles][:, :, :2], corners[:, :, :2])
    numbers = label.astype(np.int32)
    return TriangleFlow(look_up(maps, numbers, offset, step), numbers)


def _doubled_area(corners: Points) -> Points:
    """Return (T,), twice the signed area of triangles (T, 3, 2)."""
    first, second = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    return first[:, 0] * second[:, 1] - first[:, 1] * second[:, 0]


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
    x = (np.arange(width, dtype=np.float32) + 0.5) * step + offset[0]
    y = (np.arange(height, dtype=np.float32)[:, None] + 0.5) * step + offset[1]
    rows = np.take(maps, label, axis=0)  # -1 takes the last; mended below
    flow = np.empty((height, width, 2), np.float32)
    flow[..., 0] = rows[..., 0] * x + rows[..., 1] * y + rows[..., 2]
    flow[..., 1] = rows[..., 3] * x + rows[..., 4] * y + rows[..., 5]
    return _without_cracks(flow, label)


def _without_cracks(flow: NDArray[np.float32], label: NDArray[np.int32]) -> NDArray[np.float32]:
    """Give pixels between triangles the mean of their neighbours."""
    is_crack = label < 0
    if not is_crack.any():
        return flow
    seen = (~is_crack).astype(np.float32)
    weight = cv2.GaussianBlur(seen, (0, 0), 2)
    near = cv2.GaussianBlur(flow * seen[..., None], (0, 0), 2)
    flow[is_crack] = near[is_crack] / np.maximum(weight[is_crack], 1e-6)[:, None]
    return flow
