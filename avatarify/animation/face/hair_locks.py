"""Locks of long hair: from beside the jaw they are followed down to where their colour ends."""

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from avatarify.animation.face.mane import Mane

Points = NDArray[np.floating]
Flags = NDArray[np.bool_]
Pixels = NDArray[np.uint8]

_FINE = 100
"""Pixels of a face's height in the picture in which locks are followed."""

_LONGEST = 1.6
"""Of a lock, in heights of the face."""

_SPREADS, _NARROWS = 1, 4
"""By so many pixels a lock grows wider from one row to the next at most, and narrower on its inner
side: clothes of its colour do not belong to it, and the jaw beside it ends soon."""

_SMOOTH = 4.0
"""Sigma in rows: its sides are smooth, or triangles would fold."""

_BELOW = 0.04
"""So far below its end it is seen whether a lock lies on something, in heights of the face."""

_FREELY = 0.8
"""A lock that ends in the air would rest so far below its upper end."""

_SOFT = 0.5
"""A lock's inner side lies so many such pixels inside of its soft edge."""

_THINNEST = 4
"""Of a lock, in such pixels."""


class HairLock(NamedTuple):
    """One lock of hair that hangs below a head's front."""

    numbers: NDArray[np.int64]
    """(C,), points of the front's edge below which it hangs, from its outer side to the jaw."""
    rows: Points
    """(R,), y from its upper to its lower end, in pixels."""
    sides: Points
    """(R, 2), x of its outer and its inner side there."""
    rests: float
    """Down from here it moves no more than the shoulders, y in pixels."""


def hair_locks(
    edge: Points, hangs: Flags, person: Pixels, margin: int, mane: Mane
) -> tuple[HairLock, ...]:
    """Follow the hair below a head's front, on both sides.

    Args:
        edge: (36, 2), where the front ends, from the middle of the forehead to the left, in pixels.
        hangs: (36,), whether hair hangs there.
        person: RGBA (H, W, 4), what the person adds to the backdrop, and its matte.
        margin: Added to x and y of `edge`: their place in `person`.
        mane: The colours of the hair.
    """
    height = float(np.ptp(edge[:, 1]))
    count = len(edge)
    locks = []
    for side in (1, -1):
        order = side * np.arange(count // 2)
        below = np.flatnonzero(hangs[order])
        if not len(below):
            continue
        numbers = order[max(0, below[0] - 1) : below[-1] + 2] % count
        followed = _followed(edge[numbers] + margin, person, height, mane)
        if followed is not None:
            rows, sides, rests = followed
            locks.append(HairLock(numbers, rows - margin, sides - margin, rests - margin))
    return tuple(locks)


def _followed(
    top: Points, person: Pixels, height: float, mane: Mane
) -> tuple[Points, Points, float] | None:
    """Return rows (R,) and sides (R, 2) of the hair below some points (C, 2), and where it rests.

    The first of the points is on its outer side, the last one on the inner side. None where there
    is no hair.
    """
    scale = _FINE / height
    wide = 0.5 * height
    left, first = (int(max(0.0, v)) for v in top.min(axis=0) - (wide, 0.0))
    right = int(max(0.0, top[:, 0].max() + wide))
    cut = person[first : int(first + _LONGEST * height), left:right]
    if min(cut.shape[:2]) * scale < _THINNEST:
        return None
    size = round(cut.shape[1] * scale), round(cut.shape[0] * scale)
    small = np.asarray(cv2.resize(cut, size, interpolation=cv2.INTER_AREA), np.uint8)
    mask = (mane.is_hair(small) & (small[..., 3] >= 128)).astype(np.uint8)
    mask = np.asarray(cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8)))
    places = (top - (left, first)) * scale
    spans = _spans(mask, places)
    if len(spans) < _THINNEST:
        return None
    rows = first + (_first_row(places) + np.arange(len(spans)) + 0.5) / scale
    border = cv2.BORDER_REPLICATE
    smooth = cv2.GaussianBlur(spans, (1, 0), 0, sigmaY=_SMOOTH, borderType=border)
    low, high = (left + np.asarray(smooth, np.float64) / scale).T
    soft = _SOFT / scale
    is_left_inner = top[0, 0] > top[-1, 0]
    sides = np.stack([high, low + soft] if is_left_inner else [low, high - soft], axis=1)
    return rows, sides, _rests(person, rows, sides, height)


def _rests(person: Pixels, rows: Points, sides: Points, height: float) -> float:
    """Return y: the lower end if the hair lies on something there, else far below it."""
    end = float(rows[-1])
    below = int(end + _BELOW * height)
    left, right = sorted(sides[-1].astype(int).clip(0))
    seen = person[below : below + 1, left : right + 1, 3]
    if not seen.size or float(seen.mean()) > 128.0:
        return end
    return max(end, float(rows[0]) + _FREELY * height)


def _spans(mask: Pixels, top: Points) -> Points:
    """Return (R, 2), left and right ends of the hair, row by row, from points (C, 2) down."""
    low, high = float(top[:, 0].min()), float(top[:, 0].max())
    bottom = int(top[:, 1].max())
    spans, found = [], 0
    is_left_inner = top[0, 0] > top[-1, 0]
    from_left, from_right = (_NARROWS, _SPREADS) if is_left_inner else (_SPREADS, _NARROWS)
    for number in range(_first_row(top), len(mask)):
        ends = np.flatnonzero(np.diff(np.pad(mask[number], 1).astype(np.int8)))
        runs = ends.reshape(-1, 2)
        near = runs[(runs[:, 0] < high) & (runs[:, 1] > low)]
        if len(near):
            found += 1
            shared = np.minimum(near[:, 1], high) - np.maximum(near[:, 0], low)
            longest = near[shared.argmax()]
            low = float(np.clip(longest[0], low - _SPREADS, low + from_left))
            high = float(np.clip(longest[1], high - from_right, high + _SPREADS))
        elif number > bottom:
            break
        if high - low < _THINNEST:
            break
        spans.append((low, high))
    return np.array(spans if found >= _THINNEST else []).reshape(-1, 2)


def _first_row(top: Points) -> int:
    return max(0, int(top[:, 1].min()))
