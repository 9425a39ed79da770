"""What of a head is hair and what is skin, by its colours alone.

Skin is what the cheeks show. Hair is what the picture shows above the forehead, whatever it is: a
hat is worn like hair, and a bald head has skin there.
"""

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.floating]
Pixels = NDArray[np.uint8]

_CHEEKS = (50, 280, 205, 425, 101, 330, 118, 347)
_WEIGHTS = np.array([0.6, 1.0, 1.0], np.float32)
"""Of lightness and both hues: light and shadow fall on either."""


_NEAR = 30.0
"""Colours this far from both are hardly a head's."""


OPAQUE = 200
"""Of a matte, 0 to 255: from here on a pixel's colour is the person's own."""

_ACROSS_AN_EDGE = 1.5
"""Light and shadow may differ by so much more between two places beside an edge."""

_CLEARLY = 0.6
"""Hair is so much nearer to hair than to skin, at most: a neck in shadow may look like it."""


class HeadColours(NamedTuple):
    """Two colours of one portrait, in Lab."""

    skin: Points
    hair: Points

    @property
    def differ(self) -> bool:
        """Whether skin and hair can be told apart."""
        return float(np.abs(self.skin - self.hair) @ _WEIGHTS) > _NEAR

    def is_skin(self, colours: Pixels) -> NDArray[np.bool_]:
        """Return (...), whether colours (..., 3), RGB, are nearer to skin than to hair."""
        to_skin, to_hair = self._distances(colours)
        nearer: NDArray[np.bool_] = (to_skin < to_hair) & self.differ
        return nearer

    def may_be_skin(self, colours: Pixels) -> NDArray[np.bool_]:
        """The same, but everything may be skin where skin and hair are of one colour."""
        return self.is_skin(colours) | np.bool_(not self.differ)

    def is_hair(self, colours: Pixels) -> NDArray[np.bool_]:
        """Return (...), whether colours (..., 3), RGB, are those of hair and not of skin."""
        to_skin, to_hair = self._distances(colours)
        nearer: NDArray[np.bool_] = (to_hair < np.minimum(_CLEARLY * to_skin, _NEAR)) & self.differ
        return nearer

    def _distances(self, colours: Pixels) -> NDArray[np.float32]:
        """Return (2, ...), to skin and to hair."""
        return distances(colours, np.stack([self.skin, self.hair]))

    def like_skin(self, colours: Pixels) -> NDArray[np.float32]:
        """Return (...), how near colours (..., C), RGB first, are to skin: 1 if equal."""
        return _likeness(np.abs(in_lab(colours) - self.skin) @ _WEIGHTS)

    def like_hair(self, colours: Pixels) -> NDArray[np.float32]:
        """Return (...), how near colours (..., C), RGB first, are to hair: 1 if equal."""
        return _likeness(np.abs(in_lab(colours) - self.hair) @ _WEIGHTS)

    def alike(
        self, colours: Pixels, others: Pixels, tolerance: float = _ACROSS_AN_EDGE
    ) -> NDArray[np.float32]:
        """Return (...), how near colours (..., C) are to others: 1 if equal."""
        return _likeness(np.abs(in_lab(colours) - in_lab(others)) @ _WEIGHTS / tolerance)


def head_colours(person: Pixels, points: Points, above: Pixels) -> HeadColours:
    """Look at a portrait.

    Args:
        person: RGB or RGBA (H, W, C).
        points: (478, 2) or (478, 3), landmarks in its pixels.
        above: RGB (N, 3), what is seen above the forehead; N may be 0.
    """
    height, width = person.shape[:2]
    x, y = np.round(points[list(_CHEEKS), :2]).astype(int).T
    y, x = np.clip(y, 0, height - 1), np.clip(x, 0, width - 1)
    skin = np.median(in_lab(person[y, x, :3]), axis=0)
    return HeadColours(skin, np.median(in_lab(above), axis=0) if len(above) else skin)


def distances(seen: Pixels, colours: Points) -> NDArray[np.float32]:
    """Return (K, ...), from colours (..., C), RGB first, to colours (K, 3) in Lab."""
    lab = in_lab(seen)
    far = np.empty((len(colours), *lab.shape[:-1]), np.float32)
    for number, colour in enumerate(colours):
        far[number] = np.abs(lab - colour) @ _WEIGHTS
    return far


def _likeness(distances: Points) -> NDArray[np.float32]:
    likeness: NDArray[np.float32] = np.exp(-((distances / _NEAR) ** 2)).astype(np.float32)
    return likeness


def in_lab(colours: Pixels) -> NDArray[np.float32]:
    """Return (..., 3), colours (..., C), RGB first, as OpenCV's Lab of bytes."""
    if not colours.size:
        return np.empty((*colours.shape[:-1], 3), np.float32)
    rows = np.ascontiguousarray(colours[..., :3]).reshape(-1, 1, 3)
    return (
        cv2.cvtColor(rows, cv2.COLOR_RGB2LAB).reshape((*colours.shape[:-1], 3)).astype(np.float32)
    )
