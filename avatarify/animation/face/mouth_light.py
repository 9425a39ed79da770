"""How much light gets between the lips, and the shape that they leave open."""

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.floating]
Mask = NDArray[np.float32]

_FIXED_BITS = 4

_DIM = (0.74, 0.12)
"""Light on the teeth while lips are hardly apart, and the gap at which all of it gets in."""

_WIDTH = (0.82, 2.0, 0.8, 0.4)
"""Light at the width of rest, what each part of narrowing takes and of widening adds, the least."""

_WIDE = (0.12, 0.30)
"""Gaps from which on a mouth counts as wide open, and wholly so: light falls in whatever its width,
and reaches the tongue."""

_LIT_IF_NARROW = 0.5
"""How much of the light that a narrow mouth keeps out comes in when it is wide open."""

_WIDEST_CALM = 0.53
"""No mouth at rest is wider between its inner corners (0.40 to 0.53 on 30 drivers)."""

_BARED = (0.2, 0.6)
"""A mouth that is wider by the first part than at rest draws its lips tight: so much less shadow
falls from them on teeth and gums."""

SHADOW = (0.60, 0.72)
"""The shadow of lips where all is near them, and what of it the open space around takes away."""

_REACH = 0.05
"""How far the shadow of the lips reaches in, in distances of the outer eye corners."""


def opening_mask(loop: Points, shape: tuple[int, int]) -> Mask:
    """Fill a loop of points (N, 2), in pixels; (h, w), 1 inside, antialiased."""
    mask = np.zeros(shape, np.uint8)
    fixed = np.round((loop - 0.5) * (1 << _FIXED_BITS)).astype(np.int32)
    cv2.fillPoly(mask, [fixed], 255, cv2.LINE_AA, _FIXED_BITS)
    return mask.astype(np.float32) * np.float32(1 / 255)


class LipLight(NamedTuple):
    """What light gets between lips."""

    bright: float
    """Far from them, 0 to 1."""
    shade: float
    """How much of their shadow there is, 0 to 1."""


def lip_light(gap: float, widening: float) -> LipLight:
    """Return what light gets in.

    Args:
        gap: How far lips are apart at most, in distances of the outer eye corners.
        widening: Width of the mouth over that at rest: who smiles bares the teeth to the light.
    """
    bright = _DIM[0] + (1 - _DIM[0]) * min(1.0, gap / _DIM[1])
    slope = _WIDTH[1] if widening < 1.0 else _WIDTH[2]
    of_width = min(max(_WIDTH[0] + slope * (widening - 1.0), _WIDTH[3]), 1.0)
    bright *= of_width + _LIT_IF_NARROW * wide_open(gap) * (1.0 - of_width)
    bared = _BARED[1] * min(max((widening - 1.0) / _BARED[0], 0.0), 1.0)
    return LipLight(bright, 1.0 - bared)


def openness_around(mask: Mask, unit: float) -> Mask:
    """Return (h, w), 0 to 1, how much is open as far as the lips' shadow reaches, above all above.

    Args:
        mask: (h, w), the opening.
        unit: Distance of the outer eye corners in pixels.
    """
    size = max(3, 2 * round(_REACH * unit) + 1)
    anchor = (size // 2, min(size - 1, round(0.7 * size)))
    around = cv2.blur(mask, (size, size), anchor=anchor, borderType=cv2.BORDER_CONSTANT)
    return np.asarray(around, np.float32)


def mouth_light(mask: Mask, unit: float, light: LipLight) -> Mask:
    """Return the light inside of a mouth, 0 to 1: less near the lips, above all below the upper.

    Args:
        mask: (h, w), the opening.
        unit: Distance of the outer eye corners in pixels.
        light: What gets in.
    """
    near = openness_around(mask, unit)
    shadow = np.float32(light.shade) * np.clip(SHADOW[0] - SHADOW[1] * near, 0.0, 1.0)
    return np.float32(light.bright) * (np.float32(1.0) - shadow)


def wide_open(gap: float) -> float:
    """Return 0 for lips that are apart as in speech, 1 for a mouth through which light falls.

    Args:
        gap: How far lips are apart at most, in distances of the outer eye corners.
    """
    part = min(max((gap - _WIDE[0]) / (_WIDE[1] - _WIDE[0]), 0.0), 1.0)
    return part * part * (3.0 - 2.0 * part)


def shaded(light: Mask, bounced: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return how much of each colour is left under a light, 0 to 1.

    Args:
        light: Of any shape, 0 to 1.
        bounced: What the flesh around throws into the shadows, see `bounced_light`; it must
            broadcast with `light`.
    """
    return light * (bounced + light * (1 - bounced))


def calm_width(width: float) -> float:
    """Return the width of a mouth at rest, seen at `width`, which may be that of a smile.

    Both in distances of the outer eye corners.
    """
    return min(width, _WIDEST_CALM)


def openness_below(mask: Mask, reach: float) -> Mask:
    """Return (h, w), 0 to 1, how much is open of the next `reach` pixels below."""
    size = max(2, round(2 * reach))
    below = cv2.blur(mask, (1, size), anchor=(0, 0), borderType=cv2.BORDER_CONSTANT)
    return np.asarray(below, np.float32)


def lower_rim(mask: Mask, reach: float) -> Mask:
    """Return (h, w), 1 at the lower edge of an opening and 0 from `reach` pixels above it on."""
    return np.clip(1.0 - openness_below(mask, reach), 0.0, 1.0)
