"""A convolution with few outputs, computed for four neighbouring pixels at once."""

import torch
from torch import Tensor, nn
from torch.nn import functional


class FourfoldConvolution(nn.Module):
    """A convolution with stride 1 that keeps the size, for pictures of even sides.

    Processors multiply 16 numbers at a time, and three colours leave 13 of them idle. The four
    pixels of a 2×2 square have 12, and see a square that is one pixel larger: of 7×7 taps at 256²
    there are 16,384 · 64 instead of 65,536 · 49 steps for each input channel.
    """

    def __init__(self, conv: nn.Conv2d) -> None:
        """Take a convolution's weights over: k×k, k odd, padding k // 2."""
        super().__init__()
        outputs, inputs, taps, _ = conv.weight.shape
        self.conv = nn.Conv2d(
            inputs, 4 * outputs, taps + 1, stride=2, padding=taps // 2, device="meta"
        )
        bias = torch.zeros(outputs) if conv.bias is None else conv.bias.detach()
        self.conv.weight = nn.Parameter(fourfold_taps(conv.weight), requires_grad=False)
        self.conv.bias = nn.Parameter(bias.repeat_interleave(4), requires_grad=False)

    def forward(self, features: Tensor) -> Tensor:
        """Map (B, in, H, W) to (B, out, H, W)."""
        return functional.pixel_shuffle(self.conv(features), 2)


def fourfold_taps(weight: Tensor) -> Tensor:
    """Place a convolution's taps where each pixel of a 2×2 square sees its own.

    Args:
        weight: (out, in, k, k).

    Returns:
        (4 · out, in, k + 1, k + 1), in the order of `pixel_shuffle`, for stride 2.
    """
    places = [(row, 1 - row, column, 1 - column) for row in (0, 1) for column in (0, 1)]
    squares = [
        functional.pad(weight.detach(), (left, right, above, below))
        for above, below, left, right in places
    ]
    return torch.stack(squares, dim=1).flatten(0, 1)
