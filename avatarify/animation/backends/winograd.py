"""3×3 convolutions by Winograd's F(4×4, 3×3): 36 multiplications instead of 144 for each 4×4 tile.

Lavin and Gray, arXiv 1509.09308. torch's own CPU kernels multiply as often as the formula says and
reach nearly the processor's limit, so only fewer multiplications help. The sums are rounded at
larger numbers on the way: about 20 times the error of the plain convolution, still float32.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

TILE, SEEN = 4, 6
_LEAST_CHANNELS = 128
"""With fewer, moving the tiles costs more than the multiplications that it saves."""

# Eq. 13 and 14 there, at the points 0, 1, -1, 2, -2 and infinity: a tile of six numbers, three
# taps, and back to four numbers.
_FROM_TILE = (
    (4.0, 0.0, -5.0, 0.0, 1.0, 0.0),
    (0.0, -4.0, -4.0, 1.0, 1.0, 0.0),
    (0.0, 4.0, -4.0, -1.0, 1.0, 0.0),
    (0.0, -2.0, -1.0, 2.0, 1.0, 0.0),
    (0.0, 2.0, -1.0, -2.0, 1.0, 0.0),
    (0.0, 4.0, 0.0, -5.0, 0.0, 1.0),
)
_FROM_TAPS = (
    (1 / 4, 0.0, 0.0),
    (-1 / 6, -1 / 6, -1 / 6),
    (-1 / 6, 1 / 6, -1 / 6),
    (1 / 24, 1 / 12, 1 / 6),
    (1 / 24, -1 / 12, 1 / 6),
    (0.0, 0.0, 1.0),
)
_TO_TILE = (
    (1.0, 1.0, 1.0, 1.0, 1.0, 0.0),
    (0.0, 1.0, -1.0, 2.0, -2.0, 0.0),
    (0.0, 1.0, 1.0, 4.0, 4.0, 0.0),
    (0.0, 1.0, -1.0, 8.0, -8.0, 1.0),
)


class WinogradConvolution(nn.Module):
    """A 3×3 convolution with stride 1 and padding 1."""

    taps: Tensor
    bias: Tensor
    from_tile: Tensor
    to_tile: Tensor

    def __init__(self, conv: nn.Conv2d) -> None:
        """Take a convolution's weights over; see `is_worth_it`."""
        super().__init__()
        spread = torch.tensor(_FROM_TAPS, dtype=torch.float64)
        taps = (spread @ conv.weight.double() @ spread.T).permute(2, 3, 1, 0).flatten(0, 1)
        bias = torch.zeros(conv.out_channels) if conv.bias is None else conv.bias.detach()
        self.register_buffer("taps", taps.to(conv.weight.dtype).contiguous())
        self.register_buffer("bias", bias)
        self.register_buffer("from_tile", _both_ways(_FROM_TILE))
        self.register_buffer("to_tile", _both_ways(_TO_TILE))

    def forward(self, features: Tensor) -> Tensor:
        """Map (B, in, H, W) to (B, out, H, W), fastest with channels last."""
        batch, channels, height, width = features.shape
        rows, columns = -(-height // TILE), -(-width // TILE)
        below, right = TILE * rows + 1 - height, TILE * columns + 1 - width
        padded = functional.pad(features.permute(0, 2, 3, 1), (0, 0, 1, right, 1, below))
        tiles = padded.unfold(1, SEEN, TILE).unfold(2, SEEN, TILE).permute(4, 5, 0, 1, 2, 3)
        spread = self.from_tile @ tiles.reshape(SEEN**2, -1)
        multiplied = torch.bmm(spread.view(SEEN**2, -1, channels), self.taps)
        made = (self.to_tile @ multiplied.flatten(1)).view(TILE, TILE, batch, rows, columns, -1)
        picture = made.permute(2, 3, 0, 4, 1, 5).flatten(1, 2).flatten(2, 3)
        return (picture[:, :height, :width] + self.bias).permute(0, 3, 1, 2)


def use_winograd(module: nn.Module) -> None:
    """Replace, in place, every convolution for which it pays."""
    for name, child in module.named_children():
        if isinstance(child, nn.Conv2d) and is_worth_it(child):
            setattr(module, name, WinogradConvolution(child))
        else:
            use_winograd(child)


def is_worth_it(conv: nn.Conv2d) -> bool:
    """Tell whether a convolution can be computed so, and is wide enough to gain."""
    plain = (conv.kernel_size, conv.stride, conv.padding, conv.dilation, conv.groups)
    fits = plain == ((3, 3), (1, 1), (1, 1), (1, 1), 1)
    return fits and min(conv.in_channels, conv.out_channels) >= _LEAST_CHANNELS


def _both_ways(matrix: tuple[tuple[float, ...], ...]) -> Tensor:
    """Return what transforms rows and columns of a flat tile at once."""
    one_way = torch.tensor(matrix)
    return torch.kron(one_way, one_way)
