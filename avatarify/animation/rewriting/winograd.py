"""3×3 convolutions by Winograd's F(4×4, 3×3): 36 multiplications instead of 144 for each 4×4 tile.

Lavin and Gray, arXiv 1509.09308. torch's own CPU kernels multiply as often as the formula says and
reach nearly the processor's limit, so only fewer multiplications help. The sums are rounded at
larger numbers on the way: several times the error of the plain convolution, still float32.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

TILE, SEEN = 4, 6
_LEAST_CHANNELS = 128
"""With fewer, moving the tiles costs more than the multiplications that it saves."""

_POINTS = (0.0, 0.75, -0.75, 1.5, -1.5)
"""Where two polynomials, a tile and the taps, are multiplied; infinity is the sixth.

The usual 0, 1, -1, 2, -2 make numbers that cancel: rounding disturbs twice as much (6 dB). What
these make is nearly exact in bf16 too.
"""


class WinogradConvolution(nn.Module):
    """A 3×3 convolution with stride 1 and padding 1."""

    taps: Tensor
    bias: Tensor
    from_tile: Tensor
    to_tile: Tensor

    def __init__(self, conv: nn.Conv2d) -> None:
        """Take a convolution's weights over; see `is_worth_it`."""
        super().__init__()
        from_tile, from_taps, to_tile = _transforms()
        taps = (from_taps @ conv.weight.double() @ from_taps.T).permute(2, 3, 1, 0).flatten(0, 1)
        bias = torch.zeros(conv.out_channels) if conv.bias is None else conv.bias.detach()
        self.register_buffer("taps", taps.to(conv.weight.dtype).contiguous())
        self.register_buffer("bias", bias)
        self.register_buffer("from_tile", _both_ways(from_tile))
        self.register_buffer("to_tile", _both_ways(to_tile))

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


def _transforms() -> tuple[Tensor, Tensor, Tensor]:
    """Return Bᵀ (6, 6), G (6, 3) and Aᵀ (4, 6) of Lavin and Gray's equation 6, for any points.

    A tile d and taps g make Aᵀ [(G g) · (Bᵀ d)]: Toom and Cook's product of two polynomials,
    transposed. A row of G or Bᵀ is of one point, the last of infinity.
    """
    points = torch.tensor(_POINTS, dtype=torch.float64)
    others = [torch.cat((points[:index], points[index + 1 :])) for index in range(len(points))]
    rows = [functional.pad(_with_roots(other), (0, 1)) for other in others]
    from_tile = torch.stack([*rows, _with_roots(points)])
    scale = torch.stack([(points[index] - other).prod() for index, other in enumerate(others)])
    from_taps = torch.vander(points, SEEN - TILE + 1, increasing=True) / scale[:, None]
    to_tile = torch.vander(points, TILE, increasing=True).T
    at_infinity = torch.eye(SEEN, dtype=torch.float64)
    return (
        from_tile,
        torch.cat((from_taps, at_infinity[-1:, -from_taps.shape[1] :])),
        torch.cat((to_tile, at_infinity[-TILE:, -1:]), dim=1),
    )


def _with_roots(roots: Tensor) -> Tensor:
    """Return the coefficients of the product of all (x - root), the constant first."""
    product = torch.ones(1, dtype=roots.dtype)
    for root in roots:
        product = functional.pad(product, (1, 0)) - root * functional.pad(product, (0, 1))
    return product


def _both_ways(one_way: Tensor) -> Tensor:
    """Return what transforms rows and columns of a flat tile at once, in float32."""
    return torch.kron(one_way, one_way).float()
