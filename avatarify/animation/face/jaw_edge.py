"""Where a jaw ends, by its colours: a face's landmarks lie beside its edge by a few pixels.

What turns with a jaw beyond its edge is not the jaw: the shadow between it and the hair, or a neck
in another light, which would stick out from below it. One path along the whole jaw is sought, so
that it keeps to one edge where others are near, or where there is none because neck and jaw are
equally bright.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.floating]
Pixels = NDArray[np.uint8]
Floats = NDArray[np.float32]

NEAREST, FARTHEST = 0.955, 1.06
"""The edge lies between these sizes of the face's outline."""

_STEP = 0.003
_SIDE = 6
"""So many steps on each side of an edge are compared."""

_ENDS = np.arange(NEAREST, FARTHEST, _STEP)

SIZES = _ENDS[0] + _STEP * (np.arange(len(_ENDS) + 2 * _SIDE - 1) - _SIDE + 0.5)
"""Where rays are looked at to find it."""

_EXPECTED, _SPREAD = 1.005, 0.03
"""Where it is without any edge to see, and how far off it mostly is."""

_OUTSIDE = 0.003
"""So far outside of the middle of an edge its skin ends."""

_CLEAR = 45.0
"""Colours in Lab that differ by this much are a clear edge."""

_BEND = 0.35
"""What a path pays for each step between two rays."""


def jaw_edge(seen: Pixels) -> Points:
    """Return (R,), where the jaw ends, in sizes of the face's outline.

    Args:
        seen: RGBA (R, S, 4), what rays from the middle of the face meet at `SIZES`, one beside the
            other from one ear to the other.
    """
    worth = _edges(seen) - 0.5 * ((_ENDS - _EXPECTED) / _SPREAD) ** 2
    path: Points = _ENDS[_best_path(worth)]
    smooth = np.asarray(cv2.GaussianBlur(path[:, None], (1, 5), 1.0)[:, 0], np.float64)
    return smooth + _OUTSIDE


def _edges(seen: Pixels) -> Points:
    """Return (R, S), 0 to some 3: how clearly the skin of the jaw ends there."""
    lab = cv2.cvtColor(np.ascontiguousarray(seen[..., :3]), cv2.COLOR_RGB2LAB).astype(np.float32)
    values = np.concatenate([lab, seen[..., 3:].astype(np.float32)], axis=2)
    values = np.asarray(cv2.GaussianBlur(values, (1, 5), 1.0), np.float32)  # across rays
    sums = np.cumsum(np.pad(values, ((0, 0), (1, 0), (0, 0))), axis=1, dtype=np.float64)
    means = (sums[:, _SIDE:] - sums[:, :-_SIDE]) / _SIDE
    inside, outside = means[:, :-_SIDE], means[:, _SIDE:]
    jump = np.sqrt(np.abs(outside - inside).sum(axis=2) / _CLEAR)
    jump /= np.maximum(jump.max(axis=1, keepdims=True), 1.0)
    stray = np.abs(inside - inside[:, :1]).sum(axis=2) / _CLEAR
    return 4.0 * jump - 0.7 * np.minimum(stray, 2.0)


def _best_path(worth: Points) -> NDArray[np.intp]:
    """Return (R,), one number for each row of (R, S): the path that is worth most."""
    count = worth.shape[1]
    number = np.arange(count)
    bends = _BEND * np.abs(number[:, None] - number)
    total, came = worth[0], np.zeros(worth.shape, np.intp)
    for row in range(1, len(worth)):
        ways = total[None] - bends
        came[row] = ways.argmax(axis=1)
        total = ways[number, came[row]] + worth[row]
    path = np.empty(len(worth), np.intp)
    path[-1] = total.argmax()
    for row in range(len(worth) - 1, 0, -1):
        path[row - 1] = came[row, path[row]]
    return path
