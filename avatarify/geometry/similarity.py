"""Similarity transforms between sets of points in space: the motion of a rigid head."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.floating]


class Similarity(NamedTuple):
    """x ↦ scale · rotation · x + shift."""

    scale: float
    rotation: Points
    """(3, 3), proper."""
    shift: Points
    """(3,)."""

    def apply(self, points: Points) -> Points:
        """Map points (..., 3)."""
        return self.scale * points @ self.rotation.T + self.shift

    def undo(self, points: Points) -> Points:
        """Map points (..., 3) back."""
        return (points - self.shift) @ self.rotation / self.scale


def fit_similarity(start: Points, end: Points) -> Similarity:
    """Return the similarity that carries `start` nearest to `end` in the least-squares sense.

    Umeyama, "Least-Squares Estimation of Transformation Parameters Between Two Point Patterns",
    PAMI 1991, equations 39 to 42.

    Args:
        start: (N, 3), N ≥ 3, not all on one line.
        end: (N, 3).

    Raises:
        ValueError: The points are not finite or lie all in one place.
    """
    if not (np.isfinite(start).all() and np.isfinite(end).all()):
        raise ValueError("points must be finite")
    start_mean, end_mean = start.mean(axis=0), end.mean(axis=0)
    centred = start - start_mean
    variance = float((centred**2).sum())
    if variance <= 0:
        raise ValueError("points must not all lie in one place")
    left, stretch, right = np.linalg.svd((end - end_mean).T @ centred)
    sign = np.array([1.0, 1.0, -1.0 if _determinant(left @ right) < 0.0 else 1.0])
    rotation = (left * sign) @ right
    scale = float((stretch * sign).sum()) / variance
    return Similarity(scale, rotation, end_mean - scale * rotation @ start_mean)


def _determinant(matrix: Points) -> float:
    """Of (3, 3): a tenth of the time of NumPy's, which asks LAPACK."""
    (a, b, c), (d, e, f), (g, h, i) = matrix.tolist()
    return float(a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g))


def rotation_vector(rotation: Points) -> Points:
    """Return (3,): the axis of a rotation (3, 3), as long as its angle in radians, below π."""
    (a, b, c), (d, e, f), (g, h, i) = rotation.tolist()
    angle = math.acos(min(max((a + e + i - 1.0) / 2.0, -1.0), 1.0))
    factor = 0.5 if angle < 1e-6 else angle / (2.0 * max(math.sin(angle), 1e-9))
    return factor * np.array([h - f, c - g, d - b])


def rotation_from_vector(vector: Points) -> Points:
    """Return (3, 3), the rotation about an axis by the axis's length in radians (Rodrigues)."""
    x, y, z = vector.tolist()
    angle = math.sqrt(x * x + y * y + z * z)
    if angle < 1e-9:
        return np.array([[1.0, -z, y], [z, 1.0, -x], [-y, x, 1.0]])
    x, y, z, sine, cosine = x / angle, y / angle, z / angle, math.sin(angle), math.cos(angle)
    rest = 1.0 - cosine
    return np.array(
        [
            [cosine + rest * x * x, rest * x * y - sine * z, rest * x * z + sine * y],
            [rest * x * y + sine * z, cosine + rest * y * y, rest * y * z - sine * x],
            [rest * x * z - sine * y, rest * y * z + sine * x, cosine + rest * z * z],
        ]
    )


def length_of(vector: Points) -> float:
    """Return how long a vector (N,) is: in less than half of the time of NumPy's norm."""
    return math.sqrt(float(vector @ vector))
