"""Where each part of a figure finds its paint: one texture for everything, cut into patches."""

from enum import IntEnum
from typing import NamedTuple

import torch
from torch import Tensor


class Patch(NamedTuple):
    """A rectangle of the atlas, in atlas coordinates 0..1."""

    left: float
    top: float
    width: float
    height: float

    def place(self, coordinates: Tensor) -> Tensor:
        """Atlas coordinates of (..., 2) coordinates inside the patch, 0..1."""
        # A margin keeps bilinear sampling from seeing the neighbour.
        inner = 0.01 + 0.98 * coordinates
        scale = coordinates.new_tensor([self.width, self.height])
        return coordinates.new_tensor([self.left, self.top]) + inner * scale

    def pixels(self, height: int, width: int) -> tuple[slice, slice]:
        """Rows and columns of the patch in an atlas of `height` x `width` texels."""
        top, left = round(self.top * height), round(self.left * width)
        return (
            slice(top, top + round(self.height * height)),
            slice(left, left + round(self.width * width)),
        )


SKIN = Patch(0.0, 0.0, 0.75, 1.0)
EYE = Patch(0.75, 0.0, 0.25, 0.25)
TEETH = Patch(0.75, 0.25, 0.25, 0.25)
HAIR = Patch(0.75, 0.5, 0.25, 0.25)
SWATCHES = Patch(0.75, 0.75, 0.25, 0.25)

ATLAS_ASPECT = 4 / 3
"""Width of the atlas relative to its height."""


class Swatch(IntEnum):
    """Plain colours."""

    CAVITY = 0
    TONGUE = 1
    LIP = 2
    LASH = 3
    LID = 4
    EAR = 5
    GLASSES = 6
    CLOTH = 7
    COLLAR = 8
    BEARD = 9


_PER_ROW = 4


def swatch(name: Swatch) -> Tensor:
    """(2,): atlas coordinates of the middle of a plain colour."""
    column, row = name % _PER_ROW, name // _PER_ROW
    return SWATCHES.place(torch.tensor([(column + 0.5) / _PER_ROW, (row + 0.5) / _PER_ROW]))


def swatch_pixels(name: Swatch, height: int, width: int) -> tuple[slice, slice]:
    """Rows and columns of a plain colour in the whole atlas."""
    rows, columns = SWATCHES.pixels(height, width)
    high, wide = (rows.stop - rows.start) / _PER_ROW, (columns.stop - columns.start) / _PER_ROW
    top = rows.start + round((name // _PER_ROW) * high)
    left = columns.start + round((name % _PER_ROW) * wide)
    return slice(top, top + round(high)), slice(left, left + round(wide))
