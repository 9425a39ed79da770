"""-1 and 1 are the centres of the border pixels: pinned by arithmetic."""

import torch

from avatarify.geometry.grid import identity_grid, resize_grid, warp


def test_corners_of_the_identity_grid() -> None:
    grid = identity_grid(3, 5, like=torch.zeros(1))
    assert grid.shape == (3, 5, 2)
    assert grid[0, 0].tolist() == [-1.0, -1.0]
    assert grid[2, 4].tolist() == [1.0, 1.0]
    assert grid[1, 2].tolist() == [0.0, 0.0]
    assert grid[0, 4].tolist() == [1.0, -1.0]  # (x, y)


def test_the_identity_grid_leaves_an_image_unchanged() -> None:
    image = torch.rand(1, 3, 8, 8)
    torch.testing.assert_close(warp(image, identity_grid(8, 8, like=image)[None]), image)


def test_a_shift_of_two_pixels_to_the_right() -> None:
    image = torch.arange(9.0).expand(1, 1, 4, 9)
    grid = identity_grid(4, 9, like=image)[None].clone()
    grid[..., 0] -= 2 * 2.0 / (9 - 1)  # a pixel is 2 / (width - 1) wide; backward: look left
    expected = torch.tensor([0.0, 0.0, 0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0])
    torch.testing.assert_close(warp(image, grid)[0, 0, 1], expected)


def test_outside_the_image_lies_black_or_the_border() -> None:
    image = torch.full((1, 1, 2, 2), 0.5)
    outside = torch.full((1, 1, 1, 2), 3.0)
    assert warp(image, outside).item() == 0.0
    assert warp(image, outside, padding_mode="border").item() == 0.5


def test_half_precision_images_keep_their_type_and_exact_coordinates() -> None:
    image = torch.rand(1, 1, 64, 64, dtype=torch.float16)
    grid = identity_grid(64, 64, like=torch.zeros(1))[None]
    warped = warp(image, grid)
    assert warped.dtype == torch.float16
    torch.testing.assert_close(warped, image, rtol=0.0, atol=1e-3)


def test_resizing_with_aligned_corners_keeps_the_identity() -> None:
    small = identity_grid(4, 4, like=torch.zeros(1))[None]
    large = identity_grid(7, 13, like=torch.zeros(1))[None]
    torch.testing.assert_close(resize_grid(small, 7, 13, align_corners=True), large)
    assert resize_grid(small, 4, 4, align_corners=True) is small


def test_the_published_resizing_does_not() -> None:
    """Half a small pixel is lost at the border: 2x larger, corners at -1 + 1/4 small pixel."""
    small = identity_grid(3, 3, like=torch.zeros(1))[None]
    large = resize_grid(small, 6, 6, align_corners=False)
    torch.testing.assert_close(large[0, 0, :, 0], torch.tensor([-1, -0.75, -0.25, 0.25, 0.75, 1.0]))
