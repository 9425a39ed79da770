"""How alike two pictures are, and how near two faces."""

from collections.abc import Iterable

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from avatarify.frames import Image
from avatarify.tracking.face import Face
from avatarify.training.losses import structural_similarity

COMPARED_SIZE = 256
"""Side, in pixels, at which pictures are compared and landmark distances are given."""

OUTER_LIPS = (
    61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291, 409, 270, 269, 267, 0, 37, 39, 40, 185,
)  # fmt: skip
"""Landmarks around the mouth, in order."""

INNER_LIPS = (
    78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308, 324, 318, 402, 317, 14, 87, 178, 88, 95,
)  # fmt: skip
"""Landmarks around its opening, in order."""

LIPS = OUTER_LIPS + INNER_LIPS

SEEN_SIZE = 512
"""Side, in pixels, of the squares in which faces are looked for: all faces of an evaluation are in
pixels of these, whatever size a method paints."""

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
    """Return the mean distance of the landmarks (AKD), in pixels at 256²."""
    return _mean_distance_px(left.landmarks[:, :2], right.landmarks[:, :2])


def lips_distance_px(left: Face, right: Face) -> float:
    """Return the mean distance of the lips' landmarks in pixels at 256².

    Their common shift is taken out: where the mouth is belongs to the head, what it does stays.
    """
    lips = list(LIPS)
    a, b = left.landmarks[lips, :2], right.landmarks[lips, :2]
    return _mean_distance_px(a - a.mean(axis=0), b - b.mean(axis=0))


def mean_of(values: Iterable[float]) -> float | None:
    """Return the mean, or None of nothing."""
    known = list(values)
    return float(np.mean(known)) if known else None


def _mean_distance_px(left: NDArray[np.floating], right: NDArray[np.floating]) -> float:
    mean = np.linalg.norm(left - right, axis=1).mean()
    return float(mean) * COMPARED_SIZE / SEEN_SIZE


def _unit(picture: Image) -> NDArray[np.float32]:
    return picture.astype(np.float32) / np.float32(255.0)


def _tensor(picture: Image) -> torch.Tensor:
    return torch.from_numpy(_unit(picture)).permute(2, 0, 1)[None]
