"""How far a pixel is from the person and from the room, when every edge on the way costs.

A smooth wall is reached from the picture's border without crossing an edge, however its brightness
falls off; hair is not (geodesic segmentation: Bai and Sapiro, ICCV 2007).
"""

import numpy as np
from numpy.typing import NDArray

Plane = NDArray[np.float32]

_SWEEPS = 6


def reach(seeds: NDArray[np.bool_], cost: Plane) -> Plane:
    """Return (H, W), the cost of the cheapest way from the nearest seed, along rows and columns.

    Args:
        seeds: (H, W), where ways begin.
        cost: (H, W), at least 0, the cost of entering each pixel.
    """
    far = np.float32(1e6)
    distance = np.where(seeds, np.float32(0), far)
    for _ in range(_SWEEPS):
        before = distance
        for axis in (0, 1):
            distance = np.minimum(_sweep(distance, cost, axis), _swept_back(distance, cost, axis))
        if np.array_equal(before, distance):
            break
    return distance


def _sweep(distance: Plane, cost: Plane, axis: int) -> Plane:
    """Let ways go on along an axis: the least of d(j) + cost(j + 1) + … + cost(i) over j ≤ i."""
    total = np.cumsum(cost, axis=axis, dtype=np.float64)
    return (np.minimum.accumulate(distance - total, axis=axis) + total).astype(np.float32)


def _swept_back(distance: Plane, cost: Plane, axis: int) -> Plane:
    return np.flip(_sweep(np.flip(distance, axis), np.flip(cost, axis), axis), axis)
