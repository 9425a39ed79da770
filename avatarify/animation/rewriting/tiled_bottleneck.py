"""A FOMM generator's residual blocks by Winograd's convolutions, for OpenVINO.

Of the 36 numbers that a tile's transform needs, 20 are its neighbours', so every convolution must
gather its pixels anew. If they lie in the order of the tiles, the i-th pixels of all tiles
together, each transform is one matrix product of what lies there, its result is in that order
again, and a block's sums and scales do not care. So pixels are ordered once before the blocks and
once behind.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

from avatarify.animation.rewriting.streamlined import LeanResidual
from avatarify.animation.rewriting.winograd import SEEN, TILE, WinogradConvolution, is_worth_it
from avatarify.networks.config import ModelConfig


class TiledBottleneck(nn.Module):
    """Residual blocks of pictures of one size."""

    order: Tensor
    inverse: Tensor

    def __init__(
        self, blocks: nn.Sequential, size: tuple[int, int], dtype: torch.dtype = torch.float32
    ) -> None:
        """Take streamlined blocks over; see `can_be_tiled`.

        Args:
            blocks: `LeanResidual` ones.
            size: (height, width), multiples of four.
            dtype: Of all that the convolutions multiply.
        """
        super().__init__()
        order = _tile_order(*size)
        inverse = order.argsort()
        around = _around_tiles(inverse.view(size))
        self.register_buffer("order", order)
        self.register_buffer("inverse", inverse)
        self.blocks = nn.Sequential(*(_TiledResidual(block, around, dtype) for block in blocks))

    def forward(self, features: Tensor) -> Tensor:
        """Map (1, C, H, W) to the same."""
        pixels = features.permute(0, 2, 3, 1)
        tiled = self.blocks(pixels.flatten(0, 2)[self.order])
        return tiled[self.inverse].view(pixels.shape).permute(0, 3, 1, 2)


class _TiledResidual(nn.Module):
    scale: Tensor
    shift: Tensor

    def __init__(self, block: nn.Module, around: Tensor, dtype: torch.dtype) -> None:
        super().__init__()
        assert isinstance(block, LeanResidual)
        self.register_buffer("scale", block.scale.flatten())
        self.register_buffer("shift", block.shift.flatten())
        self.conv1 = _TiledConvolution(block.conv1, around, dtype)
        self.conv2 = _TiledConvolution(block.conv2, around, dtype)

    def forward(self, pixels: Tensor) -> Tensor:
        ready = functional.relu(torch.addcmul(self.shift, pixels, self.scale))
        return pixels + self.conv2(functional.relu(self.conv1(ready)))


class _TiledConvolution(WinogradConvolution):
    around: Tensor
    outside: Tensor

    def __init__(self, conv: nn.Conv2d, around: Tensor, dtype: torch.dtype) -> None:
        super().__init__(conv)
        self.register_buffer("outside", torch.zeros(1, conv.in_channels))
        bias = self.bias
        self.to(dtype)
        self.bias = bias  # is only added
        self.register_buffer("around", around)

    def forward(self, pixels: Tensor) -> Tensor:
        """Map (H · W, in) to (H · W, out), both in the order of the tiles."""
        seen = torch.cat((pixels.to(self.taps.dtype), self.outside))[self.around]
        spread = self.from_tile @ seen.view(SEEN**2, -1)
        multiplied = torch.bmm(spread.view(SEEN**2, -1, pixels.shape[1]), self.taps)
        made = (self.to_tile @ multiplied.flatten(1)).view(pixels.shape[0], -1)
        return made.to(pixels.dtype) + self.bias


def can_be_tiled(config: ModelConfig) -> bool:
    """Tell whether a model's residual blocks can be computed so, and are wide enough to gain."""
    generator = config.generator
    if config.architecture != "fomm" or generator.num_residual_blocks == 0:
        return False
    width = generator.width(generator.num_down_blocks)
    conv = nn.Conv2d(width, width, 3, padding=1, device="meta")
    return is_worth_it(conv) and config.image_size % (TILE * 2**generator.num_down_blocks) == 0


def _tile_order(height: int, width: int) -> Tensor:
    """Return which pixel of a picture each in the order of the tiles is, (H · W)."""
    pixels = torch.arange(height * width).view(height // TILE, TILE, width // TILE, TILE)
    return pixels.permute(1, 3, 0, 2).flatten()


def _around_tiles(places: Tensor) -> Tensor:
    """Return what all tiles see, the i-th pixels of all together.

    Args:
        places: (H, W), where each pixel lies; outside of the picture is the place behind the last.
    """
    padded = functional.pad(places, (1, 1, 1, 1), value=places.numel())
    return padded.unfold(0, SEEN, TILE).unfold(1, SEEN, TILE).permute(2, 3, 0, 1).flatten()
