"""The work of one frame cut into three networks, so that each can run elsewhere and in its own way.

`Detect` finds keypoints, `Move` makes the dense flow and moves the portrait's features along it,
`Paint` decodes them. The cuts lie where precision matters differently: coordinates need float32,
colours do not. All three take and return plain tensors, so that tracing exporters and CUDA graphs
can have them, and leave out what only pictures of the inner workings need.
"""

from typing import NamedTuple, cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from avatarify.animation.rewriting.fourfold import FourfoldConvolution
from avatarify.animation.rewriting.moving import Move, MoveFirstOrder, gaussian_product
from avatarify.animation.rewriting.streamlined import streamline
from avatarify.geometry.grid import identity_grid, resize_grid, warp
from avatarify.geometry.heatmap import spatial_softmax
from avatarify.geometry.keypoints import Keypoints
from avatarify.networks.compact_generator import LARGEST_REFINEMENT, CompactGenerator
from avatarify.networks.dense_motion import DenseMotion, heatmap_difference
from avatarify.networks.generator import OcclusionAwareGenerator
from avatarify.networks.keypoint_detector import KeypointDetector
from avatarify.networks.motion_model import (
    CompactModel,
    FirstOrderModel,
    MotionModel,
    SourceEncoding,
    ZeroOrderModel,
)
from avatarify.networks.zero_order_generator import CONSTANT_VARIANCE


class Still(NamedTuple):
    """What `Move` needs of a portrait; the same for every frame."""

    small: Tensor
    """(1, C, h, w), what the dense-motion network sees."""

    leaving: Tensor
    """(1, K, h, w), the Gaussians of the portrait's keypoints; first order only."""

    value: Tensor
    """(1, K, 2)."""

    matrix: Tensor
    """(1, K, 2, 2), Jacobians (first order) or covariances (zero order)."""

    features: tuple[Tensor, ...]
    """The generator's encoding."""


def inputs_of(still: Still, value: Tensor, matrix: Tensor) -> tuple[Tensor, ...]:
    """Return what `Move` takes.

    Args:
        still: The portrait.
        value: (1, K, 2), of the picture to be painted.
        matrix: (1, K, 2, 2), likewise.
    """
    small, leaving, source_value, source_matrix, features = still
    return small, leaving, source_value, source_matrix, value, matrix, *features


class Detect(nn.Module):
    """Picture to keypoints."""

    def __init__(self, detector: KeypointDetector) -> None:
        """Take a detector over.

        Args:
            detector: Streamlined or not.
        """
        super().__init__()
        self.detector = detector

    def forward(self, pixels: Tensor) -> tuple[Tensor, Tensor]:
        """Find keypoints.

        Args:
            pixels: (B, S, S, 3) RGB uint8.

        Returns:
            Values (B, K, 2) and Jacobians or covariances (B, K, 2, 2); unit matrices where the
            model has neither, which first order understands as zero order.
        """
        image = pixels.permute(0, 3, 1, 2).float() / 255.0
        if self.detector.jacobian_head is None:
            keypoints = cast(Keypoints, self.detector(image))
            return keypoints.value, matrix_of(keypoints)
        features = self.detector.hourglass(self.detector.downscale(image))
        assert self.detector.heatmap_head is not None
        return self._read(
            self.detector.heatmap_head(features), self.detector.jacobian_head(features)
        )

    def _read(self, logits: Tensor, maps: Tensor) -> tuple[Tensor, Tensor]:
        """Take the means by matrix products: no tensor of all coordinates times all maps."""
        batch, count, height, width = logits.shape
        heatmap = spatial_softmax(logits.float(), self.detector.config.temperature).flatten(2)
        value = heatmap @ identity_grid(height, width, like=heatmap).flatten(0, 1)
        if maps.shape[1] == 4:  # one map for all keypoints
            jacobian = heatmap @ maps.float().flatten(2).transpose(1, 2)
        else:
            each = maps.float().reshape(batch * count, 4, height * width)
            jacobian = each @ heatmap.reshape(batch * count, height * width, 1)
        return value, jacobian.reshape(batch, count, 2, 2)


class MoveZeroOrder(Move):
    """Of Monkey-Net: the skips of its U-Net, each moved and with the keypoints' marks."""

    def __init__(self, model: ZeroOrderModel) -> None:
        """Take the networks of a model over."""
        super().__init__()
        self.network = model.dense_motion
        self.config = model.generator.config
        self.has_covariance = model.config.keypoints.covariance != "none"

    def forward(self, *inputs: Tensor) -> tuple[Tensor, ...]:
        """See `Move`."""
        small, _, source_value, source_matrix, value, matrix, *features = inputs
        source = Keypoints(source_value, None, source_matrix if self.has_covariance else None)
        driving = Keypoints(value, None, matrix if self.has_covariance else None)
        motion: DenseMotion = self.network(small, source, driving)
        scale = self.config.keypoint_scale_factor
        size = (int(features[0].shape[2] * scale), int(features[0].shape[3] * scale))
        marks = heatmap_difference(source, driving, size, CONSTANT_VARIANCE)
        marks = marks / self.config.keypoint_divisor
        return tuple(_with_marks(step, motion.grid, marks) for step in features)


class PaintFull(nn.Module):
    """Of FOMM: moved features to the picture (1, 3, S, S), in [0, 1]."""

    def __init__(self, generator: OcclusionAwareGenerator) -> None:
        """Take a generator over."""
        super().__init__()
        self.bottleneck = generator.bottleneck
        self.up_blocks = generator.up_blocks
        self.final = FourfoldConvolution(generator.final)

    def forward(self, moved: Tensor) -> tuple[Tensor, ...]:
        """Paint."""
        features = self.bottleneck(moved)
        for block in self.up_blocks:
            features = block(features)
        return (torch.sigmoid(self.final(features)),)


class PaintSkips(nn.Module):
    """Of Monkey-Net: moved skips to the picture (1, 3, S, S), in [0, 1]."""

    def __init__(self, model: ZeroOrderModel) -> None:
        """Take a generator's decoder over."""
        super().__init__()
        self.decoder = model.generator.decoder
        self.refinement = model.generator.refinement

    def forward(self, *skips: Tensor) -> tuple[Tensor, ...]:
        """Paint."""
        return (torch.sigmoid(self.refinement(self.decoder(skips))),)


class PaintOver(nn.Module):
    """Of the compact model: moved features to what `composition` lays over the warped portrait."""

    def __init__(self, generator: CompactGenerator) -> None:
        """Take a generator over."""
        super().__init__()
        self.bottleneck = generator.bottleneck
        self.inform = generator.inform
        self.up = generator.up
        self.join = generator.join
        self.final = generator.final
        self.smooth = generator.smooth
        self.fold = generator.fold
        self.channels = generator.channels

    def forward(self, fine: Tensor, coarse: Tensor) -> tuple[Tensor, ...]:
        """Paint.

        Returns:
            The refinement of the grid (1, 2, h, w) and the painted picture with its blend
            (1, 4, fold · h, fold · w); neither has passed the motion gate.
        """
        if self.inform is not None:
            coarse = coarse + self.inform(fine[:, -self.inform.in_channels :])
        joined = self.join(torch.cat((self.up(self.bottleneck(coarse)), fine), dim=1))
        logits = self.final(joined)
        folded = (self.channels + 1) * self.fold**2
        paint = functional.pixel_shuffle(logits[:, :folded], self.fold)
        if self.smooth is not None:
            paint = self.smooth(paint)
        return LARGEST_REFINEMENT * torch.tanh(logits[:, folded:]), torch.sigmoid(paint)


class Parts(NamedTuple):
    """A model, ready to run frame by frame."""

    model: MotionModel
    """Streamlined; encodes portraits."""

    detect: Detect
    """Picture to keypoints."""

    move: Move
    """Keypoints to moved features."""

    paint: nn.Module
    """Moved features to colours."""

    def encode(self, source: Tensor) -> Still:
        """Encode a portrait.

        Args:
            source: (1, C, S, S), in [0, 1], S the configuration's `output_size`.
        """
        encoding: SourceEncoding = self.model.encode(source)
        value, matrix = encoding.keypoints.value, matrix_of(encoding.keypoints)
        height, width = encoding.small.shape[2:]
        variance = self.model.config.dense_motion.variance
        leaving = gaussian_product(value, height, width, variance)
        return Still(encoding.small, leaving, value, matrix, encoding.features)


def split(model: MotionModel) -> Parts:
    """Streamline a model and cut it into its parts.

    Args:
        model: In eval mode; it stays as it is.
    """
    lean = streamline(model)
    detect = Detect(lean.keypoint_detector)
    match lean:
        case FirstOrderModel():
            move: Move = MoveFirstOrder(lean.dense_motion, is_compact=False)
            return Parts(lean, detect, move, PaintFull(lean.generator))
        case CompactModel():
            move = MoveFirstOrder(lean.dense_motion, is_compact=True)
            return Parts(lean, detect, move, PaintOver(lean.generator))
        case ZeroOrderModel():
            return Parts(lean, detect, MoveZeroOrder(lean), PaintSkips(lean))
    raise ValueError(f"no fast path knows the architecture {model.config.architecture}")


def matrix_of(keypoints: Keypoints) -> Tensor:
    """Return Jacobians or covariances (B, K, 2, 2); unit matrices where there are neither."""
    if keypoints.jacobian is not None:
        return keypoints.jacobian
    if keypoints.covariance is not None:
        return keypoints.covariance
    value = keypoints.value
    unit = torch.eye(2, dtype=value.dtype, device=value.device)
    return unit.expand(*value.shape[:2], 2, 2).contiguous()


def _with_marks(step: Tensor, grid: Tensor, marks: Tensor) -> Tensor:
    height, width = step.shape[2:]
    moved = warp(step, resize_grid(grid, height, width, align_corners=False))
    marks = functional.interpolate(
        marks, size=(height, width), mode="bilinear", align_corners=False
    )
    return torch.cat((moved, marks), dim=1)
