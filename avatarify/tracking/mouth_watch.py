"""Notices a mouth that never opens: a mask or a hand lets every tracker draw shut lips.

Over clips in which people talk the gap between the lips reaches 0.065 of the face's height and
more; with a mask or a hand drawn over the mouth 0.011 to 0.025.
"""

import numpy as np
from numpy.typing import NDArray

from avatarify.tracking.face import Face

OPENS = 0.035
"""Gap between the lips, over the face's height, from which a mouth has been open."""

PATIENCE_S = 40.0
"""Seconds of a face, live, after which a mouth should have opened: listeners are patient too."""

SHUT_MOUTH = (
    "Your mouth has not opened yet, so the avatar's stays shut. If you have talked, take off what "
    "covers it: a mask, a hand, a microphone."
)

_UPPER_LIP, _LOWER_LIP = 13, 14

_LONGEST_STEP_S = 0.5
"""Between two frames; a longer pause does not count."""


def opens(landmarks: NDArray[np.floating]) -> bool:
    """Whether a mouth is open in at least one of fifty of a clip's frames.

    Args:
        landmarks: (N, 478, 3), of the frames with a face.
    """
    gaps = np.linalg.norm(landmarks[:, _UPPER_LIP, :2] - landmarks[:, _LOWER_LIP, :2], axis=1)
    heights = np.ptp(landmarks[:, :, 1], axis=1)
    return bool(np.percentile(gaps / np.maximum(heights, 1e-6), 98) > OPENS)


class MouthWatch:
    """Sees every tracked frame of one person."""

    def __init__(self) -> None:
        """Start with a mouth of which nothing is known."""
        self._seen_s = 0.0
        self._last_s: float | None = None
        self._was_open = self._has_opened = self._has_told = False

    def update(self, face: Face | None, time_s: float) -> str | None:
        """Take the next frame.

        Args:
            face: The driver's, if it is seen.
            time_s: When the frame was taken.

        Returns:
            What to tell, empty to take it back, or None when nothing changes.
        """
        if face is None or self._has_opened:
            self._last_s = None
            return None
        if self._last_s is not None and 0.0 < time_s - self._last_s < _LONGEST_STEP_S:
            self._seen_s += time_s - self._last_s
        self._last_s = time_s
        is_open = face.lips_apart > OPENS
        if is_open and self._was_open:  # twice in a row: no tremble of the tracker
            self._has_opened = True
            return "" if self._has_told else None
        self._was_open = is_open
        if self._seen_s >= PATIENCE_S and not self._has_told:
            self._has_told = True
            return SHUT_MOUTH
        return None
