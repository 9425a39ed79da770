"""The average head in mediapipe's coordinates, from faces whose transform it told."""

import numpy as np
from numpy.typing import NDArray

_HALF_VIEW = np.tan(np.radians(63.0 / 2.0))


def average_head(
    points: NDArray[np.float32], poses: NDArray[np.float32], picture_height: float
) -> NDArray[np.float32]:
    """Turn each face back by its transform and average.

    A camera far away sees a point of the head h at s (R h + t), s being pixels per centimetre. The
    depth of mediapipe's points is relative to an unknown plane; where it lies follows from heads
    that turn: it is the depth for which they agree best on where their middle is.

    Args:
        points: (N, 478, 3), in pixels of square pictures.
        poses: (N, 4, 4), mediapipe's transform of each.
        picture_height: Of these pictures, in pixels.

    Returns:
        (478, 3), in centimetres, y up, the face towards +z.
    """
    rotations = poses[:, :3, :3].astype(np.float64)
    shifts = poses[:, :3, 3].astype(np.float64)
    scale = picture_height / 2.0 / _HALF_VIEW / -shifts[:, 2]
    seen = (points - (picture_height / 2.0, picture_height / 2.0, 0.0)) * (1.0, -1.0, -1.0)
    seen = seen / scale[:, None, None]
    seen[:, :, :2] -= shifts[:, None, :2]
    turned = np.einsum("nji,nkj->nki", rotations, seen)
    axes = rotations[:, 2, :]  # where the viewer's axis lies in each head
    depth = _plane(turned.mean(axis=1), axes)
    head = np.median(turned + depth * axes[:, None, :], axis=0)
    return head.astype(np.float32)


def _plane(middles: NDArray[np.float64], axes: NDArray[np.float64]) -> float:
    """Return the depth d for which middle + d axis varies least over the heads."""
    away, turn = middles - middles.mean(axis=0), axes - axes.mean(axis=0)
    return -float((away * turn).sum() / (turn**2).sum())
