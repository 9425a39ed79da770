"""Pictures bent so that a face's points go where others lie; what is around the face follows."""

import cv2
import numpy as np
from numpy.typing import NDArray

from avatarify.frames import Image
from avatarify.geometry.face_mesh import MESH_COUNT, face_triangles
from avatarify.geometry.triangle_flow import draw_flow

Points = NDArray[np.float64]

_STEP = 2
"""Pixels between two points of the flow."""


def bend(picture: Image, points: Points, goal: Points) -> Image:
    """Carry a face's triangles to other places by affine maps.

    Args:
        picture: (S, S, 3), S even.
        points: (478, 3), the face's, in pixels; depth decides which triangle hides another one.
        goal: (478, 3), where they are in the result.

    Returns:
        (S, S, 3); beyond its edges the picture's edges go on.
    """
    shape = picture.shape[0] // _STEP, picture.shape[1] // _STEP
    flow = draw_flow(face_triangles(), points[:MESH_COUNT], goal[:MESH_COUNT], shape, step=_STEP)
    own = (_STEP * (np.indices(shape)[::-1].transpose(1, 2, 0) + 0.5)).astype(np.float32)
    way = _continued(flow.source - own, (flow.label >= 0).astype(np.float32))
    source = cv2.resize(own + way, (picture.shape[1], picture.shape[0]))
    border = cv2.BORDER_REPLICATE
    bent = cv2.remap(picture, source - 0.5, None, cv2.INTER_LINEAR, borderMode=border)
    return np.asarray(bent, np.uint8)


def _continued(way: NDArray[np.float32], known: NDArray[np.float32]) -> NDArray[np.float32]:
    """Let a face's surroundings go with what is near: coarser means fill what finer ones lack.

    Args:
        way: (h, w, 2).
        known: (h, w), 1 where it holds, 0 where not.

    Returns:
        (h, w, 2).
    """
    share = known[..., None]
    if min(known.shape) < 2 or known.all():
        return way
    size = (-(-known.shape[1] // 2), -(-known.shape[0] // 2))
    weight = cv2.resize(known, size, interpolation=cv2.INTER_AREA)
    sums = cv2.resize(way * share, size, interpolation=cv2.INTER_AREA)
    means = np.asarray(sums / np.maximum(weight, 1e-6)[..., None], np.float32)
    coarse = _continued(means, (weight > 0.0).astype(np.float32))
    smooth = cv2.resize(coarse, (known.shape[1], known.shape[0]))
    return np.asarray(share * way + (1.0 - share) * smooth, np.float32)
