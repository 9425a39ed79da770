"""Which triangle holds at each pixel beside a silhouette.

Triangles are drawn into a grid whose cells are some pixels wide, and a little beyond their edges,
so that no crack is left. Where one thing covers another their edge would be a stair of cells. There
each pixel asks again: of the triangles of the cells around it, the nearest one that it lies in
holds (FOMM, arXiv 2003.00196, equation 4, with masks as fine as the picture).
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

NOWHERE = -1e4
"""Where a flow looks to see nothing, in pixels: beyond the edges of any picture."""


class Surfaces(NamedTuple):
    """Triangles drawn into a grid: a front, and what it uncovers where it goes away."""

    label: NDArray[np.int32]
    """(h, w), the number of the triangle that holds in a cell, -1 for none."""
    corners: NDArray[np.float64]
    """(T, 3, 3), in the picture: (x, y) in pixels and depth, less is nearer."""
    maps: NDArray[np.float32]
    """(T, 6), from the picture to where it looks, as `triangle_flow.affine_maps` gives them."""
    left: float
    """Where the grid begins in the picture, in pixels."""
    top: float
    front_count: int
    """The first triangles are the front's."""
    hidden: NDArray[np.uint8] | None = None
    """(h, w), not 0 where nothing is seen, because the front was there and went elsewhere."""

    def places(
        self,
        cells: tuple[NDArray[np.intp], NDArray[np.intp]],
        step: int,
        beside: NDArray[np.bool_],
    ) -> NDArray[np.float32]:
        """Return (N, step, step, 2), where each pixel of some cells looks.

        NaN where neither the cell nor one beside it has a triangle that holds.

        Args:
            cells: (N,) rows and (N,) columns.
            step: Pixels across a cell.
            beside: (N,), whether a silhouette may run through; in others the cell's triangle holds.
        """
        rows, columns = cells
        inside = np.arange(step) + 0.5
        x = (self.left + step * columns[:, None] + inside)[:, None, :]
        y = (self.top + step * rows[:, None] + inside)[:, :, None]
        own = self.label[cells]
        number = np.broadcast_to(own[:, None, None], (len(own), step, step)).copy()
        around = _around(self.label.shape, (rows[beside], columns[beside]))
        number[beside] = self._nearest(around, x[beside], y[beside], number[beside])
        maps = self.maps[number]
        found = np.empty((*number.shape, 2), np.float32)
        found[..., 0] = maps[..., 0] * x + maps[..., 1] * y + maps[..., 2]
        found[..., 1] = maps[..., 3] * x + maps[..., 4] * y + maps[..., 5]
        found[number < 0] = np.nan
        if self.hidden is not None:
            hides = self.hidden[cells] > 0
            was_near = self.hidden.ravel()[around].any(axis=0)
            hides[beside] |= (own[beside] < self.front_count) & was_near
            found[hides[:, None, None] & (number >= self.front_count)] = NOWHERE
        return found

    def _nearest(
        self,
        around: NDArray[np.intp],
        x: NDArray[np.float64],
        y: NDArray[np.float64],
        own: NDArray[np.int32],
    ) -> NDArray[np.int32]:
        """Return (N, step, step), the triangle that holds, for each pixel of N cells.

        Args:
            around: (9, N), the cells and those beside them.
            x: (N, 1, step), of the pixels' centres.
            y: (N, step, 1).
            own: (N, step, step), what holds where no triangle of these cells is over a pixel.
        """
        around = np.sort(self.label.ravel()[around], axis=0)
        depths = self.corners[:, :, 2].sum(axis=1)
        found, nearest = own.copy(), np.full(own.shape, np.inf)
        is_new = (around >= 0) & (np.diff(around, axis=0, prepend=-1) > 0)
        for numbers, are_new in zip(around, is_new, strict=True):
            at = np.flatnonzero(are_new)
            number, depth = numbers[at][:, None, None], depths[numbers[at]][:, None, None]
            holds = _contain(self.corners[numbers[at], :, :2], x[at], y[at])
            holds &= depth <= nearest[at]
            found[at] = np.where(holds, number, found[at])
            nearest[at] = np.where(holds, depth, nearest[at])
        return found


def _contain(
    corners: NDArray[np.float64], x: NDArray[np.float64], y: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Return (N, step, step), whether places lie in triangles (N, 3, 2), either way around."""
    sides = []
    for one, other in ((0, 1), (1, 2), (2, 0)):
        start, way = corners[:, one], corners[:, other] - corners[:, one]
        along, across = way[:, 0, None, None], way[:, 1, None, None]
        sides.append(along * (y - start[:, 1, None, None]) - across * (x - start[:, 0, None, None]))
    left, right = np.minimum.reduce(sides) >= 0.0, np.maximum.reduce(sides) <= 0.0
    return np.asarray(left | right)


def _around(
    shape: tuple[int, int], cells: tuple[NDArray[np.intp], NDArray[np.intp]]
) -> NDArray[np.intp]:
    """Return (9, N), flat numbers of cells and of those beside them; the edges stand for beyond."""
    (rows, columns), (height, width) = cells, shape
    down = [np.clip(rows + by, 0, height - 1) * width for by in (-1, 0, 1)]
    across = [np.clip(columns + by, 0, width - 1) for by in (-1, 0, 1)]
    return np.stack([row + column for row in down for column in across])
