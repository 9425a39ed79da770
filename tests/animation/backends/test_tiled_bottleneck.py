"""Tiled residual blocks are the blocks, and only wide ones of whole tiles are tiled."""

from dataclasses import replace

import pytest
import torch
from torch import nn

from avatarify.animation.backends.streamlined import LeanResidual
from avatarify.animation.backends.tiled_bottleneck import TiledBottleneck, can_be_tiled
from avatarify.networks.blocks import ResidualBlock
from avatarify.session.bench.subjects import compact_config, vox_config


def _blocks(channels: int) -> nn.Sequential:
    blocks = nn.Sequential(*(ResidualBlock(channels) for _ in range(2))).eval()
    for block in blocks:
        for norm in (block.norm1, block.norm2):
            norm.running_mean.normal_()
            norm.running_var.uniform_(0.5, 2.0)
            nn.init.normal_(norm.bias)
    return blocks.requires_grad_(False)


@pytest.mark.parametrize("size", [(4, 4), (8, 16)])
def test_they_are_the_blocks(size: tuple[int, int]) -> None:
    torch.manual_seed(0)
    blocks = _blocks(6)
    tiled = TiledBottleneck(nn.Sequential(*(LeanResidual(block) for block in blocks)), size)
    features = torch.randn(1, 6, *size)
    torch.testing.assert_close(tiled(features), blocks(features), atol=1e-4, rtol=0)


def test_only_wide_blocks_of_whole_tiles_are_tiled() -> None:
    vox = vox_config()
    assert can_be_tiled(vox)
    assert not can_be_tiled(compact_config())
    assert not can_be_tiled(replace(vox, generator=replace(vox.generator, block_expansion=16)))
    assert not can_be_tiled(replace(vox, image_size=264, output_size=264))
