"""The compact model's last step outside torch: warp the portrait at full size and lay paint on it.

The networks work at a quarter of the output's side or less; what touches every output pixel is
this file, so it is the part of a frame that grows with the output. OpenCV warps all three
channels of a pixel at once, and the paint is enlarged only where any of it shows.
"""

import cv2
import numpy as np
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from avatarify.frames import Image

_LEAST_BLEND = 1.0 / 1024.0
"""Paint that changes a pixel by less than a quarter of a level is left out."""

_Box = tuple[slice, slice]
_Levels = NDArray[np.float32]


class Composition:
    """One portrait, ready to be warped and painted on."""

    def __init__(self, portrait: Image) -> None:
        """Keep the portrait.

        Args:
            portrait: RGB uint8 (S, S, 3).
        """
        self._portrait = portrait.astype(np.float32)

    def __call__(self, grid: Tensor, refinement: Tensor, paint: Tensor, gate: float) -> Image:
        """Compose a frame.

        Args:
            grid: (1, 2, h, w), the dense flow, planar, float32.
            refinement: (1, 2, h', w'), added to it at its own size.
            paint: (1, 4, H', W'), RGB and blend, in [0, 1].
            gate: In [0, 1], scales refinement and blend.

        Returns:
            RGB uint8 (S, S, 3).
        """
        levels = self.levels(grid, refinement, paint, gate)
        return np.asarray(cv2.convertScaleAbs(levels), dtype=np.uint8)

    def levels(self, grid: Tensor, refinement: Tensor, paint: Tensor, gate: float) -> _Levels:
        """Compose a frame without rounding: float32 (S, S, 3), 0 to 255."""
        warped = self._warped(grid, refinement, gate)
        _lay_on(warped, paint[0].numpy(), gate)
        return warped

    def _warped(self, grid: Tensor, refinement: Tensor, gate: float) -> _Levels:
        side = self._portrait.shape[0]
        flow = _resized(grid, refinement.shape[2]) + gate * refinement
        # To pixels while it is small.
        small = ((flow + 1.0) * ((side - 1) / 2.0))[0].numpy()
        whole = slice(0, side)
        columns, rows = (_enlarged(axis, side, whole, whole) for axis in small)
        moved = cv2.remap(
            self._portrait, columns, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        )
        return np.asarray(moved, dtype=np.float32)


def _lay_on(warped: _Levels, paint: _Levels, gate: float) -> None:
    """Paint (4, H, W) on the warped portrait (S, S, 3), in place, where any of the paint shows."""
    blend = paint[3]
    box = _visible(blend, _LEAST_BLEND / gate if gate > 0.0 else np.inf)
    if box is None:
        return
    side = warped.shape[0]
    scale = (blend.shape[0] - 1) / (side - 1)
    rows, columns = (_covered(extent, scale, side) for extent in box)
    share = gate * _enlarged(blend, side, rows, columns)
    colours = np.asarray(cv2.merge([*(paint[:3] * np.float32(255.0))]), dtype=np.float32)
    above, below = _enlarged(colours, side, rows, columns), warped[rows, columns]
    warped[rows, columns] = cv2.blendLinear(above, below, share, 1.0 - share)


def _enlarged(small: _Levels, side: int, rows: slice, columns: slice) -> _Levels:
    """Scale a square picture to `side` and cut a part out; the centres of border pixels meet."""
    scale = (small.shape[0] - 1) / (side - 1)
    to_small = np.array([[scale, 0.0, scale * columns.start], [0.0, scale, scale * rows.start]])
    part = cv2.warpAffine(
        small,
        to_small,
        (columns.stop - columns.start, rows.stop - rows.start),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return np.asarray(part, dtype=np.float32)


def _visible(blend: _Levels, least: float) -> _Box | None:
    """Return the rectangle in which the blend reaches `least`, or None where it nowhere does."""
    shows = blend > least
    rows = np.flatnonzero(shows.any(axis=1))
    columns = np.flatnonzero(shows.any(axis=0))
    if not rows.size:
        return None
    return slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)


def _covered(side: slice, scale: float, limit: int) -> slice:
    """Return the pixels of the result that see any of these pixels of the paint."""
    first = max(int((side.start - 1) / scale), 0)
    return slice(first, min(int(side.stop / scale) + 1, limit))


def _resized(planar: Tensor, side: int) -> Tensor:
    if planar.shape[2] == side:
        return planar
    return functional.interpolate(planar, size=(side, side), mode="bilinear", align_corners=True)
