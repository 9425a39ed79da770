"""Places the landmarks of all frames in one picture, though clip or camera may change its shape.

A face moves little between two frames. So where the pictures change, or are turned otherwise, the
face goes on at the place and in the size where it was seen last.
"""

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float32]


class PlacedFace:
    """Follows one face through all the shapes of a stream."""

    def __init__(self) -> None:
        """Begin before the first picture."""
        self.size: tuple[int, int] | None = None
        """(height, width) of the first picture, in which all faces are placed."""
        self._shape: tuple[tuple[int, int], int] | None = None
        self._scale, self._shift = 1.0, np.zeros(2)
        self._last: Points | None = None

    def place(self, landmarks: Points | None, size: tuple[int, int], turn: int) -> Points | None:
        """Return the landmarks of a picture's face where they belong.

        Args:
            landmarks: (478, 3) in pixels of this picture, or None where no face is seen.
            size: (height, width) of this picture.
            turn: By how many degrees it had been turned.

        Returns:
            (478, 3) in pixels of the first picture; None where no face is seen.
        """
        self.size = self.size or size
        if landmarks is None:
            return None
        if (size, turn) != self._shape:
            self._go_on(landmarks, self.size, size)
            self._shape = (size, turn)
        self._last = self.as_now(landmarks)
        return self._last

    def as_now(self, landmarks: Points) -> Points:
        """Return landmarks of an earlier picture of the present shape where they belong."""
        if self._scale == 1.0 and not self._shift.any():
            return landmarks
        placed = self._scale * landmarks
        placed[:, :2] += self._shift
        return placed.astype(np.float32)

    def _go_on(self, landmarks: Points, first: tuple[int, int], size: tuple[int, int]) -> None:
        if self._last is None:
            self._scale = min(first[0] / size[0], first[1] / size[1])
            middle, wanted = np.array(size[::-1]) / 2, np.array(first[::-1]) / 2
        else:
            middle, wanted = landmarks[:, :2].mean(axis=0), self._last[:, :2].mean(axis=0)
            self._scale = _spread(self._last) / max(_spread(landmarks), 1e-6)
        self._shift = wanted - self._scale * middle


def _spread(landmarks: Points) -> float:
    return float(np.std(landmarks[:, :2], axis=0).sum())
