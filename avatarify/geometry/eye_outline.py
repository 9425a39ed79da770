"""The outline of an eye's opening as smooth lines, and weights for what goes with its lids."""

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
    return EyeLines(
        landmarks[[eye.outer, *eye.upper, eye.inner], :2],
        landmarks[[eye.outer, *eye.lower, eye.inner], :2],
    )


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


def falling(values: Points, start: float, end: float) -> NDArray[np.float32]:
    """Return 1 up to `start`, 0 from `end` on, and a smooth step between (3 t² − 2 t³ down)."""
    t = np.clip((values - start) / (end - start), 0.0, 1.0)
    return (1.0 - t * t * (3.0 - 2.0 * t)).astype(np.float32)
