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


def draw_badge(image: Image) -> Image:
    """Copy a picture and write "AI avatar" into its lower left corner.

    Args:
        image: RGB (H, W, 3).

    Returns:
        The picture with the badge, of the same size.
    """
    badged = image.copy()
    height = badged.shape[0]
    scale = max(0.4, height / 800)
    thickness = max(1, round(2 * scale))
    (wide, tall), _ = cv2.getTextSize("AI avatar", cv2.FONT_HERSHEY_SIMPLEX, scale, thickness)
    margin = max(4, height // 60)
    top = height - tall - 3 * margin
    plate = badged[top : height - margin, margin : wide + 3 * margin]
    plate[:] = (plate * 0.35).astype(np.uint8)
    corner = (2 * margin, height - 2 * margin)
    cv2.putText(
        badged, "AI avatar", corner, cv2.FONT_HERSHEY_SIMPLEX, scale, _BRIGHT, thickness,
        cv2.LINE_AA,
    )  # fmt: skip
    return badged


def _write(
    image: Image, text: str, baseline: int, scale: float, color: tuple[int, int, int]
) -> None:
    """Write a centred line into the image."""
    thickness = max(1, round(scale * 1.3))
    (wide, _), _ = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, scale, thickness)
    corner = ((image.shape[1] - wide) // 2, baseline)
    cv2.putText(image, text, corner, cv2.FONT_HERSHEY_SIMPLEX, scale, color, thickness, cv2.LINE_AA)
