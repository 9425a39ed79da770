"""A face whose points are known already, as saved motion has them."""

import functools
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from avatarify.geometry.average_face import average_face
from avatarify.tracking.face import Face, LiveFace
from avatarify.tracking.head_pose import head_transform

_EYES_APART_CM = 8.9
"""Between the outer corners of the eyes of an average head."""

_LOOKS_UP_DEG = 7.6
"""By the tracker's measure the average face looks up by so much: the mean over seven clips."""


def face_of_points(
    landmarks: NDArray[np.float32], blendshapes: NDArray[np.float32], size: tuple[int, int]
) -> Face:
    """Return the face with these points; its pose is that of the average head that fits them.

    Args:
        landmarks: (478, 3) in pixels of the picture.
        blendshapes: (52,), 0 to 1.
        size: (height, width) of the picture.
    """
    return Face(landmarks, blendshapes, head_transform(landmarks, size, _average_head()))


def live_face_of_points(
    landmarks: NDArray[np.float32],
    find_blendshapes: Callable[[], NDArray[np.float32]],
    size: tuple[int, int],
) -> Face:
    """Return the same face, whose expression and pose are found when they are asked for."""
    return LiveFace(
        landmarks, find_blendshapes, lambda: head_transform(landmarks, size, _average_head())
    )


@functools.lru_cache(maxsize=1)
def _average_head() -> NDArray[np.float32]:
    """Return (478, 3) in centimetres, y up, the face towards +z."""
    head = average_face() * _EYES_APART_CM * (1.0, -1.0, -1.0)
    up = np.radians(_LOOKS_UP_DEG)
    tilt = np.array([[1, 0, 0], [0, np.cos(up), np.sin(up)], [0, -np.sin(up), np.cos(up)]])
    return np.asarray(head @ tilt.T, np.float32)
