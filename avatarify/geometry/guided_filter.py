"""Smoothing that keeps the edges of another picture (He, Sun and Tang, ECCV 2010).

Around each pixel the output is taken to be a linear function of the guide, out = a · guide + b, so
that it has an edge only where the guide has one. The matte of a portrait is drawn to hair this way.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

Plane = NDArray[np.float32]


def guided_filter(
    guide: Plane, source: Plane, radius: int, smoothness: float, stride: int = 1
) -> Plane:
    """Smooth `source` within the edges of `guide`.

    Args:
        guide: (H, W), or (H, W, 3) for colours, in [0, 1].
        source: (H, W).
        radius: Windows are squares of 2 · radius + 1 pixels.
        smoothness: The paper's ε: variances of the guide well below it count as flat.
        stride: The linear functions are found on copies smaller by this (He and Sun, "Fast Guided
            Filter", 2015): with a radius of four pixels or more, 2 looks the same in half the time.

    Returns:
        (H, W), the average of a · guide + b over the windows of each pixel (equations 5, 6, 8; 14
        and 15 of the journal version for colours).

    Raises:
        ValueError: Guide and source differ in size.
    """
    if guide.shape[:2] != source.shape:
        raise ValueError(f"A guide of {guide.shape[:2]} cannot guide {source.shape}.")
    full = np.atleast_3d(guide).astype(np.float32)
    channels, values = _reduced(full, stride), _reduced(source.astype(np.float32), stride)
    radius = max(1, radius // stride)
    mean, mean_source = _box(channels, radius), _box(values, radius)
    covariance = _box(channels * values[..., None], radius) - mean * mean_source[..., None]
    slope = _solve(_variance(channels, mean, radius), covariance, smoothness)
    offset = _box(mean_source - (slope * mean).sum(axis=2), radius)
    slope, offset = _enlarged(_box(slope, radius), full), _enlarged(offset, full)
    return (slope.reshape(full.shape) * full).sum(axis=2) + offset


def _reduced(values: Plane, stride: int) -> Plane:
    if stride == 1:
        return values
    size = (max(1, values.shape[1] // stride), max(1, values.shape[0] // stride))
    small = cv2.resize(values, size, interpolation=cv2.INTER_AREA)
    return small.reshape(size[1], size[0], *values.shape[2:]).astype(np.float32)


def _enlarged(values: Plane, like: Plane) -> Plane:
    if values.shape[:2] == like.shape[:2]:
        return values
    size = (like.shape[1], like.shape[0])
    return cv2.resize(values, size, interpolation=cv2.INTER_LINEAR).astype(np.float32)


def _box(values: Plane, radius: int) -> Plane:
    side = 2 * radius + 1
    blurred = cv2.blur(values, (side, side), borderType=cv2.BORDER_REFLECT)
    return blurred.reshape(values.shape).astype(np.float32, copy=False)


def _variance(channels: Plane, mean: Plane, radius: int) -> dict[tuple[int, int], Plane]:
    """Covariances of the guide's channels in each window, those of row ≤ column."""
    count = channels.shape[2]
    return {
        (i, j): _box(channels[..., i] * channels[..., j], radius) - mean[..., i] * mean[..., j]
        for i in range(count)
        for j in range(i, count)
    }


def _solve(variance: dict[tuple[int, int], Plane], right: Plane, smoothness: float) -> Plane:
    """Solve (Σ + ε 1) a = covariance in each pixel, for one channel or three.

    In double precision: a grey picture's three channels make the matrix all but singular.
    """
    eps = np.float32(smoothness)
    if right.shape[2] == 1:
        return right / (variance[0, 0] + eps)[..., None]
    exact = {key: value.astype(np.float64) for key, value in variance.items()}
    rr, gg, bb = (exact[i, i] + eps for i in range(3))
    rg, rb, gb = exact[0, 1], exact[0, 2], exact[1, 2]
    c00, c01, c02 = gg * bb - gb * gb, rb * gb - rg * bb, rg * gb - rb * gg
    c11, c12, c22 = rr * bb - rb * rb, rg * rb - rr * gb, rr * gg - rg * rg
    determinant = rr * c00 + rg * c01 + rb * c02
    x, y, z = right[..., 0], right[..., 1], right[..., 2]
    solved = (c00 * x + c01 * y + c02 * z, c01 * x + c11 * y + c12 * z, c02 * x + c12 * y + c22 * z)
    return (np.stack(solved, axis=2) / determinant[..., None]).astype(np.float32)
