"""Frames that a clip has few of and users look at most: closed lids, open mouths.

A blink is in three frames of a hundred; drawn evenly, a short training hardly meets one.
"""

import numpy as np
from numpy.typing import NDArray

LIDS = ((159, 145, 33, 133), (386, 374, 362, 263))
"""mediapipe's upper and lower lid and the corners, of each eye."""

LIPS = (13, 14, 61, 291)
"""Upper and lower lip inside, and the corners of the mouth."""

SHARE = 0.06
"""Of a clip's frames, for each trait."""


def rare_frames(landmarks: NDArray[np.float32]) -> NDArray[np.int64]:
    """Return the frames with the most closed lids and those with the most open mouth.

    Args:
        landmarks: (N, L, 2), mediapipe's.

    Returns:
        (R,), indices in rising order, R at least 1.
    """
    count = max(1, round(SHARE * len(landmarks)))
    lids = np.minimum(*(_opening(landmarks, eye) for eye in LIDS))
    lips = _opening(landmarks, LIPS)
    return np.union1d(np.argsort(lids)[:count], np.argsort(-lips)[:count])


def _opening(
    landmarks: NDArray[np.float32], points: tuple[int, int, int, int]
) -> NDArray[np.float32]:
    """Return height over width of an eye or mouth in each frame."""
    upper, lower, left, right = points
    height = np.linalg.norm(landmarks[:, upper] - landmarks[:, lower], axis=1)
    width = np.linalg.norm(landmarks[:, left] - landmarks[:, right], axis=1)
    opening: NDArray[np.float32] = height / np.maximum(width, 1e-6)
    return opening
