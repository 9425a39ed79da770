"""Tells real pictures from painted ones, patch by patch; used in training only."""

from itertools import pairwise

from torch import Tensor, nn
from torch.nn import functional


class PatchDiscriminator(nn.Module):
    """Strided convolutions with instance norm; one score per patch (FOMM supplementary).

    Args of the constructor:
        channels: Of the picture.
        block_expansion: Channels after the first block, doubled by each.
        num_blocks: Blocks, each halving the size.
    """

    def __init__(self, channels: int = 3, block_expansion: int = 32, num_blocks: int = 4) -> None:
        super().__init__()
        widths = [channels, *(min(256, block_expansion * 2**n) for n in range(num_blocks))]
        self.blocks = nn.ModuleList(
            nn.utils.parametrizations.spectral_norm(nn.Conv2d(before, after, 4, 2, 1))
            for before, after in pairwise(widths)
        )
        self.score = nn.Conv2d(widths[-1], 1, 3, padding=1)

    def forward(self, picture: Tensor) -> tuple[Tensor, list[Tensor]]:
        """Judge pictures.

        Args:
            picture: (B, C, H, W), in [0, 1].

        Returns:
            Scores (B, 1, h, w), 1 for real, and the features of each block.
        """
        features = picture * 2.0 - 1.0
        steps: list[Tensor] = []
        for number, block in enumerate(self.blocks):
            features = block(features)
            if number:
                features = functional.instance_norm(features)
            features = functional.leaky_relu(features, 0.2)
            steps.append(features)
        return self.score(features), steps
