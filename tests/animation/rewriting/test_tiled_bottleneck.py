"""Tiled residual blocks are the blocks, and only wide ones of whole tiles are tiled."""

from dataclasses import replace

import pytest
import torch
from torch import nn

from avatarify.animation.rewriting.streamlined import LeanResidual
from avatarify.animation.rewriting.tiled_bottleneck import TiledBottleneck, can_be_tiled
from avatarify.networks.blocks import ResidualBlock
from avatarify.session.bench.subjects import compact_config, vox_config


def _block(channels: int) -> ResidualBlock:
    block = ResidualBlock(channels).eval().requires_grad_(False)
    for norm in (block.norm1, block.norm2):
        assert norm.running_mean is not None
        assert norm.running_var is not None
        norm.running_mean.normal_()
        norm.running_var.uniform_(0.5, 2.0)
        nn.init.normal_(norm.bias)
    return block


@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float32, 1e-4), (torch.bfloat16, 0.1)])
@pytest.mark.parametrize("size", [(4, 4), (8, 16)])
def test_they_are_the_blocks(size: tuple[int, int], dtype: torch.dtype, tolerance: float) -> None:
    torch.manual_seed(0)
    blocks = [_block(6) for _ in range(2)]
    lean = nn.Sequential(*(LeanResidual(block) for block in blocks))
    features = torch.randn(1, 6, *size)
    found = TiledBottleneck(lean, size, dtype)(features)
    torch.testing.assert_close(found, nn.Sequential(*blocks)(features), atol=tolerance, rtol=0)


def test_only_wide_blocks_of_whole_tiles_are_tiled() -> None:
    vox = vox_config()
    assert can_be_tiled(vox)
    assert not can_be_tiled(compact_config())
    assert not can_be_tiled(replace(vox, generator=replace(vox.generator, block_expansion=16)))
    flat = replace(vox.keypoints.hourglass, num_blocks=1)  # 264 pixels cannot be halved more often
    odd = replace(
        vox,
        image_size=264,
        output_size=264,
        keypoints=replace(vox.keypoints, hourglass=flat),
        dense_motion=replace(vox.dense_motion, hourglass=flat),
    )
    assert not can_be_tiled(odd)
