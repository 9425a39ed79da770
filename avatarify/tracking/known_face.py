"""A face whose points are known already, as saved motion has them."""

import numpy as np
from numpy.typing import NDArray

from avatarify.geometry.face_mesh import CHIN, EYES, FOREHEAD
from avatarify.tracking.face import Face

_EYES_APART_CM = 8.9
"""Between the outer corners of the eyes of an average head."""

_FIELD_OF_VIEW_DEG = 63.0
"""Of the picture's height, as the tracker assumes it; see `Face.transform`."""


def face_of_points(
    landmarks: NDArray[np.float32], blendshapes: NDArray[np.float32], size: tuple[int, int]
) -> Face:
    """Return the face with these points; its pose is read from eye corners, forehead and chin.

    Args:
        landmarks: (478, 3) in pixels of the picture.
        blendshapes: (52,), 0 to 1.
        size: (height, width) of the picture.
    """
    points = landmarks.astype(np.float64)
    across = points[EYES[1].outer] - points[EYES[0].outer]
    down = points[CHIN] - points[FOREHEAD]
    unit = max(float(np.linalg.norm(across)), 1e-6)
    right = across / unit
    down = down - (down @ right) * right
    down = down / max(float(np.linalg.norm(down)), 1e-9)
    axes = np.stack([right, -down, -np.cross(right, down)], axis=1)  # y up, z to the viewer
    flip = np.array([1.0, -1.0, -1.0])
    transform = np.eye(4, dtype=np.float32)
    transform[:3, :3] = flip[:, None] * axes
    per_pixel = _EYES_APART_CM / unit
    focal = size[0] / 2 / np.tan(np.radians(_FIELD_OF_VIEW_DEG / 2))
    middle = points[:, :2].mean(axis=0) - (size[1] / 2, size[0] / 2)
    transform[:3, 3] = (middle[0] * per_pixel, -middle[1] * per_pixel, -focal * per_pixel)
    return Face(landmarks, blendshapes, transform)
