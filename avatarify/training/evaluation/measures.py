"""How alike two pictures are, and how near two faces."""

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from avatarify.frames import Image
from avatarify.tracking.face import Face
from avatarify.training.losses import structural_similarity

COMPARED_SIZE = 256
"""Side, in pixels, at which pictures are compared and landmark distances are given."""

_LARGEST_PSNR_DB = 99.0


def shrink(picture: Image, side: int = COMPARED_SIZE) -> Image:
    """Scale a square picture by area means."""
    if picture.shape[:2] == (side, side):
        return picture
    interpolation = cv2.INTER_AREA if picture.shape[0] > side else cv2.INTER_CUBIC
    resized = cv2.resize(picture, (side, side), interpolation=interpolation)
    return np.ascontiguousarray(resized, dtype=np.uint8)


def mean_absolute_difference(left: Image, right: Image) -> float:
    """Return the mean of |left - right|, 0 to 1."""
    return float(np.abs(_unit(left) - _unit(right)).mean())


def peak_signal_to_noise_db(left: Image, right: Image) -> float:
    """Return 10 log₁₀ (1 / mean squared difference), at most 99."""
    squared = float(((_unit(left) - _unit(right)) ** 2).mean())
    return min(_LARGEST_PSNR_DB, -10.0 * float(np.log10(max(squared, 1e-12))))


def similarity(left: Image, right: Image) -> float:
    """Return SSIM, 1 for equal pictures."""
    return float(structural_similarity(_tensor(left), _tensor(right)))


def keypoint_distance_px(left: Face, right: Face) -> float:
    """Return the mean distance of the landmarks, in the pictures' pixels (AKD)."""
    way = left.landmarks[:, :2] - right.landmarks[:, :2]
    return float(np.linalg.norm(way, axis=1).mean())


def _unit(picture: Image) -> NDArray[np.float32]:
    return picture.astype(np.float32) / np.float32(255.0)


def _tensor(picture: Image) -> torch.Tensor:
    return torch.from_numpy(_unit(picture)).permute(2, 0, 1)[None]
