"""Rays from the middle of a face outwards, through its outline: what they meet in a portrait.

Distances on a ray are in sizes of the outline, so that 1 is on it.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.floating]
Flags = NDArray[np.bool_]
Pixels = NDArray[np.uint8]

FARTHEST = 2.2
"""Rays are followed up to here."""

SIZES = np.linspace(1.0, FARTHEST, 121)

BETWEEN = 4
"""Rays for each point of the outline: ears fit between two points."""


def rays(oval: Points, center: Points, person: Pixels, margin: int, sizes: Points) -> Pixels:
    """Return (36 · 4, S, 4), what rays from the middle meet at S sizes of the face's outline.

    Args:
        oval: (36, 2), the outline, in pixels.
        center: (2,), its middle.
        person: RGBA (H, W, 4), what the person adds to the backdrop, and its matte.
        margin: Added to x and y: their place in `person`.
        sizes: (S,).
    """
    parts = np.arange(BETWEEN)[None, :, None] / BETWEEN
    between = oval[:, None] + parts * (np.roll(oval, -1, axis=0) - oval)[:, None]
    ways = between.reshape(-1, 1, 2) - center
    places = (center + ways * sizes[None, :, None] + margin - 0.5).astype(np.float32)
    seen = cv2.remap(person, places, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
    return np.asarray(seen, np.uint8)


def first_without(is_there: Flags) -> Points:
    """Return (R,), where rays (R, S) at `SIZES` first meet nothing."""
    missing = np.concatenate([~is_there, np.ones((len(is_there), 1), np.bool_)], axis=1)
    sizes: Points = np.append(SIZES, FARTHEST)[missing.argmax(axis=1)]
    return sizes


def share_ahead(is_there: Flags, length: float) -> Points:
    """Return (R, S), how much of the next part of rays (R, S) is there; `length` in sizes."""
    count = round(length / (SIZES[1] - SIZES[0]))
    sums = np.cumsum(np.pad(is_there, ((0, 0), (1, count - 1))), axis=1, dtype=np.float64)
    share: Points = (sums[:, count:] - sums[:, :-count]) / count
    return share
