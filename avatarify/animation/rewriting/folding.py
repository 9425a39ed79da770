"""Exact rewritings of layers into fewer or cheaper ones: pure functions on weights."""

from collections.abc import Sequence
from copy import deepcopy

import torch
from torch import Tensor, nn

# Row j of this matrix says which of the three taps of a convolution of the enlarged picture fall
# together in tap j of the transposed convolution of the small one. Along one axis, the enlarged
# picture is y[o] = x[o // 2] and the convolution is z[o] = sum over k of w[k] y[o + k - 1], so
#   z[2i]     = w[0] x[i - 1] + (w[1] + w[2]) x[i]
#   z[2i + 1] = (w[0] + w[1]) x[i] + w[2] x[i + 1].
# A transposed convolution with stride 2, padding 1 and four taps is z[o] = sum over i of
# t[o - 2i + 1] x[i]: t[3] belongs to x[i - 1] and t[1] to x[i] where o is even, t[2] to x[i] and
# t[0] to x[i + 1] where it is odd. The zeros around the picture fall together too.
_TAPS = ((0.0, 0.0, 1.0), (0.0, 1.0, 1.0), (1.0, 1.0, 0.0), (1.0, 0.0, 0.0))


def transposed_taps(weight: Tensor) -> Tensor:
    """Fold nearest-neighbour doubling into the 3×3 convolution behind it, exactly.

    The convolution of the enlarged picture reads every pixel up to four times; the transposed
    convolution reads each once: 16 instead of 36 multiplications for a pixel that comes in.

    Args:
        weight: (out, in, 3, 3), of a convolution with padding 1.

    Returns:
        (in, out, 4, 4), of a transposed convolution with stride 2 and padding 1.
    """
    taps = torch.tensor(_TAPS, dtype=torch.float64)
    # One product of two matrices: `taps @ weight @ taps.T` is millions of products of tiny ones.
    folded = weight.double().flatten(2) @ torch.kron(taps, taps).T
    return folded.to(weight.dtype).reshape(*weight.shape[:2], 4, 4).transpose(0, 1).contiguous()


def normalised(conv: nn.Conv2d, norm: nn.BatchNorm2d) -> tuple[Tensor, Tensor]:
    """Fold a batch norm into the convolution before it.

    Args:
        conv: Any convolution.
        norm: In eval mode, of the convolution's output.

    Returns:
        Weight and bias of the convolution that does both.
    """
    scale, shift = affine_of(norm)
    bias = torch.zeros_like(scale) if conv.bias is None else conv.bias.double()
    weight = conv.weight.double() * scale[:, None, None, None]
    return weight.to(conv.weight.dtype), (bias * scale + shift).to(conv.weight.dtype)


def affine_of(norm: nn.BatchNorm2d) -> tuple[Tensor, Tensor]:
    """Return what a batch norm in eval mode does: x · scale + shift, in float64.

    Args:
        norm: With running statistics.
    """
    assert norm.running_mean is not None
    assert norm.running_var is not None
    scale = norm.weight.double() / torch.sqrt(norm.running_var.double() + norm.eps)
    return scale, norm.bias.double() - norm.running_mean.double() * scale


def joined(convs: Sequence[nn.Conv2d]) -> nn.Conv2d:
    """Join convolutions of one input into one, whose outputs follow each other.

    Processors multiply 16 numbers at a time, so that a convolution with one output costs as much as
    one with 16.

    Args:
        convs: All with a bias, of one size, stride and padding.
    """
    biases = [conv.bias for conv in convs if conv.bias is not None]
    whole = deepcopy(convs[0])
    whole.out_channels = sum(conv.out_channels for conv in convs)
    weight = torch.cat([conv.weight for conv in convs])
    whole.weight = nn.Parameter(weight.detach(), requires_grad=False)
    whole.bias = nn.Parameter(torch.cat(biases).detach(), requires_grad=False)
    return whole
