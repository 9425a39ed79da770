"""Wide Gaussian blurs, made on a small copy: what they leave has no detail to lose."""

from typing import TypeVar

import cv2
import numpy as np

Image = TypeVar("Image", bound=np.ndarray)

_SMALL_SIGMA = 4.0
"""Sigma of a wide blur on the small copy, in its pixels; narrower ones need no copy."""


def widely_blurred(image: Image, sigma: float) -> Image:
    """Blur an image (H, W, C) by a Gaussian, as if it were mirrored at its edges.

    Args:
        image: uint8 or float32.
        sigma: Of the Gaussian, in pixels.
    """
    height, width = image.shape[:2]
    shrink = max(1.0, sigma / _SMALL_SIGMA)
    size = max(1, round(width / shrink)), max(1, round(height / shrink))
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    small = cv2.GaussianBlur(small, (0, 0), sigma / shrink, borderType=cv2.BORDER_REFLECT)
    return np.asarray(cv2.resize(small, (width, height)), image.dtype)  # type: ignore[return-value]
