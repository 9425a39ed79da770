"""The outline of an eye's opening as smooth lines, and weights for what goes with its lids."""

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from avatarify.geometry.face_mesh import EyeIndices

Points = NDArray[np.floating]


class EyeLines(NamedTuple):
    """Both lids' margins, from the outer corner to the inner one."""

    upper: Points
    """(N, 2), (x, y) in pixels."""
    lower: Points
    """(N, 2); the first and the last point are those of `upper`."""


def eye_lines(landmarks: Points, eye: EyeIndices) -> EyeLines:
    """Return the landmarks of an eye's two margins, corners included.

    Args:
        landmarks: (478, 2) or (478, 3).
        eye: Which eye.
    """
    upper, lower = landmarks[_margins(eye), :2]
    return EyeLines(upper, lower)


@lru_cache(maxsize=4)
def _margins(eye: EyeIndices) -> NDArray[np.intp]:
    """Return (2, 9), the numbers of the landmarks of both margins, not to be written to."""
    margins = np.array([[eye.outer, *lid, eye.inner] for lid in (eye.upper, eye.lower)])
    margins.setflags(write=False)
    return margins


def smoothing_matrix(count: int, pieces: int) -> NDArray[np.float64]:
    """Return ((count − 1) · pieces + 1, count): a Catmull-Rom spline through points, as weights.

    The line passes through its points; beyond its ends they are mirrored, so that it ends straight.

    Args:
        count: How many points, 2 at least.
        pieces: How many parts of the line between two of them.
    """
    points = np.eye(count)
    padded = np.vstack([2 * points[0] - points[1], points, 2 * points[-1] - points[-2]])
    t = (np.arange(pieces) / pieces)[:, None]
    rows = []
    for i in range(count - 1):
        a, b, c, d = padded[i : i + 4]
        rows.append(
            b
            + t * (c - a) / 2
            + t**2 * (2 * a - 5 * b + 4 * c - d) / 2
            + t**3 * (3 * b - a - 3 * c + d) / 2
        )
    return np.vstack([*rows, points[-1:]])


def hat_weights(at: Points, knots: Points) -> NDArray[np.float64]:
    """Return (N, K), the weights of linear interpolation between knots; constant beyond the ends.

    Args:
        at: (N,), where to interpolate.
        knots: (K,), in ascending order.
    """
    knots = np.maximum.accumulate(knots + 1e-6 * np.arange(len(knots)))
    inside = np.clip(at, knots[0], knots[-1])
    right = np.clip(np.searchsorted(knots, inside, side="right"), 1, len(knots) - 1)
    share = (inside - knots[right - 1]) / (knots[right] - knots[right - 1])
    weights = np.zeros((len(at), len(knots)))
    rows = np.arange(len(at))
    weights[rows, right - 1] = 1.0 - share
    weights[rows, right] = share
    return weights


class MarginAtRest:
    """One margin in the portrait, to which it is compared when it has moved.

    Points slide along a margin when lids shut; what lies beside the margin does not slide with
    them. So heights are compared at equal parts of the way between the corners.
    """

    def __init__(self, line: Points) -> None:
        """Take a margin (N, 2), from corner to corner."""
        self._start = line[0]
        self._width = max(float(np.linalg.norm(line[-1] - line[0])), 1e-9)
        axis = (line[-1] - line[0]) / self._width
        self._axes = np.stack([axis, [-axis[1], axis[0]]], axis=1)
        self._apart = 1e-6 * np.arange(len(line))
        along, self._height = ((line - line[0]) @ self._axes).T
        self._part = np.maximum.accumulate(along / self._width) + self._apart

    def ways(self, moved: Points) -> NDArray[np.float64]:
        """Return (N, 2), how far the margin went at the places of its points.

        Args:
            moved: (N, 2), where its points went.
        """
        along, height = ((moved - self._start) @ self._axes).T
        slide, span = along[0], max(along[-1] - along[0], 1e-9)
        part = np.maximum.accumulate((along - slide) / span) + self._apart
        steps = np.empty((len(moved), 2))
        steps[:, 0] = slide + self._part * (span - self._width)
        steps[:, 1] = np.interp(self._part, part, height) - self._height
        return steps @ self._axes.T


def falling(values: Points, start: float, end: float) -> NDArray[np.float32]:
    """Return 1 up to `start`, 0 from `end` on, and a smooth step between (3 t² − 2 t³ down)."""
    t = np.clip((values - start) / (end - start), 0.0, 1.0)
    return (1.0 - t * t * (3.0 - 2.0 * t)).astype(np.float32)
