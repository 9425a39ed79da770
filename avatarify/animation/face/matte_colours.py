"""Whose colour it is: how often a colour is seen on the person and in the room, here and anywhere.

Colours are counted in cells of about a face's width, because a dark corner of the room says
nothing about dark hair beside a lit wall; where a cell has seen little, the whole picture's counts
stand in.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from avatarify.frames import Image

Plane = NDArray[np.float32]

_BINS = 24
_BLUR = 1.0
"""Of the counts, in bins: neighbouring colours count as alike."""

_CELL = 0.8
"""Side of a cell, in heights of the face."""

_ANYWHERE = 0.12
"""Weight of the whole picture's shares beside a full cell's."""

_UNSEEN = 2e-5
"""Share of a colour that was never seen."""


class ColourCounts:
    """The colours of one picture, ready to be counted for any guess of the person."""

    def __init__(self, colours: Image, face_height: float) -> None:
        """Sort pixels into bins and cells.

        Args:
            colours: (H, W, 3), Lab.
            face_height: In pixels.
        """
        bins = (colours.astype(np.int32) * _BINS) // 256
        self._bin = ((bins[..., 0] * _BINS + bins[..., 1]) * _BINS + bins[..., 2]).ravel()
        self._shape = colours.shape[:2]
        side = _CELL * face_height
        self._rows = int(np.ceil(self._shape[0] / side)) + 1
        self._columns = int(np.ceil(self._shape[1] / side)) + 1
        y, x = np.indices(self._shape, np.float32).reshape(2, -1) / np.float32(side)
        self._corners = [
            ((np.int32(y) + j) * self._columns + np.int32(x) + i, _hat(y, j) * _hat(x, i))
            for j in (0, 1)
            for i in (0, 1)
        ]

    def odds(self, person: Plane, most: float) -> Plane:
        """Return (H, W), the log odds of the person by colour, between -most and most.

        Args:
            person: (H, W) in [0, 1], the guess.
            most: Colours say no more than this.
        """
        shares = [self._shares(weight.ravel()) for weight in (person, 1.0 - person)]
        odds = np.log((shares[0] + _UNSEEN) / (shares[1] + _UNSEEN))
        return np.clip(odds, -most, most).reshape(self._shape).astype(np.float32)

    def _shares(self, weight: NDArray[np.float32]) -> NDArray[np.float32]:
        """How often each pixel's colour is seen, among the pixels of this weight around it."""
        counts = np.zeros(self._rows * self._columns * _BINS**3, np.float32)
        for cell, part in self._corners:
            counts += np.bincount(cell * _BINS**3 + self._bin, weight * part, len(counts))
        counts = _blurred(counts, (self._rows, self._columns))
        anywhere = counts.sum(axis=0)
        anywhere /= max(float(anywhere.sum()), 1e-6)
        full = max(float(counts.sum(axis=1).max()), 1e-6)
        here = counts.sum(axis=1, keepdims=True)
        local = (counts + _ANYWHERE * full * anywhere) / (here + _ANYWHERE * full)
        return sum(part * local[cell, self._bin] for cell, part in self._corners)


def _hat(place: NDArray[np.float32], corner: int) -> NDArray[np.float32]:
    """Share of the lower (0) or upper (1) neighbour in linear interpolation."""
    part = place - np.floor(place)
    return part if corner else 1.0 - part


def _blurred(counts: NDArray[np.float32], cells: tuple[int, int]) -> NDArray[np.float32]:
    """(cells, bins), blurred over the three axes of colour and a little over cells."""
    values = counts.reshape(*cells, _BINS, _BINS, _BINS)
    for axis, blur in ((0, 0.7), (1, 0.7), (2, _BLUR), (3, _BLUR), (4, _BLUR)):
        turned = np.moveaxis(values, axis, 0)
        rows = np.ascontiguousarray(turned).reshape(turned.shape[0], -1)
        flat = cv2.GaussianBlur(rows, (1, 0), 0.01, sigmaY=blur, borderType=cv2.BORDER_REPLICATE)
        values = np.moveaxis(flat.reshape(turned.shape).astype(np.float32), 0, axis)
    return values.reshape(cells[0] * cells[1], -1)
