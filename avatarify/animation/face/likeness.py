"""Whether two ways of painting paint the same."""

import cv2

from avatarify.frames import Image

_LEAST_PSNR_DB = 40.0
"""Of a picture to the one that it should be, as of all ways of running a network."""


def unlike(picture: Image, expected: Image) -> str | None:
    """Return how a picture differs from the one that it should be; None if it does not, to the eye.

    Args:
        picture: RGB (H, W, 3).
        expected: RGB (H, W, 3).
    """
    if picture.shape != expected.shape:
        return f"it painted a picture of {picture.shape}"
    psnr_db = cv2.PSNR(picture, expected)
    if psnr_db >= _LEAST_PSNR_DB:
        return None
    return f"it painted something else ({psnr_db:.0f} dB, {_LEAST_PSNR_DB:.0f} are asked)"
