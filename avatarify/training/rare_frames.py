"""Which frames a clip has few of, and which look like a portrait.

A blink is in three frames of a hundred and a broad smile in fewer; drawn evenly, a short training
hardly meets one. What users look at most are just these, seen from a portrait at rest.
"""

import numpy as np
from numpy.typing import NDArray

LIDS = ((159, 145, 33, 133), (386, 374, 362, 263))
"""mediapipe's upper and lower lid and the corners, of each eye."""

LIPS = (13, 14, 61, 291)
"""Upper and lower lip inside, and the corners of the mouth."""

OUTER_CORNERS = (33, 263)
"""Of the eyes: their distance is the face's own measure."""

SHARE = 0.06
"""Of a clip's frames, for each trait."""


def rare_frames(landmarks: NDArray[np.float32]) -> NDArray[np.int64]:
    """Return the frames with the most closed lids and the most open, widest and narrowest mouths.

    Args:
        landmarks: (N, L, 2), mediapipe's.

    Returns:
        (R,), indices in rising order, R at least 1.
    """
    width = _mouth_width(landmarks)
    traits = (_lids(landmarks), -_opening(landmarks, LIPS), width, -width)
    count = max(1, round(SHARE * len(landmarks)))
    return np.unique(np.concatenate([np.argsort(trait)[:count] for trait in traits]))


def calm_frames(landmarks: NDArray[np.float32]) -> NDArray[np.int64]:
    """Return the frames with lids more open and lips more closed than in most others.

    Args:
        landmarks: (N, L, 2), mediapipe's.

    Returns:
        (R,), indices in rising order, R at least 1.
    """
    lids, lips = _lids(landmarks), _opening(landmarks, LIPS)
    is_calm = (lids >= np.quantile(lids, 0.4)) & (lips <= np.quantile(lips, 0.4))
    calm = np.flatnonzero(is_calm)
    return calm if len(calm) else np.arange(len(landmarks))


def _lids(landmarks: NDArray[np.float32]) -> NDArray[np.floating]:
    """Return how open the more closed eye is in each frame."""
    lids: NDArray[np.floating] = np.minimum(*(_opening(landmarks, eye) for eye in LIDS))
    return lids


def _opening(
    landmarks: NDArray[np.float32], points: tuple[int, int, int, int]
) -> NDArray[np.floating]:
    """Return height over width of an eye or mouth in each frame."""
    upper, lower, left, right = points
    return _ratio(_distance(landmarks, upper, lower), _distance(landmarks, left, right))


def _mouth_width(landmarks: NDArray[np.float32]) -> NDArray[np.floating]:
    """Return the mouth's width over that of the eyes in each frame."""
    return _ratio(_distance(landmarks, *LIPS[2:]), _distance(landmarks, *OUTER_CORNERS))


def _ratio(part: NDArray[np.floating], whole: NDArray[np.floating]) -> NDArray[np.floating]:
    ratio: NDArray[np.floating] = part / np.maximum(whole, 1e-6)
    return ratio


def _distance(landmarks: NDArray[np.float32], first: int, second: int) -> NDArray[np.floating]:
    distance: NDArray[np.floating] = np.linalg.norm(
        landmarks[:, first] - landmarks[:, second], axis=1
    )
    return distance
