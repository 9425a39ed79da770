"""Zero-order dense motion: displacements, and a correction for what is not rigid.

Monkey-Net (arXiv 1812.08861) section 3.2. Its networks have a time axis of one frame; here they
are two-dimensional, and 3-D weights lose their empty axis when they are loaded.
"""

import torch
from torch import Tensor, nn

from avatarify.geometry.grid import identity_grid
from avatarify.geometry.keypoints import Keypoints
from avatarify.geometry.sparse_motion import zero_order
from avatarify.networks.blocks import SameBlock
from avatarify.networks.config import DenseMotionConfig
from avatarify.networks.dense_motion import DenseMotion, heatmap_difference, warp_by_each
from avatarify.networks.hourglass import Hourglass
from avatarify.networks.keypoint_detector import NearestDownscale


class ZeroOrderMotionNetwork(nn.Module):
    """Source and two sets of keypoints to masks, the non-rigid correction and dense flow."""

    def __init__(self, config: DenseMotionConfig, num_keypoints: int, channels: int = 3) -> None:
        super().__init__()
        self.config = config
        self.num_keypoints = num_keypoints
        self.downscale = NearestDownscale(config.scale_factor)
        in_features = (num_keypoints + 1) * (channels + 1)
        # The published network adds a leaky ReLU to each, which after a ReLU changes nothing.
        self.group_blocks = nn.ModuleList(
            SameBlock(in_features, in_features, 1, groups=num_keypoints + 1)
            for _ in range(config.group_blocks)
        )
        out_features = num_keypoints + 1 + (2 if config.correction else 0)
        self.hourglass = Hourglass(config.hourglass, in_features, out_features)

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
        sparse_motion = zero_order(source_keypoints, driving_keypoints, height, width)
        warped = warp_by_each(source, sparse_motion)
        features = self._embed(warped, source_keypoints, driving_keypoints)
        for block in self.group_blocks:
            features = block(features)
        prediction = self.hourglass(features).float()
        mask = torch.softmax(prediction[:, : self.num_keypoints + 1], dim=1)
        plane = identity_grid(height, width, like=source)
        grid = (mask[..., None] * (sparse_motion - plane)).sum(dim=1) + plane
        non_rigid = None
        if self.config.correction:
            non_rigid = prediction[:, -2:].permute(0, 2, 3, 1)
            grid = grid + non_rigid
        return DenseMotion(grid, mask, sparse_motion, warped, None, non_rigid)

    def _embed(self, warped: Tensor, source: Keypoints, driving: Keypoints) -> Tensor:
        size = (warped.shape[3], warped.shape[4])
        difference = heatmap_difference(source, driving, size, self.config.variance)
        difference = difference / self.config.heatmap_divisor
        background = torch.zeros_like(difference[:, :1])
        arrivals = torch.cat((background, difference), dim=1)[:, :, None]
        return torch.cat((arrivals, warped), dim=2).flatten(1, 2)
