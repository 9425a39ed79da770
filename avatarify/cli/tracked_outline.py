"""Landmarks of rendered heads as a face tracker would see them.

The renderer knows exactly where lids, lips and irises are. What it calls the outline of a face lies
under the jaw and in the hair, where a tracker sees the rim of the cheek: a driver's points and an
avatar's must mean the same, so the outline and all depth are the tracker's.
"""

import numpy as np
from numpy.typing import NDArray

from avatarify.errors import FaceNotFoundError
from avatarify.frames import Image
from avatarify.geometry.face_mesh import EYES, LIPS
from avatarify.tracking.landmarker import FaceLandmarker

_REACH = 0.25
"""How far skin goes along with lids and lips, in distances of the outer eye corners."""

_EXACT = sorted({*LIPS, *(place for eye in EYES for place in (*eye.loop, eye.iris, *eye.rim))})


def as_tracked(
    picture: Image, exact: NDArray[np.float32], landmarker: FaceLandmarker
) -> NDArray[np.float32]:
    """Return the tracker's landmarks with the renderer's lids, lips and irises.

    Args:
        picture: RGB (H, W, 3), rendered.
        exact: (478, 3), the renderer's landmarks.
        landmarker: In image mode.

    Raises:
        FaceNotFoundError: The tracker sees no face.
    """
    face = landmarker.find(picture)
    if face is None:
        raise FaceNotFoundError("The face tracker sees no face in a rendered avatar.")
    landmarks = face.landmarks.copy()
    landmarks[:, :2] += _carried(landmarks[:, :2], exact[_EXACT, :2] - landmarks[_EXACT, :2])
    landmarks[_EXACT, :2] = exact[_EXACT, :2]
    return landmarks


def _carried(points: NDArray[np.float32], way: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return (478, 2), how far skin goes along with the exact points near it, so none is folded."""
    anchors = points[_EXACT]
    unit = float(np.linalg.norm(points[EYES[0].outer] - points[EYES[1].outer]))
    distance = np.linalg.norm(points[:, None] - anchors[None], axis=2) / (_REACH * unit)
    near = np.exp(-(distance**2))
    share = near.max(axis=1, keepdims=True)
    carried = share * (near @ way) / np.maximum(near.sum(axis=1, keepdims=True), 1e-6)
    return np.asarray(carried, np.float32)
