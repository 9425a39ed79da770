"""A picture to see whether the virtual camera reaches the call app, without any avatar."""

import cv2
import numpy as np

from avatarify.frames import Image

BAR_COLOURS = (
    (192, 192, 192),
    (192, 192, 0),
    (0, 192, 192),
    (0, 192, 0),
    (192, 0, 192),
    (192, 0, 0),
    (0, 0, 192),
)
"""RGB of the seven vertical bars, from left to right (75 % colour bars)."""

_FRAMES_PER_SWEEP = 90


def draw_test_pattern(height: int, width: int, index: int) -> Image:
    """Draw colour bars, the product's name, and a mark that shows that the picture is live.

    Args:
        height: Pixels.
        width: Pixels.
        index: The frame's number; the mark crosses the lower fifth once in 90 frames.

    Returns:
        RGB, uint8, (height, width, 3).
    """
    bar_of_column = np.arange(width) * len(BAR_COLOURS) // width
    row = np.array(BAR_COLOURS, np.uint8)[bar_of_column]
    image = np.broadcast_to(row, (height, width, 3)).copy()
    image[height * 4 // 5 :] = 16
    _draw_mark(image, index)
    _draw_name(image)
    return image


def _draw_mark(image: Image, index: int) -> None:
    height, width = image.shape[:2]
    mark_width = max(2, width // 20)
    left = (width - mark_width) * (index % _FRAMES_PER_SWEEP) // (_FRAMES_PER_SWEEP - 1)
    image[height * 4 // 5 :, left : left + mark_width] = 235


def _draw_name(image: Image) -> None:
    height, width = image.shape[:2]
    scale = height / 360
    text, font, thickness = "Avatarify test", cv2.FONT_HERSHEY_SIMPLEX, max(1, round(2 * scale))
    (text_width, text_height), _ = cv2.getTextSize(text, font, scale, thickness)
    origin = ((width - text_width) // 2, (height + text_height) // 2)
    cv2.putText(image, text, origin, font, scale, (16, 16, 16), thickness, cv2.LINE_AA)
