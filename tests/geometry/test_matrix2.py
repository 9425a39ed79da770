"""Closed forms against torch.linalg."""

import torch

from avatarify.geometry import matrix2


def matrices() -> torch.Tensor:
    generator = torch.Generator().manual_seed(0)
    return torch.randn(50, 3, 2, 2, generator=generator, dtype=torch.float64)


def test_inverse() -> None:
    torch.testing.assert_close(matrix2.inverse(matrices()), torch.linalg.inv(matrices()))


def test_product_broadcasts() -> None:
    left, right = matrices(), matrices()[:1, :1]
    torch.testing.assert_close(matrix2.product(left, right), left @ right)


def test_smallest_singular_value() -> None:
    expected = torch.linalg.svdvals(matrices())[..., 1]
    torch.testing.assert_close(matrix2.smallest_singular_value(matrices()), expected)
    singular = torch.tensor([[1.0, 2.0], [2.0, 4.0]])
    assert matrix2.smallest_singular_value(singular).item() < 1e-3
