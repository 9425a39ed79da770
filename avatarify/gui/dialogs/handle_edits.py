"""What the user did to a face's handles, and can undo."""

import numpy as np
from numpy.typing import NDArray

from avatarify.geometry.landmark_handles import LandmarkBend

Places = NDArray[np.float64]

SMALLEST = 0.05
"""A face is not made smaller than this part of itself in one go."""


class HandleEdits:
    """The handles of one face while they are edited; knows nothing of pixels on a screen."""

    def __init__(self, landmarks: NDArray[np.floating]) -> None:
        """Begin with a face.

        Args:
            landmarks: (478, 3) in pixels of its picture.
        """
        self._bend = LandmarkBend(landmarks)
        self._before: list[Places] = []
        self._begun: Places | None = None
        self.places = self._bend.places.copy()
        """(K, 2), where the handles are now."""
        self.landmarks = self._bend(self.places)
        """(478, 3), the face now."""

    @property
    def can_undo(self) -> bool:
        """Whether anything was changed."""
        return bool(self._before)

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Left, top, right and bottom around the face."""
        low, high = self.landmarks[:, :2].min(axis=0), self.landmarks[:, :2].max(axis=0)
        return float(low[0]), float(low[1]), float(high[0]), float(high[1])

    def begin(self) -> None:
        """Let the changes that follow be one step, until `end`."""
        self._begun = self.places.copy()

    def end(self) -> bool:
        """Finish a step; returns whether it changed anything."""
        begun, self._begun = self._begun, None
        if begun is None or np.array_equal(begun, self.places):
            return False
        self._before.append(begun)
        return True

    def move(self, handle: int, x: float, y: float) -> None:
        """Put one handle somewhere."""
        self.places[handle] = (x, y)
        self._update()

    def shift(self, right: float, down: float) -> None:
        """Move the whole face."""
        self.places += (right, down)
        self._update()

    def stretch(
        self, across: float, down: float, about: tuple[float, float], start: Places
    ) -> None:
        """Make the whole face wider and taller.

        Args:
            across: Factor of its width; never below `SMALLEST`.
            down: Factor of its height.
            about: The point that stays, (x, y).
            start: (K, 2), the handles that the factors are meant for.
        """
        factors = np.maximum((across, down), SMALLEST)
        self.places = np.array(about) + (start - about) * factors
        self._update()

    def undo(self) -> None:
        """Take the last step back."""
        if self._before:
            self.places = self._before.pop()
            self._update()

    def reset(self) -> None:
        """Go back to the face as it came; can be undone as well."""
        self.begin()
        self.places = self._bend.places.copy()
        self.end()
        self._update()

    def _update(self) -> None:
        self.landmarks = self._bend(self.places)
