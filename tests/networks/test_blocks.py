"""Sizes of the blocks, and the fixed blur."""

import pytest
import torch

from avatarify.networks.blocks import (
    AntiAliasDownscale,
    DownBlock,
    ResidualBlock,
    SameBlock,
    Smooth,
    UpBlock,
)

FEATURES = torch.rand(2, 4, 8, 8)


@pytest.mark.parametrize(
    ("block", "shape"),
    [
        (SameBlock(4, 6), (2, 6, 8, 8)),
        (SameBlock(4, 8, kernel_size=7, groups=2), (2, 8, 8, 8)),
        (DownBlock(4, 6), (2, 6, 4, 4)),
        (UpBlock(4, 6), (2, 6, 16, 16)),
        (ResidualBlock(4), (2, 4, 8, 8)),
    ],
)
def test_shapes(block: torch.nn.Module, shape: tuple[int, ...]) -> None:
    assert block(FEATURES).shape == shape


def test_the_residual_block_starts_from_its_input() -> None:
    block = ResidualBlock(4)
    torch.nn.init.zeros_(block.conv2.weight)
    assert block.conv2.bias is not None
    torch.nn.init.zeros_(block.conv2.bias)
    torch.testing.assert_close(block(FEATURES), FEATURES)


def test_the_blur_keeps_a_plain_picture_and_its_pixels_grid() -> None:
    blur = AntiAliasDownscale(3, 0.25)
    assert blur.kernel.shape == (3, 1, 13, 13)
    torch.testing.assert_close(blur.kernel.sum(dim=(1, 2, 3)), torch.ones(3))
    small = blur(torch.full((1, 3, 64, 64), 0.5))
    assert small.shape == (1, 3, 16, 16)
    torch.testing.assert_close(small[..., 2:-2, 2:-2], torch.full((1, 3, 12, 12), 0.5))


def test_scale_one_changes_nothing() -> None:
    assert AntiAliasDownscale(4, 1.0)(FEATURES) is FEATURES


@pytest.mark.parametrize(("period", "left"), [(2, 0.0), (4, 0.0), (8, 0.6036)])
def test_the_paint_is_smoothed_and_plain_paint_stays(period: int, left: float) -> None:
    stripes = torch.cos(2.0 * torch.pi * torch.arange(16.0) / period).expand(1, 2, 16, 16)
    smoothed = Smooth(2)(0.5 + stripes)
    expected = (0.5 + left * stripes)[..., 2:-2]
    torch.testing.assert_close(smoothed[..., 2:-2], expected, rtol=0.0, atol=1e-4)
    plain = torch.full((1, 2, 6, 6), 0.3)
    torch.testing.assert_close(Smooth(2)(plain), plain)


def test_smoothing_has_no_weights_of_its_own() -> None:
    assert Smooth(2).state_dict() == {}
