"""Which triangle holds at each pixel beside a silhouette, in torch: `silhouette` on a card."""

from typing import NamedTuple

import torch
from torch import Tensor

from avatarify.geometry.silhouette import NOWHERE


class DeviceSurfaces(NamedTuple):
    """Triangles drawn into a grid; see `silhouette.Surfaces`."""

    label: Tensor
    """(h, w), int32, the number of the triangle that holds in a cell, -1 for none."""
    corners: Tensor
    """(T, 3, 3), in the grid: (x, y) in cells, 0 the first one's centre, and depth; float32."""
    maps: Tensor
    """(T, 6), from columns and rows of the grid, as `triangle_flow.grid_maps` gives them."""
    front_count: int
    """The first triangles are the front's."""
    hidden: Tensor | None
    """(h, w), not 0 where nothing is seen."""

    def places(self, rows: Tensor, columns: Tensor, step: int, near: Tensor) -> Tensor:
        """Return (N, 2, step, step), where each pixel of some cells looks, NaN for no triangle.

        Args:
            rows: (N,), of the cells.
            columns: (N,), of the cells.
            step: Pixels across a cell.
            near: (N,), whether a silhouette may run through; in others the cell's triangle holds.
        """
        inside = (torch.arange(step, device=rows.device, dtype=torch.float32) + 0.5) / step - 0.5
        x = (columns[:, None] + inside)[:, None, :]
        y = (rows[:, None] + inside)[:, :, None]
        around = self._around(rows, columns)
        own = self.label.flatten()[around[4]][:, None, None].expand(-1, step, step)
        number = torch.where(near[:, None, None], self._nearest(around, x, y, own), own)
        maps = self.maps[number.clamp(min=0)].view(*number.shape, 2, 3)
        found = maps[..., 0] * x[..., None] + maps[..., 1] * y[..., None] + maps[..., 2]
        found = torch.where(number[..., None] < 0, torch.nan, found)
        if self.hidden is not None:
            was_hidden = self.hidden.flatten()[around] > 0
            is_front = self.label.flatten()[around[4]] < self.front_count
            hides = was_hidden[4] | (was_hidden.any(dim=0) & is_front & near)
            sees_nothing = hides[:, None, None] & (number >= self.front_count)
            found = torch.where(sees_nothing[..., None], NOWHERE, found)
        return found.permute(0, 3, 1, 2)

    def _nearest(self, around: Tensor, x: Tensor, y: Tensor, own: Tensor) -> Tensor:
        """Return (N, step, step), for each pixel of N cells the triangle that holds."""
        found, nearest = own, torch.full(own.shape, torch.inf, device=own.device)
        for numbers in self.label.flatten()[around].sort(dim=0).values:
            corners = self.corners[numbers.clamp(min=0)]
            depth = corners[:, :, 2].sum(dim=1)[:, None, None]
            holds = _contain(corners, x, y) & (depth <= nearest) & (numbers >= 0)[:, None, None]
            found = torch.where(holds, numbers[:, None, None], found)
            nearest = torch.where(holds, depth, nearest)
        return found

    def _around(self, rows: Tensor, columns: Tensor) -> Tensor:
        """Return (9, N), flat numbers of cells and those beside them; their own is the fifth."""
        height, width = self.label.shape
        down = [(rows + by).clamp(0, height - 1) * width for by in (-1, 0, 1)]
        across = [(columns + by).clamp(0, width - 1) for by in (-1, 0, 1)]
        return torch.stack([row + column for row in down for column in across])


def _contain(corners: Tensor, x: Tensor, y: Tensor) -> Tensor:
    """Return (N, step, step), whether places lie in triangles (N, 3, 3), either way around."""
    sides = []
    for one, other in ((0, 1), (1, 2), (2, 0)):
        start, way = corners[:, one, :, None, None], corners[:, other] - corners[:, one]
        along, across = way[:, 0, None, None], way[:, 1, None, None]
        sides.append(along * (y - start[:, 1]) - across * (x - start[:, 0]))
    together = torch.stack(sides)
    return (together >= 0).all(dim=0) | (together <= 0).all(dim=0)
