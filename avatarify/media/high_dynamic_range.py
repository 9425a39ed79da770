"""HDR pictures (HLG of phones, PQ of HDR10) shown on an ordinary screen.

Formulas: ITU-R BT.2100 for both transfer functions, BT.2408 for the level of white, 203 cd/m².
The library's own tone mapping first spends four seconds of a processor for each opened file.
"""

from enum import IntEnum
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from avatarify.frames import Image

_WHITE_NITS = 203.0
_HLG_PEAK_NITS = 1000.0
_HLG_GAMMA = 1.2
_SHOULDER = 0.75
"""From here on brightness bends towards white, over white."""

_BRIGHTEST = 10_000.0 / _WHITE_NITS
_STEPS = 4096
_LUMA = np.array([[0.2627, 0.6780, 0.0593]], np.float32)
_BT2020_TO_BT709 = np.array(
    [[1.6605, -0.5876, -0.0728], [-0.1246, 1.1329, -0.0083], [-0.0182, -0.1006, 1.1187]],
    np.float32,
)


class Transfer(IntEnum):
    """How light became code values, as files number it (ITU-T H.273, table 3)."""

    PQ = 16
    HLG = 18


def to_standard_range(image: NDArray[np.uint16], transfer: Transfer, is_wide: bool) -> Image:
    """Show an HDR picture as an ordinary screen can.

    Args:
        image: RGB code values, uint16, (H, W, 3).
        transfer: What they mean.
        is_wide: Whether their primaries are those of BT.2020, else of BT.709.

    Returns:
        RGB, uint8, (H, W, 3), sRGB; white stays white, and what is brighter runs into it softly.
    """
    light = _linear(transfer)[image >> 4]
    if transfer is Transfer.HLG:
        luma = np.maximum(cv2.transform(light, _LUMA), 1e-6)
        gain = _HLG_PEAK_NITS / _WHITE_NITS * luma ** (_HLG_GAMMA - 1)
        light *= gain.reshape(*luma.shape[:2], 1)
    if is_wide:
        light = np.asarray(cv2.transform(light, _BT2020_TO_BT709), np.float32)
    # The root spreads dark tones over more of the table.
    steps = np.sqrt(np.clip(light / _BRIGHTEST, 0, 1)) * (_STEPS - 1)
    return _shown()[np.rint(steps).astype(np.uint16)]


@cache
def _linear(transfer: Transfer) -> NDArray[np.float32]:
    """Return (4096,) light for each code value: of HLG in the scene, 0 to 1; of PQ over white."""
    code = np.arange(_STEPS) / (_STEPS - 1)
    if transfer is Transfer.HLG:
        a, b, c = 0.17883277, 0.28466892, 0.55991073
        light = np.where(code <= 0.5, code**2 / 3, (np.exp((code - c) / a) + b) / 12)
    else:
        m1, m2 = 2610 / 16384, 2523 / 32
        c1, c2, c3 = 3424 / 4096, 2413 / 128, 2392 / 128
        root = code ** (1 / m2)
        light = _BRIGHTEST * (np.maximum(root - c1, 0) / (c2 - c3 * root)) ** (1 / m1)
    return light.astype(np.float32)


@cache
def _shown() -> NDArray[np.uint8]:
    """Return (4096,) sRGB for light over white, whose root over the brightest is the place."""
    light = (np.arange(_STEPS) / (_STEPS - 1)) ** 2 * _BRIGHTEST
    room = 1 - _SHOULDER
    bent = _SHOULDER + room * (1 - np.exp(-(light - _SHOULDER) / room))
    light = np.where(light > _SHOULDER, bent, light)
    encoded = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
    return np.rint(255 * encoded).astype(np.uint8)
