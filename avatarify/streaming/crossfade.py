"""Easing from one picture to another, so that viewers see no cut."""

import cv2
import numpy as np

from avatarify.frames import Image

FADE_S = 0.35
"""How long the output takes from one scene to the next."""


class Crossfade:
    """Blends what was shown into what shall be shown."""

    def __init__(self, duration_s: float = FADE_S) -> None:
        """Start with nothing to fade from.

        Args:
            duration_s: Time from the old picture to the new one.
        """
        self._duration_s = duration_s
        self._old: Image | None = None
        self._began_s = 0.0

    def is_active(self, now_s: float) -> bool:
        """Whether the old picture can still be seen."""
        return self._old is not None and now_s < self._began_s + self._duration_s

    def begin(self, old: Image, now_s: float) -> None:
        """Fade out `old` from now on."""
        self._old, self._began_s = old, now_s

    def cut(self) -> None:
        """Forget the old picture at once."""
        self._old = None

    def apply(self, new: Image, now_s: float) -> Image:
        """The picture to show now.

        Args:
            new: (H, W, 3), what shall be shown.
            now_s: The time.

        Returns:
            `new` itself once the fade is over, else a blend of the same size.
        """
        if self._old is None or not self.is_active(now_s) or self._old.shape != new.shape:
            self._old = None
            return new
        elapsed = max(0.0, (now_s - self._began_s) / self._duration_s)
        share = elapsed * elapsed * (3 - 2 * elapsed)
        blend = cv2.addWeighted(new, share, self._old, 1 - share, 0.0)
        return np.ascontiguousarray(blend, dtype=np.uint8)
