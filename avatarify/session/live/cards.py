"""Neutral pictures that this program draws itself: shown where there is no avatar to show."""

import cv2
import numpy as np

from avatarify.frames import Image

CARD_SIZE = (720, 1280)
"""(height, width) of a card before it is framed for the output."""

_BACKGROUND = (38, 42, 51)
_BRIGHT = (236, 239, 244)
_DIM = (150, 158, 172)


def card(text: str) -> Image:
    """Draw a calm card: the program's name and what it waits for.

    Args:
        text: A few ASCII words.

    Returns:
        RGB (720, 1280, 3).
    """
    height, width = CARD_SIZE
    image = np.full((height, width, 3), _BACKGROUND, np.uint8)
    _write(image, "Avatarify", height // 2 - 20, 2.4, _BRIGHT)
    _write(image, text, height // 2 + 60, 1.1, _DIM)
    return image


class Badge:
    """The words "AI avatar" for a lower left corner, drawn once and pasted often."""

    def __init__(self, height: int) -> None:
        """Draw the badge.

        Args:
            height: Of the pictures it is for, in pixels.
        """
        scale = max(0.4, height / 800)
        thickness = max(1, round(2 * scale))
        font = cv2.FONT_HERSHEY_SIMPLEX
        (wide, tall), _ = cv2.getTextSize("AI avatar", font, scale, thickness)
        self._margin = max(4, height // 60)
        plate = np.zeros((tall + 2 * self._margin, wide + 2 * self._margin, 3), np.uint8)
        corner = (self._margin, tall + self._margin)
        cv2.putText(plate, "AI avatar", corner, font, scale, _BRIGHT, thickness, cv2.LINE_AA)
        self._plate = plate

    def paste(self, image: Image) -> None:
        """Draw the badge onto a picture of the height it is for, in place.

        Args:
            image: RGB (H, W, 3); one that is too narrow shows as much as fits.
        """
        bottom = image.shape[0] - self._margin
        corner = image[bottom - self._plate.shape[0] : bottom, self._margin :]
        corner = corner[:, : self._plate.shape[1]]
        words = self._plate[:, : corner.shape[1]]
        corner[:] = cv2.add(cv2.convertScaleAbs(corner, alpha=0.35), words)


def _write(
    image: Image, text: str, baseline: int, scale: float, color: tuple[int, int, int]
) -> None:
    """Write a centred line into the image."""
    thickness = max(1, round(scale * 1.3))
    (wide, _), _ = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, scale, thickness)
    corner = ((image.shape[1] - wide) // 2, baseline)
    cv2.putText(image, text, corner, cv2.FONT_HERSHEY_SIMPLEX, scale, color, thickness, cv2.LINE_AA)
