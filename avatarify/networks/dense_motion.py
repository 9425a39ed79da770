"""First-order dense motion: where does each keypoint's affine motion hold (FOMM section 3.2)."""

from typing import NamedTuple

import torch
from torch import Tensor, nn

from avatarify.geometry.grid import warp
from avatarify.geometry.heatmap import gaussian
from avatarify.geometry.keypoints import Keypoints
from avatarify.geometry.sparse_motion import first_order
from avatarify.networks.blocks import AntiAliasDownscale
from avatarify.networks.config import DenseMotionConfig
from avatarify.networks.hourglass import Hourglass


class DenseMotion(NamedTuple):
    """The dense flow and what it was made of."""

    grid: Tensor
    """(B, h, w, 2), backward, driving to source, (x, y) in [-1, 1]."""

    mask: Tensor
    """(B, K + 1, h, w), sums to 1 over the keypoints; the first is the background."""

    sparse_motion: Tensor
    """(B, K + 1, h, w, 2), one warp per keypoint; the first is the background."""

    warped_source: Tensor
    """(B, K + 1, C, h, w), the small source under each sparse motion."""

    occlusion_map: Tensor | None
    """(B, 1, h, w), in [0, 1]; 0 where the source shows nothing of use. None at zero order."""

    non_rigid: Tensor | None = None
    """(B, h, w, 2), the correction that no keypoint's motion explains. None at first order."""

    hint: Tensor | None = None
    """(B, F, h, w), what the generator is told about the motion. None without hint features."""


def warp_by_each(source: Tensor, sparse_motion: Tensor) -> Tensor:
    """Warp one image by each of several motions.

    Args:
        source: (B, C, h, w).
        sparse_motion: (B, K + 1, h, w, 2).

    Returns:
        (B, K + 1, C, h, w).
    """
    batch, count, height, width = sparse_motion.shape[:4]
    repeated = source[:, None].expand(-1, count, -1, -1, -1).flatten(0, 1)
    warped = warp(repeated, sparse_motion.flatten(0, 1))
    return warped.view(batch, count, source.shape[1], height, width)


def heatmap_difference(
    source: Keypoints, driving: Keypoints, size: tuple[int, int], variance: float
) -> Tensor:
    """Draw where keypoints arrive (positive) and where they leave (negative).

    Args:
        source: K keypoints.
        driving: K keypoints.
        size: (height, width).
        variance: Used for keypoints that have no covariance.

    Returns:
        (B, K, h, w), in [-1, 1].
    """
    arriving, leaving = (
        gaussian(k.value, *size, variance if k.covariance is None else k.covariance)
        for k in (driving, source)
    )
    return arriving - leaving


class DenseMotionNetwork(nn.Module):
    """Source and two sets of keypoints to masks, dense flow and occlusion."""

    def __init__(self, config: DenseMotionConfig, num_keypoints: int, channels: int = 3) -> None:
        super().__init__()
        self.config = config
        self.downscale = AntiAliasDownscale(channels, config.scale_factor)
        self.hourglass = Hourglass(config.hourglass, (num_keypoints + 1) * (channels + 1))
        kernel = config.head_kernel
        features = self.hourglass.out_features
        self.mask_head = nn.Conv2d(features, num_keypoints + 1, kernel, padding=kernel // 2)
        self.occlusion_head: nn.Conv2d | None = None
        if config.occlusion_map:
            self.occlusion_head = nn.Conv2d(features, 1, kernel, padding=kernel // 2)
        self.hint_head: nn.Conv2d | None = None
        if config.hint_features:
            self.hint_head = nn.Conv2d(features, config.hint_features, kernel, padding=kernel // 2)

    def forward(
        self, source: Tensor, source_keypoints: Keypoints, driving_keypoints: Keypoints
    ) -> DenseMotion:
        """Estimate the flow from the frame to be generated back to the source.

        Args:
            source: (B, C, h, w), already scaled by `self.downscale`.
            source_keypoints: Of the source.
            driving_keypoints: Of the frame to be generated.
        """
        height, width = source.shape[2:]
        sparse_motion = first_order(source_keypoints, driving_keypoints, height, width)
        warped = warp_by_each(source, sparse_motion)
        difference = heatmap_difference(
            source_keypoints, driving_keypoints, (height, width), self.config.variance
        )
        background = torch.zeros_like(difference[:, :1])
        arrivals = torch.cat((background, difference), dim=1)[:, :, None]
        features = self.hourglass(torch.cat((arrivals, warped), dim=2).flatten(1, 2))
        mask = torch.softmax(self.mask_head(features).float(), dim=1)
        grid = (mask[..., None] * sparse_motion).sum(dim=1)
        occlusion = None
        if self.occlusion_head is not None:
            occlusion = torch.sigmoid(self.occlusion_head(features))
        hint = None if self.hint_head is None else self.hint_head(features)
        return DenseMotion(grid, mask, sparse_motion, warped, occlusion, hint=hint)
