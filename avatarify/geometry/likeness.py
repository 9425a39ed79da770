"""How alike two faces stand and look, wherever and however large they are."""

import numpy as np
from numpy.typing import NDArray

from avatarify.geometry.face_mesh import EYES
from avatarify.geometry.face_motion import iris_place, lid_gap, lip_gaps

_LIDS_WEIGHT = 0.3
"""For eyes half as open as usual: against them every open eye would stare."""

_LIPS_WEIGHT = 1.0
"""Against the mean distance of all landmarks: an open mouth is the worst reference."""

_EYES_WEIGHT = 0.4
"""The same for irises and lids, in widths of an eye: 10 of 478 landmarks would hardly be heard, and
a reference that looks aside makes the portrait look aside whenever the driver does not."""


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
    return distance + _LIPS_WEIGHT * gap + _EYES_WEIGHT * _eyes_unlike(first, second)


def most_alike(faces: NDArray[np.floating], other: NDArray[np.floating]) -> int:
    """Return the number of the face that is most like another one, its eyes as open as they come.

    Args:
        faces: (N, 478, 3), NaN where no face is seen; at least one is.
        other: (478, 3).
    """
    is_seen = np.isfinite(faces).all(axis=(1, 2))
    opening = np.array(
        [_opening(face) if seen else 0.0 for face, seen in zip(faces, is_seen, strict=True)]
    )
    usual = float(np.quantile(opening[is_seen], 0.7))
    measured = [
        unlikeness(face, other) + _LIDS_WEIGHT * max(0.0, usual - eyes) / max(usual, 1e-6)
        if seen
        else float("inf")
        for face, seen, eyes in zip(faces, is_seen, opening, strict=True)
    ]
    return int(np.argmin(measured))


def _opening(landmarks: NDArray[np.floating]) -> float:
    """Return how wide the less open eye is, in widths of an eye."""
    return min(lid_gap(np.asarray(landmarks, np.float64), eye) for eye in EYES)


def _eyes_unlike(first: NDArray[np.floating], second: NDArray[np.floating]) -> float:
    gaze = [np.linalg.norm(iris_place(first, eye) - iris_place(second, eye)) for eye in EYES]
    lids = [abs(lid_gap(first, eye) - lid_gap(second, eye)) for eye in EYES]
    return float(np.mean(gaze) + np.mean(lids))


def _upright(landmarks: NDArray[np.floating]) -> NDArray[np.float64]:
    """Centre a face and scale it to unit distance of the eye corners in space."""
    points = np.asarray(landmarks, np.float64)
    return (points - points.mean(axis=0)) / max(
        float(np.linalg.norm(points[33] - points[263])), 1e-6
    )
