"""The network that tells a person from the room: a small U-Net, as it is trained.

What runs in the program is `animation/face/matte_network.py`, the same arithmetic without torch;
`folded` gives it the weights.
"""

from itertools import pairwise

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812 - the field's own name for it
from numpy.typing import NDArray
from torch import Tensor, nn

INPUTS = 6
"""Channels: the picture (RGB in [0, 1]), where there is a picture, the face's inside, and the
landmarks' own guess in fifths of log odds."""

WIDTHS = (20, 32, 48, 64, 96)
"""Channels at a half, a quarter, ... of the input's size."""


class _Pair(nn.Module):
    """Two convolutions, the second one beside a short cut."""

    def __init__(self, given: int, made: int, stride: int = 1) -> None:
        super().__init__()
        self.first = _layer(given, made, stride)
        self.second = _layer(made, made)

    def forward(self, features: Tensor) -> Tensor:
        features = F.relu(self.first(features))
        return F.relu(features + self.second(features))


class MatteNet(nn.Module):
    """From (B, 6, H, W) to (B, 1, H, W), log odds of the person; H and W are multiples of 32."""

    def __init__(self, widths: tuple[int, ...] = WIDTHS) -> None:
        super().__init__()
        self.widths = widths
        pairs = list(pairwise(widths))
        self.stem = nn.Conv2d(4 * INPUTS, widths[0], 3, padding=1)
        self.down = nn.ModuleList(
            [_Pair(widths[0], widths[0]), *(_Pair(given, made, 2) for given, made in pairs)]
        )
        self.up = nn.ModuleList(nn.Conv2d(deep, flat, 1) for flat, deep in pairs)
        self.join = nn.ModuleList(_Pair(width, width) for width in widths[:-1])
        self.head = nn.Conv2d(widths[0], 4, 3, padding=1)

    def forward(self, seen: Tensor) -> Tensor:
        """Return log odds."""
        features = F.relu(self.stem(F.pixel_unshuffle(seen, 2)))
        levels = []
        for pair in self.down:
            features = pair(features)
            levels.append(features)
        for level in reversed(range(len(self.join))):
            raised = F.interpolate(
                self.up[level](features), scale_factor=2, mode="bilinear", align_corners=False
            )
            features = self.join[level](levels[level] + raised)
        return F.pixel_shuffle(self.head(features), 2)


def _layer(given: int, made: int, stride: int = 1) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(given, made, 3, stride, 1, bias=False),
        nn.BatchNorm2d(made),
    )


@torch.no_grad()
def folded(net: MatteNet) -> dict[str, NDArray[np.float32]]:
    """Return the weights with norms folded in: each layer a filter and a bias.

    Filters are (h, w, in, out), names those of the layers: `stem`, `down0.first`, `up0`, `head`.
    """
    layers: dict[str, tuple[Tensor, Tensor]] = {}
    for name, module in net.named_modules():
        if isinstance(module, nn.Sequential):
            filters, norm = module[0], module[1]
            assert isinstance(filters, nn.Conv2d)
            assert isinstance(norm, nn.BatchNorm2d)
            mean, variance = norm.running_mean, norm.running_var
            assert mean is not None
            assert variance is not None
            gain = norm.weight / torch.sqrt(variance + norm.eps)
            bias = norm.bias - mean * gain
            layers[name] = filters.weight * gain[:, None, None, None], bias
        elif isinstance(module, nn.Conv2d) and module.bias is not None:
            layers[name] = module.weight, module.bias
    tensors = {}
    for name, (weight, bias) in layers.items():
        plain = name.replace("down.", "down").replace("up.", "up").replace("join.", "join")
        tensors[f"{plain}.weight"] = weight.permute(2, 3, 1, 0).float().contiguous().numpy()
        tensors[f"{plain}.bias"] = bias.float().numpy()
    return tensors
