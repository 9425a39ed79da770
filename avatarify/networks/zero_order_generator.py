"""Monkey-Net's generator: a U-Net whose skips are warped, then a few residual blocks."""

from collections.abc import Sequence
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional

from avatarify.geometry.grid import resize_grid, warp
from avatarify.geometry.keypoints import Keypoints
from avatarify.networks.blocks import ResidualBlock
from avatarify.networks.config import GeneratorConfig, HourglassConfig
from avatarify.networks.dense_motion import DenseMotion, heatmap_difference
from avatarify.networks.hourglass import Decoder, Encoder

CONSTANT_VARIANCE = 0.01


class Refinement(nn.Module):
    """Residual blocks at full size and a 1×1 convolution to the picture's channels."""

    def __init__(self, features: int, channels: int, num_blocks: int) -> None:
        super().__init__()
        self.blocks = nn.Sequential(*(ResidualBlock(features) for _ in range(num_blocks)))
        self.conv_last = nn.Conv2d(features, channels, 1)

    def forward(self, features: Tensor) -> Tensor:
        """Map (B, features, H, W) to logits (B, C, H, W)."""
        return self.conv_last(self.blocks(features))


class SkipWarpingGenerator(nn.Module):
    """Every step of the source's encoder, moved by the dense flow, decoded to a picture."""

    def __init__(self, config: GeneratorConfig, num_keypoints: int, channels: int = 3) -> None:
        super().__init__()
        self.config = config
        unet = HourglassConfig(config.block_expansion, config.max_features, config.num_down_blocks)
        self.encoder = Encoder(unet, channels)
        self.decoder = Decoder(unet, channels, extra_features=num_keypoints)
        self.refinement = Refinement(
            self.decoder.out_features, channels, config.num_residual_blocks
        )

    def encode(self, source: Tensor) -> list[Tensor]:
        """Return the encoder's steps, the source itself first; they can be kept.

        Args:
            source: (B, C, H, W), in [0, 1].
        """
        steps: list[Tensor] = self.encoder(source)
        return steps

    def forward(
        self,
        steps: Sequence[Tensor],
        motion: DenseMotion,
        source_keypoints: Keypoints,
        driving_keypoints: Keypoints,
    ) -> Tensor:
        """Paint the animated picture.

        Args:
            steps: From `encode`.
            motion: From the dense-motion network.
            source_keypoints: Of the source.
            driving_keypoints: Of the frame to be generated.

        Returns:
            (B, C, H, W), in [0, 1].
        """
        height, width = steps[0].shape[2:]
        scale = self.config.keypoint_scale_factor
        size = (int(height * scale), int(width * scale))
        embedding = heatmap_difference(source_keypoints, driving_keypoints, size, CONSTANT_VARIANCE)
        embedding = embedding / self.config.keypoint_divisor
        skips = [_move(step, motion.grid, embedding) for step in steps]
        return torch.sigmoid(self.refinement(self.decoder(skips)))


def _move(step: Tensor, grid: Tensor, embedding: Tensor) -> Tensor:
    height, width = step.shape[2:]
    moved = warp(step, resize_grid(grid, height, width, align_corners=False))
    mode: Literal["bilinear"] = "bilinear"
    marks = functional.interpolate(embedding, size=(height, width), mode=mode, align_corners=False)
    return torch.cat((moved, marks), dim=1)
