"""Finds keypoints without anyone having named them: U-Net, heatmaps, Gaussians, Jacobians."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from avatarify.geometry import heatmap as heatmaps
from avatarify.geometry.keypoints import Keypoints
from avatarify.networks.blocks import AntiAliasDownscale, SameBlock
from avatarify.networks.config import KeypointConfig
from avatarify.networks.hourglass import Hourglass


class SpaceToDepthStem(nn.Module):
    """Folds the full-size image into channels: the detector's lids are a few pixels high."""

    def __init__(self, channels: int, scale_factor: float, features: int) -> None:
        super().__init__()
        self.factor = round(1.0 / scale_factor)
        self.block = SameBlock(channels * self.factor**2, features)

    def forward(self, image: Tensor) -> Tensor:
        """Map (B, C, H, W) to (B, features, H · scale_factor, W · scale_factor)."""
        return self.block(functional.pixel_unshuffle(image, self.factor))


class NearestDownscale(nn.Module):
    """Every n-th pixel: what the published zero-order model looks at."""

    def __init__(self, scale_factor: float) -> None:
        super().__init__()
        self.stride = round(1.0 / scale_factor)

    def forward(self, image: Tensor) -> Tensor:
        """Map (B, C, H, W) to (B, C, H · scale_factor, W · scale_factor)."""
        return image[:, :, :: self.stride, :: self.stride]


class KeypointDetector(nn.Module):
    """Image to keypoints (FOMM section 3.1, Monkey-Net section 3.1).

    The zero-order model's heads are the U-Net's last convolution; the first-order model's are
    convolutions of their own, so that heatmaps and Jacobians share the U-Net.
    """

    def __init__(self, config: KeypointConfig, channels: int = 3) -> None:
        super().__init__()
        self.config = config
        first_order = config.jacobian
        self.downscale: nn.Module
        if config.stem_features:
            self.downscale = SpaceToDepthStem(channels, config.scale_factor, config.stem_features)
        elif first_order:
            self.downscale = AntiAliasDownscale(channels, config.scale_factor)
        else:
            self.downscale = NearestDownscale(config.scale_factor)
        in_features = config.stem_features or channels
        self.hourglass = Hourglass(
            config.hourglass, in_features, None if first_order else config.num_keypoints
        )
        self.heatmap_head: nn.Conv2d | None = None
        self.jacobian_head: nn.Conv2d | None = None
        if first_order:
            self.heatmap_head = self._head(config.num_keypoints)
            maps = 1 if config.shared_jacobian_map else config.num_keypoints
            self.jacobian_head = self._head(4 * maps)
            nn.init.zeros_(self.jacobian_head.weight)
            identity = torch.tensor([1.0, 0.0, 0.0, 1.0]).repeat(maps)
            assert self.jacobian_head.bias is not None
            self.jacobian_head.bias.data.copy_(identity)

    def _head(self, out_features: int) -> nn.Conv2d:
        return nn.Conv2d(
            self.hourglass.out_features,
            out_features,
            self.config.head_kernel,
            padding=self.config.head_padding,
        )

    def forward(self, image: Tensor) -> Keypoints:
        """Find the keypoints.

        Args:
            image: (B, C, H, W), in [0, 1].

        Returns:
            K keypoints; Jacobians and covariances as the configuration says.
        """
        return self.detect(image)[0]

    def detect(self, image: Tensor) -> tuple[Keypoints, Tensor]:
        """Like `forward`, with the heatmaps (B, K, h, w) beside it for those who show them."""
        features = self.hourglass(self.downscale(image))
        logits = features if self.heatmap_head is None else self.heatmap_head(features)
        # In float: a half-precision mean over the image would be pixels off.
        heatmap = heatmaps.spatial_softmax(logits.float(), self.config.temperature)
        if self.jacobian_head is not None:
            value = heatmaps.centre(heatmap)
            return Keypoints(value, self._jacobian(features, heatmap)), heatmap
        # The published zero-order model moments an un-normalised map: each pixel has 1e-7 more.
        weights = heatmap + 1e-7
        value = heatmaps.centre(weights)
        return Keypoints(value, None, self._covariance(weights, value)), heatmap

    def _jacobian(self, features: Tensor, heatmap: Tensor) -> Tensor:
        assert self.jacobian_head is not None
        batch, count, height, width = heatmap.shape
        maps = self.jacobian_head(features).float().view(batch, -1, 4, height, width)
        return (heatmap[:, :, None] * maps).sum(dim=(3, 4)).view(batch, count, 2, 2)

    def _covariance(self, heatmap: Tensor, value: Tensor) -> Tensor | None:
        if self.config.covariance == "none":
            return None
        return heatmaps.covariance(
            heatmap, value, self.config.covariance, self.config.smallest_variance
        )
