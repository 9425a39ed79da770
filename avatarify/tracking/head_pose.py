"""Where a head is and how it is turned, from its points: a rigid fit of the average head.

The result follows mediapipe's convention (see `Face.transform`), and its habit of taking a part of
a head's place in the picture for a turn, which `Face.yaw_deg` and `Face.pitch_deg` take out again.
"""

import numpy as np
from numpy.typing import NDArray

from avatarify.tracking.face import PITCH_PER_ELEVATION, YAW_PER_AZIMUTH
from avatarify.tracking.landmark_crops import STEADY_POINTS, Points

_FIELD_OF_VIEW_DEG = 63.0
"""Of the picture's height, as mediapipe assumes it."""

_STEADY = np.array(STEADY_POINTS)
_UPRIGHT = np.array([1.0, -1.0, -1.0])
"""From the picture's axes (y down, depth away) to the head's (y up, z towards the viewer)."""

Matrix = NDArray[np.float64]


def head_transform(
    points: Points, image_size: tuple[int, int], head: Points
) -> NDArray[np.float32]:
    """Fit the average head to a face.

    Args:
        points: (478, 3), in pixels of the picture.
        image_size: (height, width) of the picture.
        head: (478, 3), the average head in centimetres, y up, the face towards +z.

    Returns:
        (4, 4), from the head to the camera; see `Face.transform`.
    """
    model = head[_STEADY].astype(np.float64)
    seen = points[_STEADY].astype(np.float64) * _UPRIGHT
    scale, rotation, shift = rigid_fit(model, seen)
    height, width = image_size
    focal = height / 2.0 / np.tan(np.radians(_FIELD_OF_VIEW_DEG / 2.0))
    away = focal / scale
    x = (shift[0] - width / 2.0) / scale
    y = (shift[1] + height / 2.0) / scale
    transform = np.eye(4)
    transform[:3, :3] = _as_seen(rotation, x, y, away)
    transform[:3, 3] = (x, y, -away)
    return transform.astype(np.float32)


def rigid_fit(model: Matrix, seen: Matrix) -> tuple[float, Matrix, Matrix]:
    """Return scale s, rotation R and shift t with seen ≈ s R model + t (Umeyama, 1991).

    Args:
        model: (N, 3).
        seen: (N, 3).
    """
    middle, goal = model.mean(axis=0), seen.mean(axis=0)
    away = model - middle
    left, strength, right = np.linalg.svd((seen - goal).T @ away)
    signs = np.array([1.0, 1.0, np.sign(np.linalg.det(left @ right))])
    rotation = (left * signs) @ right
    scale = float((strength * signs).sum() / (away**2).sum())
    return scale, rotation, goal - scale * rotation @ middle


def _as_seen(rotation: Matrix, x: float, y: float, away: float) -> Matrix:
    """Turn a head as mediapipe would report it at this place: a little less towards the side."""
    yaw = -YAW_PER_AZIMUTH * np.arctan2(x, away)
    pitch = -PITCH_PER_ELEVATION * np.arctan2(y, np.hypot(x, away))
    aside = np.array([[np.cos(yaw), 0, np.sin(yaw)], [0, 1, 0], [-np.sin(yaw), 0, np.cos(yaw)]])
    up = np.array(
        [[1, 0, 0], [0, np.cos(pitch), np.sin(pitch)], [0, -np.sin(pitch), np.cos(pitch)]]
    )
    return np.asarray(aside @ up @ rotation)
