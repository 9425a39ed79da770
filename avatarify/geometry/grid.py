"""Coordinate grids and warps; `align_corners=True` everywhere.

-1 and 1 are the centres of the border pixels. The published weights were trained when that was
torch's behaviour, and it keeps a grid's corner values independent of its resolution.
"""

import torch
from torch import Tensor
from torch.nn import functional


def identity_grid(height: int, width: int, like: Tensor) -> Tensor:
    """Return the grid that leaves an image unchanged.

    Args:
        height: Rows, at least 2.
        width: Columns, at least 2.
        like: Gives the dtype and the device.

    Returns:
        (H, W, 2), (x, y) in [-1, 1].
    """
    xs = torch.arange(width, dtype=like.dtype, device=like.device) * (2.0 / (width - 1)) - 1.0
    ys = torch.arange(height, dtype=like.dtype, device=like.device) * (2.0 / (height - 1)) - 1.0
    return torch.stack((xs.expand(height, width), ys[:, None].expand(height, width)), dim=-1)


def warp(image: Tensor, grid: Tensor, padding_mode: str = "zeros") -> Tensor:
    """Sample `image` where `grid` points (a backward warp).

    It runs in the grid's precision: half-precision coordinates would be whole pixels off.

    Args:
        image: (B, C, H, W).
        grid: (B, H', W', 2), (x, y); -1 and 1 are the centres of the border pixels.
        padding_mode: What lies outside the image: "zeros" or "border".

    Returns:
        (B, C, H', W'), in the image's dtype.
    """
    if padding_mode == "border" and grid.device.type == "mps":
        # Metal has no border mode. With aligned corners a clamped grid is the same.
        grid, padding_mode = grid.clamp(-1.0, 1.0), "zeros"
    sampled = functional.grid_sample(
        image.to(grid.dtype), grid, mode="bilinear", padding_mode=padding_mode, align_corners=True
    )
    return sampled.to(image.dtype)


def resize_grid(grid: Tensor, height: int, width: int, align_corners: bool) -> Tensor:
    """Resample a grid bilinearly to another resolution.

    Args:
        grid: (B, h, w, 2).
        height: Rows of the result.
        width: Columns of the result.
        align_corners: True keeps an identity grid an identity grid. The published generators
            resized with False, so parity with them needs False.

    Returns:
        (B, height, width, 2), the same object when the size is the same.
    """
    if grid.shape[1:3] == (height, width):
        return grid
    resized = functional.interpolate(
        grid.permute(0, 3, 1, 2),
        size=(height, width),
        mode="bilinear",
        align_corners=align_corners,
    )
    return resized.permute(0, 2, 3, 1)
