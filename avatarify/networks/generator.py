"""The first-order model's generator: encode, warp, dim what is occluded, paint (FOMM 3.2)."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from avatarify.geometry.grid import resize_grid, warp
from avatarify.networks.blocks import DownBlock, ResidualBlock, SameBlock, UpBlock
from avatarify.networks.config import GeneratorConfig
from avatarify.networks.dense_motion import DenseMotion


class OcclusionAwareGenerator(nn.Module):
    """Source features, moved by the dense flow, to a picture."""

    def __init__(self, config: GeneratorConfig, channels: int = 3) -> None:
        super().__init__()
        levels = range(config.num_down_blocks)
        self.first = SameBlock(channels, config.width(0), kernel_size=7)
        self.down_blocks = nn.ModuleList(
            DownBlock(config.width(level), config.width(level + 1)) for level in levels
        )
        self.bottleneck = nn.Sequential(
            *(
                ResidualBlock(config.width(config.num_down_blocks))
                for _ in range(config.num_residual_blocks)
            )
        )
        self.up_blocks = nn.ModuleList(
            UpBlock(config.width(level + 1), config.width(level)) for level in reversed(levels)
        )
        self.final = nn.Conv2d(config.width(0), channels, 7, padding=3)

    def encode(self, source: Tensor) -> Tensor:
        """Return the source's features; they do not depend on the driver and can be kept.

        Args:
            source: (B, C, H, W), in [0, 1].

        Returns:
            (B, F, H / 2 ** num_down_blocks, W / 2 ** num_down_blocks).
        """
        features = self.first(source)
        for block in self.down_blocks:
            features = block(features)
        return features

    def forward(self, features: Tensor, motion: DenseMotion) -> Tensor:
        """Paint the animated picture.

        Args:
            features: From `encode`.
            motion: From the dense-motion network.

        Returns:
            (B, C, H, W), in [0, 1].
        """
        height, width = features.shape[2:]
        # The published generator resized grid and occlusion with align_corners=False.
        moved = warp(features, resize_grid(motion.grid, height, width, align_corners=False))
        if motion.occlusion_map is not None:
            visible = motion.occlusion_map
            if visible.shape[2:] != (height, width):
                visible = functional.interpolate(
                    visible, size=(height, width), mode="bilinear", align_corners=False
                )
            moved = moved * visible
        moved = self.bottleneck(moved)
        for block in self.up_blocks:
            moved = block(moved)
        return torch.sigmoid(self.final(moved))
