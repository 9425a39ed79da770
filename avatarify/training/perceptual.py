"""The papers' perceptual loss, for those who have VGG-19's weights in a file of their own."""

from collections import OrderedDict
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional

from avatarify.errors import SettingsError

LAYOUT = (64, 64, "pool", 128, 128, "pool", 256, 256, 256, 256, "pool", 512, 512, 512, 512)
"""VGG-19's convolutions up to the fourth block (Simonyan 2014, table 1, column E)."""

COMPARED = ("1", "6", "11", "20")
"""Layers whose output is compared: the first ReLU of each block, as torchvision numbers them."""

MEAN = (0.485, 0.456, 0.406)
DEVIATION = (0.229, 0.224, 0.225)


class VggPerceptual(nn.Module):
    """L1 between features of two pictures at three sizes (Johnson 2016; FOMM eq. 8)."""

    mean: Tensor
    deviation: Tensor

    def __init__(self) -> None:
        super().__init__()
        layers: OrderedDict[str, nn.Module] = OrderedDict()
        channels = 3
        for width in LAYOUT:
            if isinstance(width, str):
                layers[str(len(layers))] = nn.MaxPool2d(2)
                continue
            layers[str(len(layers))] = nn.Conv2d(channels, width, 3, padding=1)
            layers[str(len(layers))] = nn.ReLU()
            channels = width
        self.features = nn.Sequential(layers)
        self.register_buffer("mean", torch.tensor(MEAN).view(1, 3, 1, 1), persistent=False)
        self.register_buffer(
            "deviation", torch.tensor(DEVIATION).view(1, 3, 1, 1), persistent=False
        )
        self.requires_grad_(False)

    def forward(self, picture: Tensor, target: Tensor) -> Tensor:
        """Compare two batches of pictures, (B, 3, H, W) in [0, 1]."""
        loss = torch.zeros((), device=picture.device)
        for _ in range(3):
            pairs = zip(self._steps(picture), self._steps(target), strict=True)
            for left, right in pairs:
                loss = loss + functional.l1_loss(left, right)
            picture = functional.avg_pool2d(picture, 2)
            target = functional.avg_pool2d(target, 2)
        return loss

    def _steps(self, picture: Tensor) -> list[Tensor]:
        features = (picture - self.mean) / self.deviation
        steps = []
        for name, layer in self.features.named_children():
            features = layer(features)
            if name in COMPARED:
                steps.append(features)
        return steps


def load_vgg(path: str) -> VggPerceptual:
    """Load torchvision's VGG-19 weights.

    Raises:
        SettingsError: The file is missing or holds other weights.
    """
    vgg = VggPerceptual()
    try:
        state = torch.load(Path(path), map_location="cpu", weights_only=True)
        wanted = {name: state[name] for name in vgg.state_dict()}
        vgg.load_state_dict(wanted)
    except (OSError, KeyError, TypeError, RuntimeError) as error:
        raise SettingsError(f"{path} is not torchvision's VGG-19: {error}") from error
    return vgg.eval()
