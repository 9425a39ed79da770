"""A slanted triangle before a wall, drawn into a grid as a face is."""

import numpy as np

from avatarify.geometry.silhouette import Surfaces
from avatarify.geometry.triangle_flow import affine_maps, draw_labels, look_up

LEFT, TOP, STEP = 6.0, 4.0, 2
SHAPE = (40, 50)

FRONT = ((30.0, 10.0), (93.0, 31.0), (21.0, 78.0))
"""Its corners in the picture, in pixels; no edge is level."""

_AWAY = 300.0
"""How far from one another the front and the wall look."""


def triangle_before_wall(hidden: np.ndarray | None = None) -> tuple[Surfaces, np.ndarray]:
    """Return the surfaces, and where each cell of their grid looks (h, w, 2)."""
    wall = np.array([[(-200, -200), (400, -200), (-200, 400)]], np.float64)
    wall = np.concatenate([wall, [[(400, -200), (400, 400), (-200, 400)]]])
    plane = np.concatenate([np.array([FRONT]), wall])
    depth = np.array([0.0, 50.0, 50.0]).repeat(3).reshape(3, 3, 1)
    corners = np.concatenate([plane, depth], axis=2)
    source = plane.copy()
    source[0] += _AWAY
    label = draw_labels(corners, SHAPE, offset=(LEFT, TOP), step=STEP)
    maps = affine_maps(source, corners)
    places = look_up(maps, label, (LEFT, TOP), STEP)
    return Surfaces(label, corners, maps, LEFT, TOP, 1, hidden), places


def pixels() -> np.ndarray:
    """Return (H, W, 2), the centres of the grid's pixels in the picture."""
    y, x = np.mgrid[: STEP * SHAPE[0], : STEP * SHAPE[1]] + 0.5
    return np.dstack([x + LEFT, y + TOP])


def in_front(places: np.ndarray) -> np.ndarray:
    """Return (H, W), whether pixels look where the front's do; 0 is an edge."""
    return np.linalg.norm(places - pixels() - _AWAY, axis=2) < 1e-2


def beyond_edge_px() -> np.ndarray:
    """Return (H, W), how far outside of the front pixels are, in pixels; less than 0 inside."""
    at, corners = pixels(), np.array(FRONT)
    sides = []
    for one, other in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        along = (other - one) / np.linalg.norm(other - one)
        sides.append((at - one) @ np.array([along[1], -along[0]]))
    return np.max(sides, axis=0)
