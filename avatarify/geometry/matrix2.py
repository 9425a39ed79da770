"""Closed forms for 2×2 matrices: `torch.linalg.inv` neither exports nor runs in a CUDA graph."""

import torch
from torch import Tensor


def inverse(matrix: Tensor) -> Tensor:
    """Return the inverse of each 2×2 matrix; infinite where the determinant is zero.

    Args:
        matrix: (..., 2, 2).

    Returns:
        (..., 2, 2).
    """
    a, b = matrix[..., 0, 0], matrix[..., 0, 1]
    c, d = matrix[..., 1, 0], matrix[..., 1, 1]
    adjugate = torch.stack((d, -b, -c, a), dim=-1).view(matrix.shape)
    return adjugate / (a * d - b * c)[..., None, None]


def product(left: Tensor, right: Tensor) -> Tensor:
    """Multiply 2×2 matrices by multiply and add, without a batched-matmul kernel launch each.

    Args:
        left: (..., 2, 2).
        right: (..., 2, 2), broadcast against `left`.

    Returns:
        (..., 2, 2).
    """
    return (left[..., :, :, None] * right[..., None, :, :]).sum(dim=-2)


def smallest_singular_value(matrix: Tensor) -> Tensor:
    """Return the smaller singular value of each 2×2 matrix.

    Args:
        matrix: (..., 2, 2).

    Returns:
        (...), at least 0.
    """
    a, b = matrix[..., 0, 0], matrix[..., 0, 1]
    c, d = matrix[..., 1, 0], matrix[..., 1, 1]
    total = a * a + b * b + c * c + d * d
    split = torch.sqrt((a * a + b * b - c * c - d * d) ** 2 + 4.0 * (a * c + b * d) ** 2)
    largest = torch.sqrt((total + split) / 2.0)
    # The product of both is |det|; their squares' difference, total - split, would cancel.
    return (a * d - b * c).abs() / largest.clamp_min(torch.finfo(matrix.dtype).tiny)
