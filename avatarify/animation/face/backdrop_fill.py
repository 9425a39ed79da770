"""Filling holes in a picture: smoothly from afar, and by mirroring what lies around them.

The smooth fill is a pyramid (push and pull: Gortler, Grzeszczuk, Szeliski and Cohen, "The
Lumigraph", SIGGRAPH 1996): known pixels are averaged into ever smaller pictures, and holes take
their colour from the first level at which something is known.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from avatarify.geometry.nearest_known import nearest_known

Plane = NDArray[np.float32]
Colours = NDArray[np.float32]

_SMALLEST = 4


def pyramid_fill(colours: Colours, known: Plane) -> Colours:
    """Fill what is not known from what is.

    Args:
        colours: (H, W, C).
        known: (H, W) in [0, 1], how much each pixel counts; what has 1 stays as it is.

    Returns:
        (H, W, C).
    """
    weight = known[..., None]
    return _fill(colours * weight, known)


def _fill(weighted: Colours, weight: Plane) -> Colours:
    height, width = weight.shape
    own = weighted / np.maximum(weight, 1e-6)[..., None]
    if min(height, width) <= _SMALLEST or weight.min() >= 1.0:
        total = max(float(weight.sum()), 1e-6)
        mean = weighted.reshape(-1, weighted.shape[2]).sum(axis=0) / total
        return np.where(weight[..., None] > 1e-6, own, mean).astype(np.float32)
    smaller = cv2.pyrDown(np.dstack([weighted, weight]))
    gain = 1.0 / np.maximum(smaller[..., -1:], 1e-6)
    full = np.minimum(smaller[..., -1:] * 2.0, 1.0)
    below = _fill(smaller[..., :-1] * gain * full, full[..., 0])
    around = cv2.resize(below, (width, height), interpolation=cv2.INTER_CUBIC)
    around = around.reshape(weighted.shape)
    mixed = weight[..., None] * own + (1.0 - weight[..., None]) * around
    return mixed.astype(np.float32)


def mirrored_fill(colours: Colours, hole: NDArray[np.bool_]) -> tuple[Colours, Plane]:
    """Continue the surroundings into a hole as a mirror on its rim would.

    Args:
        colours: (H, W, C), any values in the hole.
        hole: (H, W).

    Returns:
        The picture with mirrored surroundings in the hole, and (H, W) in [0, 1], how far they can
        be trusted: 0 where the mirror shows the hole itself or what is beyond the picture, and
        along lines on which mirrors of two rims meet.
    """
    away, agree = _way_out(hole)
    height, width = hole.shape
    y, x = np.indices(hole.shape, np.float32)
    there_x, there_y = x + 2.0 * away[..., 0], y + 2.0 * away[..., 1]
    seen = cv2.remap(colours, there_x, there_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101)
    free = cv2.GaussianBlur((~hole).astype(np.float32), (0, 0), 1.0)
    trust = cv2.remap(free, there_x, there_y, cv2.INTER_LINEAR, borderValue=0)
    inside = (there_x >= 0) & (there_x < width) & (there_y >= 0) & (there_y < height)
    trust = np.clip(2.0 * trust - 1.0, 0.0, 1.0) * inside * agree
    return np.where(hole[..., None], seen.reshape(colours.shape), colours), trust


def _way_out(hole: NDArray[np.bool_]) -> tuple[Colours, Plane]:
    """(H, W, 2), from each pixel of a hole to the nearest one outside, smoothed, 0 outside.

    And (H, W) in [0, 1], how much neighbours agree about the direction.
    """
    nearest = nearest_known(~hole)[..., ::-1].astype(np.float32)
    y, x = np.indices(hole.shape, np.float32)
    way = np.asarray(nearest - np.stack([x, y], axis=2), np.float32)
    length = np.linalg.norm(way, axis=2)
    blur = 1.0 + 0.03 * float(length.max())
    smooth = np.asarray(cv2.GaussianBlur(way, (0, 0), blur), np.float32)
    usual = cv2.GaussianBlur(length, (0, 0), blur)
    share = np.linalg.norm(smooth, axis=2) / np.maximum(usual, 1e-3)
    smooth[~hole] = 0.0
    return smooth, np.clip((share - 0.75) / 0.2, 0.0, 1.0)
