"""The readable networks with every block replaced by a cheaper one that computes the same.

Batch norms are folded into the convolutions beside them, and an up-sampling with its convolution
becomes one transposed convolution. What the networks do with the blocks stays the readable code.
"""

from copy import deepcopy

import torch
from torch import Tensor, nn
from torch.nn import functional

from avatarify.animation.rewriting.folding import affine_of, normalised, transposed_taps
from avatarify.networks.blocks import DownBlock, ResidualBlock, SameBlock, UpBlock
from avatarify.networks.motion_model import MotionModel


class _Convolution(nn.Module):
    """A convolution and its ReLU, from a block's convolution and batch norm."""

    def __init__(self, block: SameBlock | DownBlock) -> None:
        super().__init__()
        self.conv = _with_weights(block.conv, *normalised(block.conv, block.norm))

    def forward(self, features: Tensor) -> Tensor:
        return functional.relu(self.conv(features))


class _Down(_Convolution):
    def forward(self, features: Tensor) -> Tensor:
        return functional.avg_pool2d(super().forward(features), 2)


class _Up(nn.Module):
    def __init__(self, block: UpBlock) -> None:
        super().__init__()
        weight, bias = normalised(block.conv, block.norm)
        self.conv = nn.ConvTranspose2d(
            weight.shape[1], weight.shape[0], 4, stride=2, padding=1, device="meta"
        )
        self.conv.weight = nn.Parameter(transposed_taps(weight), requires_grad=False)
        self.conv.bias = nn.Parameter(bias, requires_grad=False)

    def forward(self, features: Tensor) -> Tensor:
        return functional.relu(self.conv(features))


class LeanResidual(nn.Module):
    """A residual block whose second batch norm is folded into its first convolution."""

    scale: Tensor
    shift: Tensor

    def __init__(self, block: ResidualBlock) -> None:
        """Take a block's weights over."""
        super().__init__()
        scale, shift = affine_of(block.norm1)
        dtype = block.conv1.weight.dtype
        self.register_buffer("scale", scale.to(dtype)[:, None, None].clone())
        self.register_buffer("shift", shift.to(dtype)[:, None, None].clone())
        self.conv1 = _with_weights(block.conv1, *normalised(block.conv1, block.norm2))
        self.conv2 = _with_weights(block.conv2, block.conv2.weight, block.conv2.bias)

    def forward(self, features: Tensor) -> Tensor:
        """Map (B, C, H, W) to the same."""
        ready = functional.relu(torch.addcmul(self.shift, features, self.scale))
        return features + self.conv2(functional.relu(self.conv1(ready)))


def streamline(model: MotionModel) -> MotionModel:
    """Return a cheaper model that computes the same.

    Args:
        model: In eval mode; it stays as it is.
    """
    copy = deepcopy(model)
    _replace_blocks(copy)
    return copy.eval().requires_grad_(False)


def _replace_blocks(module: nn.Module) -> None:
    for name, child in module.named_children():
        replacement = _replacement(child)
        if replacement is None:
            _replace_blocks(child)
        else:
            setattr(module, name, replacement)


def _replacement(module: nn.Module) -> nn.Module | None:
    match module:
        case SameBlock():
            return _Convolution(module)
        case DownBlock():
            return _Down(module)
        case UpBlock():
            return _Up(module)
        case ResidualBlock():
            return LeanResidual(module)
    return None


def _with_weights(conv: nn.Conv2d, weight: Tensor, bias: Tensor | None) -> nn.Conv2d:
    copy = deepcopy(conv)
    copy.weight = nn.Parameter(weight.detach().clone(), requires_grad=False)
    if bias is not None:
        copy.bias = nn.Parameter(bias.detach().clone(), requires_grad=False)
    return copy
