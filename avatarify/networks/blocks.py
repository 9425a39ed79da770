"""The convolution blocks that every network here is made of."""

import torch
from torch import Tensor, nn
from torch.nn import functional


class SameBlock(nn.Module):
    """Convolution, batch norm, ReLU; the size stays.

    Input (B, in_features, H, W), output (B, out_features, H, W).
    """

    def __init__(
        self,
        in_features: int,
        out_features: int,
        kernel_size: int = 3,
        groups: int = 1,
    ) -> None:
        super().__init__()
        self.conv = nn.Conv2d(
            in_features, out_features, kernel_size, padding=kernel_size // 2, groups=groups
        )
        self.norm = nn.BatchNorm2d(out_features)

    def forward(self, features: Tensor) -> Tensor:
        """Run the block."""
        return functional.relu(self.norm(self.conv(features)))


class DownBlock(nn.Module):
    """3×3 convolution, batch norm, ReLU and 2×2 average pooling: half the size."""

    def __init__(self, in_features: int, out_features: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(in_features, out_features, 3, padding=1)
        self.norm = nn.BatchNorm2d(out_features)

    def forward(self, features: Tensor) -> Tensor:
        """Map (B, in_features, H, W) to (B, out_features, H / 2, W / 2)."""
        return functional.avg_pool2d(functional.relu(self.norm(self.conv(features))), 2)


class UpBlock(nn.Module):
    """Nearest-neighbour up-sampling, 3×3 convolution, batch norm, ReLU: twice the size."""

    def __init__(self, in_features: int, out_features: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(in_features, out_features, 3, padding=1)
        self.norm = nn.BatchNorm2d(out_features)

    def forward(self, features: Tensor) -> Tensor:
        """Map (B, in_features, H, W) to (B, out_features, 2 H, 2 W)."""
        enlarged = functional.interpolate(features, scale_factor=2.0, mode="nearest")
        return functional.relu(self.norm(self.conv(enlarged)))


class ResidualBlock(nn.Module):
    """Pre-activation residual block: two 3×3 convolutions beside an identity."""

    def __init__(self, features: int) -> None:
        super().__init__()
        self.norm1 = nn.BatchNorm2d(features)
        self.conv1 = nn.Conv2d(features, features, 3, padding=1)
        self.norm2 = nn.BatchNorm2d(features)
        self.conv2 = nn.Conv2d(features, features, 3, padding=1)

    def forward(self, features: Tensor) -> Tensor:
        """Map (B, features, H, W) to the same shape."""
        residual = self.conv1(functional.relu(self.norm1(features)))
        return features + self.conv2(functional.relu(self.norm2(residual)))


class AntiAliasDownscale(nn.Module):
    """A fixed Gaussian blur, then every n-th pixel: what the published detectors look at."""

    kernel: Tensor

    def __init__(self, channels: int, scale_factor: float) -> None:
        super().__init__()
        self.stride = round(1.0 / scale_factor)
        sigma = (self.stride - 1) / 2.0
        radius = round(4.0 * sigma)
        offsets = torch.arange(2 * radius + 1, dtype=torch.float32) - radius
        profile = torch.exp(-(offsets**2) / (2.0 * sigma**2)) if sigma > 0 else torch.ones(1)
        square = profile[:, None] * profile[None, :]
        square = square / square.sum()
        self.register_buffer("kernel", square.expand(channels, 1, -1, -1).clone())

    def forward(self, image: Tensor) -> Tensor:
        """Map (B, C, H, W) to (B, C, H · scale_factor, W · scale_factor)."""
        if self.stride == 1:
            return image
        return functional.conv2d(
            image,
            self.kernel,
            stride=self.stride,
            padding=self.kernel.shape[-1] // 2,
            groups=image.shape[1],
        )


class Smooth(nn.Module):
    """A fixed blur, [1, 2, 2, 2, 1] / 8 in both directions; borders are repeated.

    What a pixel shuffle unfolds has a pattern of the fold's period wherever the network is
    unsure: of stripes of periods 4 and 2 nothing is left.
    """

    kernel: Tensor

    def __init__(self, channels: int) -> None:
        super().__init__()
        profile = torch.tensor([1.0, 2.0, 2.0, 2.0, 1.0]) / 8.0
        square = profile[:, None] * profile[None, :]
        self.register_buffer("kernel", square.expand(channels, 1, 5, 5).clone(), persistent=False)

    def forward(self, image: Tensor) -> Tensor:
        """Map (B, C, H, W) to the same shape."""
        padded = functional.pad(image, (2, 2, 2, 2), mode="replicate")
        return functional.conv2d(padded, self.kernel.to(image.dtype), groups=image.shape[1])
