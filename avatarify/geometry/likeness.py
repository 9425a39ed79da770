"""How alike two faces stand and look, wherever and however large they are."""

import numpy as np
from numpy.typing import NDArray

from avatarify.geometry.face_motion import lip_gaps

_LIPS_WEIGHT = 1.0
"""Against the mean distance of all landmarks: an open mouth is the worst reference."""


def unlikeness(landmarks: NDArray[np.floating], other: NDArray[np.floating]) -> float:
    """Compare pose and expression of two faces; 0 for a face and itself, moved and scaled.

    Turns count, so that a face that looks as the other one does is the nearest. Lengths are in
    distances of the outer eye corners.

    Args:
        landmarks: (478, 3).
        other: (478, 3).
    """
    first, second = _upright(landmarks), _upright(other)
    distance = float(np.linalg.norm(first - second, axis=1).mean())
    gap = float(np.abs(lip_gaps(first) - lip_gaps(second)).mean())
    return distance + _LIPS_WEIGHT * gap


def most_alike(faces: NDArray[np.floating], other: NDArray[np.floating]) -> int:
    """Return the number of the face that is most like another one.

    Args:
        faces: (N, 478, 3), NaN where no face is seen; at least one is.
        other: (478, 3).
    """
    measured = [
        unlikeness(face, other) if np.isfinite(face).all() else float("inf") for face in faces
    ]
    return int(np.argmin(measured))


def _upright(landmarks: NDArray[np.floating]) -> NDArray[np.float64]:
    """Centre a face and scale it to unit distance of the eye corners in space."""
    points = np.asarray(landmarks, np.float64)
    return (points - points.mean(axis=0)) / max(
        float(np.linalg.norm(points[33] - points[263])), 1e-6
    )
