"""From a picture of a face to mediapipe's 478 points: a coarse look, then a close one.

One small network sees the whole face and finds all points roughly; two others see the mouth and
each eye, cut out along what the first one found, and find the points that expressions move. Both
kinds answer with heatmaps, whose means are the points: what a lip looks like is then learnt once
for all places of the crop, so that few people suffice to teach it.
"""

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from avatarify.networks.landmark_points import (
    CLOSE_POINTS,
    LANDMARKS,
    MOUTH_POINTS,
    RIGHT_EYE_POINTS,
    LandmarkConfig,
)

PARTS = ("coarse", "mouth", "eye")
"""The networks, by their names in `LandmarkNet`."""

ANCHORS = 96
"""Heatmaps of the coarse network; each finds one landmark of a subset that training chooses."""

_HIDDEN = 64


class CoarseFace(NamedTuple):
    """What the coarse network sees in a crop."""

    points: Tensor
    """(B, 478, 3) x, y in [-1, 1] from edge to edge of the crop; depth in the same unit."""

    presence: Tensor
    """(B,) the logit of there being a face."""

    error: Tensor
    """(B,) the expected mean error of the points, in the same unit, above 0."""


class ConvBlock(nn.Sequential):
    """3×3 convolution, batch norm, ReLU."""

    def __init__(self, inputs: int, outputs: int, stride: int = 1, kernel: int = 3) -> None:
        super().__init__(
            nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False),
            nn.BatchNorm2d(outputs),
            nn.ReLU(inplace=True),
        )


class PointHeatmaps(nn.Module):
    """An encoder that looks at the whole crop, and heatmaps at one scale finer."""

    def __init__(self, widths: tuple[int, ...], points: int) -> None:
        super().__init__()
        *fine, deep = widths
        pairs = zip((3, *fine[:-1]), fine, strict=True)
        self.stem = nn.Sequential(*(ConvBlock(a, b, stride=2) for a, b in pairs))
        self.fine = ConvBlock(fine[-1], fine[-1])
        self.deep = nn.Sequential(
            ConvBlock(fine[-1], deep, stride=2), ConvBlock(deep, deep), ConvBlock(deep, deep)
        )
        self.merge = nn.Sequential(
            ConvBlock(fine[-1] + deep, fine[-1], kernel=1), ConvBlock(fine[-1], fine[-1])
        )
        self.maps = nn.Conv2d(fine[-1], points, 1)

    def forward(self, image: Tensor) -> tuple[Tensor, Tensor]:
        """Find points.

        Args:
            image: (B, 3, S, S), in [0, 1].

        Returns:
            (B, K, 2) points in [-1, 1] from edge to edge, and the (B, C, s, s) deep features.
        """
        fine = self.fine(self.stem(image - 0.5))
        deep = self.deep(fine)
        enlarged = functional.interpolate(deep, scale_factor=2.0, mode="nearest")
        maps = self.maps(self.merge(torch.cat((fine, enlarged), dim=1)))
        return heatmap_means(maps), deep


class CoarseNet(nn.Module):
    """All 478 points of a face from its crop, with the presence of a face."""

    def __init__(self, config: LandmarkConfig) -> None:
        super().__init__()
        self.anchors = PointHeatmaps(config.face_widths, ANCHORS)
        side = config.face_size // 2 ** len(config.face_widths)
        self.squeeze = ConvBlock(config.face_widths[-1], 16, kernel=1)
        self.hidden = nn.Linear(16 * side * side, _HIDDEN)
        self.shape = nn.Linear(2 * ANCHORS, LANDMARKS * 3)
        self.correction = nn.Linear(_HIDDEN, LANDMARKS * 3)
        self.verdict = nn.Linear(_HIDDEN, 2)
        for layer in (self.correction.weight, self.correction.bias):
            nn.init.zeros_(layer)

    def forward(self, image: Tensor) -> CoarseFace:
        """See a face in (B, 3, S, S), in [0, 1]."""
        return self.read(*self.anchors(image))

    def read(self, anchors: Tensor, deep: Tensor) -> CoarseFace:
        """Complete what the heatmaps found; arguments as `PointHeatmaps` returns them."""
        hidden = functional.relu(self.hidden(self.squeeze(deep).flatten(1)))
        points = self.shape(anchors.flatten(1)) + self.correction(hidden)
        verdict = self.verdict(hidden)
        return CoarseFace(
            points.view(-1, LANDMARKS, 3), verdict[:, 0], functional.softplus(verdict[:, 1])
        )


class CloseNet(nn.Module):
    """The points of the mouth, or of an eye and its brow, from an aligned crop."""

    def __init__(self, widths: tuple[int, ...], points: int) -> None:
        super().__init__()
        self.points = PointHeatmaps(widths, points)

    def forward(self, image: Tensor) -> Tensor:
        """Map (B, 3, S, S), in [0, 1], to (B, K, 2) in [-1, 1] from edge to edge."""
        found: Tensor = self.points(image)[0]
        return found


class LandmarkNet(nn.Module):
    """The three networks. The left eye is seen in a mirror, by the right one's network.

    `spread` moves all other points by what the close looks corrected, in the face's frame.
    """

    def __init__(self, config: LandmarkConfig) -> None:
        super().__init__()
        self.config = config
        self.coarse = CoarseNet(config)
        self.mouth = CloseNet(config.mouth_widths, len(MOUTH_POINTS))
        self.eye = CloseNet(config.eye_widths, len(RIGHT_EYE_POINTS))
        self.spread = nn.Linear(2 * len(CLOSE_POINTS), 2 * LANDMARKS, bias=False)
        nn.init.zeros_(self.spread.weight)
        self.mean: Tensor
        """(478, 3), the mean face: upright, its irises 1 apart."""
        self.register_buffer("mean", torch.zeros(LANDMARKS, 3))


def heatmap_means(maps: Tensor) -> Tensor:
    """Return where heatmaps have their means.

    Args:
        maps: (B, K, H, W), logarithms of the heat up to a constant.

    Returns:
        (B, K, 2), (x, y) in [-1, 1] from edge to edge of the map.
    """
    height, width = maps.shape[2:]
    heat = torch.softmax(maps.flatten(2), dim=2).view_as(maps)
    across = (torch.arange(width, dtype=maps.dtype, device=maps.device) * 2 + 1) / width - 1
    down = (torch.arange(height, dtype=maps.dtype, device=maps.device) * 2 + 1) / height - 1
    return torch.stack(((heat.sum(2) * across).sum(2), (heat.sum(3) * down).sum(2)), dim=2)
