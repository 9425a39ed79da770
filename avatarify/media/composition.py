"""Arranging pictures: beside each other, in a frame of another shape, mirrored, turned."""

from collections.abc import Sequence
from enum import StrEnum

import cv2
import numpy as np

from avatarify.frames import Image

_BLURRED_SIDE = 48  # the background is blurred at this size, where it costs nothing
_BLUR_SIGMA = 2.5
_BLUR_BRIGHTNESS = 0.6

_TURNS = {
    90: cv2.ROTATE_90_CLOCKWISE,
    180: cv2.ROTATE_180,
    270: cv2.ROTATE_90_COUNTERCLOCKWISE,
}


class Letterbox(StrEnum):
    """How a picture is put into a frame of another shape."""

    FIT = "fit"
    """All of it is seen, black beside it."""

    FILL = "fill"
    """It covers the frame; what does not fit is cut off evenly at both sides."""

    BLUR = "blur"
    """All of it is seen, in front of itself: enlarged, blurred and darkened."""


def letterbox(
    image: Image,
    size: tuple[int, int],
    mode: Letterbox = Letterbox.FIT,
    sides: tuple[int, int, int] | None = None,
) -> Image:
    """Put a picture into a frame without distorting it.

    Args:
        image: RGB, uint8, (H, W, 3).
        size: (height, width) of the frame.
        mode: What happens where the shapes differ.
        sides: RGB of what is beside the picture, whatever the mode; None leaves it to the mode.

    Returns:
        RGB, uint8, (*size, 3), contiguous.
    """
    if image.shape[:2] == size:
        return np.ascontiguousarray(image)
    if mode is Letterbox.FILL:
        return _fill(image, size)
    front = _resize(image, _within(image, size))
    if mode is Letterbox.BLUR and sides is None:
        frame = _blurred(image, size)
    else:
        frame = np.full((*size, 3), sides or (0, 0, 0), np.uint8)
    top = (size[0] - front.shape[0]) // 2
    left = (size[1] - front.shape[1]) // 2
    frame[top : top + front.shape[0], left : left + front.shape[1]] = front
    return frame


def side_by_side(images: Sequence[Image], height: int) -> Image:
    """Put pictures in a row, each scaled to one height.

    Args:
        images: At least one, RGB, uint8, (H, W, 3) each.
        height: Of the row, in pixels.

    Returns:
        RGB, uint8, (height, sum of the scaled widths, 3), contiguous.
    """
    row = [
        _resize(image, (height, max(1, round(image.shape[1] * height / image.shape[0]))))
        for image in images
    ]
    return np.ascontiguousarray(np.hstack(row))


def mirror(image: Image) -> Image:
    """Swap left and right."""
    return np.asarray(cv2.flip(image, 1), dtype=np.uint8)


def rotate(image: Image, degrees: int) -> Image:
    """Turn a picture clockwise.

    Args:
        image: RGB, uint8, (H, W, 3).
        degrees: 0, 90, 180 or 270.

    Returns:
        RGB, uint8, contiguous; (W, H, 3) after a quarter turn.
    """
    if degrees == 0:
        return image
    return np.asarray(cv2.rotate(image, _TURNS[degrees]), dtype=np.uint8)


def _within(image: Image, size: tuple[int, int]) -> tuple[int, int]:
    ratio = min(size[0] / image.shape[0], size[1] / image.shape[1])
    return max(1, round(image.shape[0] * ratio)), max(1, round(image.shape[1] * ratio))


def _fill(image: Image, size: tuple[int, int]) -> Image:
    height, width = image.shape[:2]
    ratio = max(size[0] / height, size[1] / width)
    kept = min(height, max(1, round(size[0] / ratio))), min(width, max(1, round(size[1] / ratio)))
    top, left = (height - kept[0]) // 2, (width - kept[1]) // 2
    return _resize(image[top : top + kept[0], left : left + kept[1]], size)


def _blurred(image: Image, size: tuple[int, int]) -> Image:
    longest = max(size)
    small = max(1, _BLURRED_SIDE * size[0] // longest), max(1, _BLURRED_SIDE * size[1] // longest)
    background = cv2.GaussianBlur(_fill(image, small), (0, 0), _BLUR_SIGMA)
    background = cv2.convertScaleAbs(background, alpha=_BLUR_BRIGHTNESS)
    enlarged = cv2.resize(background, (size[1], size[0]), interpolation=cv2.INTER_LINEAR)
    return enlarged.astype(np.uint8, copy=False)


def _resize(image: Image, size: tuple[int, int]) -> Image:
    if image.shape[:2] == size:
        return np.ascontiguousarray(image)
    shrinks = size[0] < image.shape[0]
    interpolation = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    resized = cv2.resize(image, (size[1], size[0]), interpolation=interpolation)
    return resized.astype(np.uint8, copy=False)
