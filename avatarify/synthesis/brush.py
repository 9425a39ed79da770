"""What everything painted by rule is made of: noise, soft edges and mixed colours."""

import torch
import torch.nn.functional as F  # noqa: N812 - the field's own name for it
from torch import Tensor

from avatarify.synthesis.identity import Color


def noise(
    size: int | tuple[int, int],
    cells: int | None,
    generator: torch.Generator,
    result: tuple[int, int] | None = None,
) -> Tensor:
    """Smooth random values 0..1: a random grid, enlarged.

    Args:
        size: Side of the square result, or the grid's own (rows, columns) with `result` given.
        cells: Cells along a side of the square grid.
        generator: Source of randomness.
        result: (height, width) when `size` is the grid.
    """
    if isinstance(size, tuple):
        assert result is not None
        grid, target = size, result
    else:
        assert cells is not None
        grid, target = (max(2, cells), max(2, cells)), (size, size)
    values = torch.rand(1, 1, max(2, grid[0]), max(2, grid[1]), generator=generator)
    return F.interpolate(values, target, mode="bicubic", align_corners=True)[0, 0].clamp(0, 1)


def soft(value: Tensor, width: float) -> Tensor:
    """0 below -width, 1 above width, smooth between."""
    share = (value / (2 * width) + 0.5).clamp(0, 1)
    return share.square() * (3 - 2 * share)


def toward(color: Tensor, target: Color | tuple[float, ...], share: Tensor) -> Tensor:
    """Mix (3, H, W) with one colour; (H, W) says how much, 0..1."""
    goal = torch.tensor(target)[:, None, None]
    return color + share * (goal - color)


def blend(first: Color, second: Color, share: float) -> Color:
    """Mix two colours; a share of 1 is the second."""
    r, g, b = (a + share * (c - a) for a, c in zip(first, second, strict=True))
    return r, g, b
