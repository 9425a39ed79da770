"""How a mouth is open in one picture, and with what its inside is painted."""

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from avatarify.animation.face.mouth_colours import Colour
from avatarify.animation.face.mouth_light import LipLight
from avatarify.geometry.mouth_arch import Arch

Box = tuple[int, int, int, int]
"""Left, top, right, bottom, in pixels."""

_CLEARED = 0.6
"""How much less of the veil there is in a mouth that is wide open."""

_WET = 0.015
"""How far the lower lip's wet side reaches in."""


class InsidePaint(NamedTuple):
    """What the inside of a mouth is painted with, beside its plates; colours are 0 to 255."""

    ground: Colour
    """The cavity under the light that the plates are painted for."""
    darkest: Colour
    """No colour is darker."""
    bounced: Colour
    """Light that flesh throws into shadows, 0 to 1."""
    flesh: Colour
    """Lies over all that is wet and badly lit."""
    wet: Colour
    """The lower lip's wet side."""
    seam: Colour
    """Between shut lips."""
    veil: float
    """How much of the flesh's colour lies over all, 0 to 1."""
    wetness: float
    """How much the wet side covers, 0 to 1."""

    def veil_at(self, wide: float) -> float:
        """Return how much of it there is in a mouth that is wide open by `wide`, 0 to 1."""
        return self.veil * (1.0 - _CLEARED * wide)


class OpenMouth(NamedTuple):
    """How a mouth is open in one picture."""

    box: Box
    """Around what is painted."""
    mask: NDArray[np.float32]
    """(h, w), 1 between the lips."""
    spread: float
    """Sigma by which its edge is blurred, in pixels."""
    unit: float
    """Distance of the outer eye corners, in pixels."""
    activity: float
    """How much is drawn: 0 while the lips rest, 1 when they have moved."""
    seal: float
    """How much of it is the line between shut lips, 0 to 1."""
    light: LipLight
    wide: float
    """0 for lips that are apart as in speech, 1 for a mouth through which light falls."""
    lower: Arch
    """Where the lower teeth are."""
    upper: Arch
    """Where the upper teeth are."""

    @property
    def soft(self) -> NDArray[np.float32]:
        """Return (h, w), the mask with its soft edge."""
        return np.asarray(cv2.GaussianBlur(self.mask, (0, 0), self.spread), np.float32)

    @property
    def wet_reach(self) -> float:
        """Return how far the lower lip's wet side reaches in, in pixels."""
        return _WET * self.unit
