"""The compact model's generator: move the photograph itself, paint only what it cannot show.

A laptop cannot afford a generator that repaints every pixel, and need not: most of an animated
portrait is the portrait. The source is warped at full output resolution by the dense flow, which
the generator refines, and a learned mask blends in a small painted picture where the source shows
nothing of use: the inside of an opening mouth, closing lids, what was occluded.
"""

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from avatarify.geometry.grid import resize_grid, warp
from avatarify.geometry.keypoints import Keypoints
from avatarify.networks.blocks import DownBlock, ResidualBlock, SameBlock, Smooth, UpBlock
from avatarify.networks.config import GeneratorConfig
from avatarify.networks.dense_motion import DenseMotion

GATE_DISTANCE = 0.01
"""Keypoint motion, in [-1, 1] units, at which 63 % of the generator's changes are let through."""

LARGEST_REFINEMENT = 0.1
"""The generator may move the dense flow by this much, in [-1, 1] units."""


class CompactFeatures(NamedTuple):
    """What the source gives to every frame."""

    fine: Tensor
    """(B, F, H / fold, W / fold)."""

    coarse: Tensor
    """(B, 2 F, H / 2 fold, W / 2 fold)."""


class Painting(NamedTuple):
    """What the generator makes of one frame."""

    picture: Tensor
    """(B, C, H, W), in [0, 1]: the animated portrait at the source's own resolution."""

    warped_source: Tensor
    """(B, C, H, W): the source under the refined flow, before anything is painted."""

    painted: Tensor
    """(B, C, h, w), in [0, 1]: the generator's own picture."""

    blend: Tensor
    """(B, 1, h, w), in [0, 1]: 0 keeps the warped source, 1 takes the painted picture."""


def motion_gate(source: Keypoints, driving: Keypoints) -> Tensor:
    """Measure whether anything moves at all.

    1 - exp(-(d / GATE_DISTANCE)²), d the largest displacement of a keypoint. A driver in the
    pose of the reference frame must leave the portrait exactly as it is.

    Args:
        source: K keypoints.
        driving: K keypoints.

    Returns:
        (B, 1, 1, 1), in [0, 1).
    """
    squared = ((driving.value - source.value) ** 2).sum(dim=-1).amax(dim=1)
    return 1.0 - torch.exp(-squared / GATE_DISTANCE**2)[:, None, None, None]


class CompactGenerator(nn.Module):
    """Warp at full size, refine, and blend in a small painted picture."""

    def __init__(self, config: GeneratorConfig, channels: int = 3, hint_features: int = 0) -> None:
        super().__init__()
        width = config.width(0)
        coarse = config.width(1)
        self.channels = channels
        self.fold = config.fold
        self.first = SameBlock(channels * self.fold**2, width)
        self.down = DownBlock(width, coarse)
        self.bottleneck = nn.Sequential(
            *(ResidualBlock(coarse) for _ in range(config.num_residual_blocks))
        )
        self.up = UpBlock(coarse, width)
        self.inform: nn.Conv2d | None = None
        if hint_features:
            self.inform = nn.Conv2d(hint_features, coarse, 3, stride=2, padding=1)
        self.join = SameBlock(2 * width + hint_features, width)
        self.final = nn.Conv2d(width, (channels + 1) * self.fold**2 + 2, 3, padding=1)
        self.smooth: Smooth | None = Smooth(channels + 1) if config.smooth_paint else None
        self._start_as_a_warp()

    def _start_as_a_warp(self) -> None:
        """Begin training from "show the warped source": no refinement, little painted."""
        assert self.final.bias is not None
        picture, blend = self.channels * self.fold**2, self.fold**2
        nn.init.zeros_(self.final.bias)
        nn.init.constant_(self.final.bias[picture : picture + blend], -2.0)
        nn.init.zeros_(self.final.weight[picture + blend :])
        if self.inform is not None:
            nn.init.zeros_(self.inform.weight)

    def encode(self, source: Tensor) -> CompactFeatures:
        """Return the source's features; they do not depend on the driver and can be kept.

        Args:
            source: (B, C, H, W), in [0, 1], at the model's image size.
        """
        fine = self.first(functional.pixel_unshuffle(source, self.fold))
        return CompactFeatures(fine, self.down(fine))

    def forward(
        self, source: Tensor, features: CompactFeatures, motion: DenseMotion, gate: Tensor
    ) -> Painting:
        """Paint the animated picture.

        Args:
            source: (B, C, H, W), in [0, 1]; may be larger than the image that was encoded.
            features: From `encode`.
            motion: From the dense-motion network.
            gate: (B, 1, 1, 1), from `motion_gate`.
        """
        height, width = features.fine.shape[2:]
        coarse_grid = resize_grid(motion.grid, height // 2, width // 2, align_corners=True)
        coarse = warp(features.coarse, coarse_grid)
        if motion.occlusion_map is not None:
            visible = motion.occlusion_map.to(coarse.dtype)
            if visible.shape[2:] != coarse.shape[2:]:
                visible = functional.interpolate(
                    visible, size=coarse.shape[2:], mode="bilinear", align_corners=True
                )
            coarse = coarse * visible
        fine_grid = resize_grid(motion.grid, height, width, align_corners=True)
        fine = warp(features.fine, fine_grid)
        if self.inform is not None:
            assert motion.hint is not None
            coarse = coarse + self.inform(motion.hint)
            fine = torch.cat((fine, motion.hint.to(fine.dtype)), dim=1)
        joined = self.join(torch.cat((self.up(self.bottleneck(coarse)), fine), dim=1))
        logits = self.final(joined).float()
        folded = (self.channels + 1) * self.fold**2
        unfolded = functional.pixel_shuffle(logits[:, :folded], self.fold)
        if self.smooth is not None:
            unfolded = self.smooth(unfolded)
        refinement = LARGEST_REFINEMENT * torch.tanh(logits[:, folded:]) * gate
        grid = fine_grid + refinement.permute(0, 2, 3, 1)
        painted = torch.sigmoid(unfolded[:, : self.channels])
        blend = torch.sigmoid(unfolded[:, self.channels :]) * gate
        return self._compose(source, grid, painted, blend)

    def _compose(self, source: Tensor, grid: Tensor, painted: Tensor, blend: Tensor) -> Painting:
        height, width = source.shape[2:]
        full_grid = resize_grid(grid, height, width, align_corners=True)
        warped = warp(source, full_grid, padding_mode="border")
        paint = torch.cat((painted, blend), dim=1)
        if paint.shape[2:] != (height, width):
            paint = functional.interpolate(
                paint, size=(height, width), mode="bilinear", align_corners=True
            )
        picture = warped + paint[:, -1:] * (paint[:, :-1] - warped)
        return Painting(picture, warped, painted, blend)
