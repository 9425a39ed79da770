"""The U-Net of both papers: an encoder, and a decoder that sees the encoder's every step."""

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn

from avatarify.networks.blocks import DownBlock, UpBlock
from avatarify.networks.config import HourglassConfig


class Encoder(nn.Module):
    """Halves the size `num_blocks` times while the features double up to `max_features`."""

    def __init__(self, config: HourglassConfig, in_features: int) -> None:
        super().__init__()
        widths = [in_features, *(config.width(level + 1) for level in range(config.num_blocks))]
        self.down_blocks = nn.ModuleList(
            DownBlock(before, after) for before, after in pairwise(widths)
        )

    def forward(self, features: Tensor) -> list[Tensor]:
        """Return the input and what each block made of it, largest first."""
        steps = [features]
        for block in self.down_blocks:
            steps.append(block(steps[-1]))
        return steps


class Decoder(nn.Module):
    """Doubles the size `num_blocks` times; each step is joined with the encoder's.

    Args of the constructor:
        config: Shared with the encoder.
        in_features: Channels of the encoder's input.
        extra_features: Channels that the caller adds to every step (Monkey-Net's keypoints).
        out_features: With a number, a last 3×3 convolution gives that many channels.
    """

    def __init__(
        self,
        config: HourglassConfig,
        in_features: int,
        extra_features: int = 0,
        out_features: int | None = None,
    ) -> None:
        super().__init__()
        blocks = []
        for level in reversed(range(config.num_blocks)):
            joined = 1 if level == config.num_blocks - 1 else 2
            before = joined * config.width(level + 1) + extra_features
            blocks.append(UpBlock(before, config.width(level)))
        self.up_blocks = nn.ModuleList(blocks)
        self.out_features = config.block_expansion + in_features + extra_features
        self.conv: nn.Conv2d | None = None
        if out_features is not None:
            self.conv = nn.Conv2d(self.out_features, out_features, 3, padding=1)
            self.out_features = out_features

    def forward(self, steps: Sequence[Tensor]) -> Tensor:
        """Map the encoder's steps, largest first, to (B, out_features, H, W)."""
        features = steps[-1]
        for block, skip in zip(self.up_blocks, reversed(steps[:-1]), strict=True):
            features = torch.cat((block(features), skip), dim=1)
        return features if self.conv is None else self.conv(features)


class Hourglass(nn.Module):
    """Encoder and decoder in one; (B, in_features, H, W) to (B, self.out_features, H, W)."""

    def __init__(
        self, config: HourglassConfig, in_features: int, out_features: int | None = None
    ) -> None:
        super().__init__()
        self.encoder = Encoder(config, in_features)
        self.decoder = Decoder(config, in_features, out_features=out_features)
        self.out_features = self.decoder.out_features

    def forward(self, features: Tensor) -> Tensor:
        """Run the U-Net; H and W must be divisible by 2 ** num_blocks."""
        return self.decoder(self.encoder(features))
