"""Detector, dense motion and generator joined: the three calls that everything above uses.

`detect` and `encode` see one image each, so the portrait's part is done once; `animate` is what
runs for every frame.
"""

from abc import ABC, abstractmethod
from typing import NamedTuple

from torch import Tensor, nn
from torch.nn import functional

from avatarify.geometry.grid import resize_grid, warp
from avatarify.geometry.keypoints import Keypoints
from avatarify.networks.compact_generator import CompactFeatures, CompactGenerator, motion_gate
from avatarify.networks.config import ModelConfig
from avatarify.networks.dense_motion import DenseMotion, DenseMotionNetwork
from avatarify.networks.generator import OcclusionAwareGenerator
from avatarify.networks.keypoint_detector import KeypointDetector
from avatarify.networks.zero_order_generator import SkipWarpingGenerator
from avatarify.networks.zero_order_motion import ZeroOrderMotionNetwork


class SourceEncoding(NamedTuple):
    """All that a portrait contributes; made once, used for every frame."""

    image: Tensor
    """(B, C, H, W), in [0, 1], at the output size."""

    small: Tensor
    """(B, C, h, w), what the dense-motion network sees."""

    features: tuple[Tensor, ...]
    """The generator's encoding."""

    keypoints: Keypoints
    """Of the portrait."""

    def at(self, batch: slice) -> "SourceEncoding":
        """Return a part of the batch."""
        features = tuple(feature[batch] for feature in self.features)
        return SourceEncoding(
            self.image[batch], self.small[batch], features, self.keypoints.at(batch)
        )


class Animation(NamedTuple):
    """One animated picture and how it came about."""

    picture: Tensor
    """(B, C, H, W), in [0, 1]."""

    warped_source: Tensor
    """(B, C, H, W), the portrait under the dense flow alone."""

    motion: DenseMotion
    """The dense flow with its masks."""

    blend: Tensor | None = None
    """(B, 1, h, w), compact model: where the generator painted over the warped portrait."""

    painted: Tensor | None = None
    """(B, C, h, w), compact model: the generator's own picture."""


class MotionModel(nn.Module, ABC):
    """A motion model of any architecture."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.config = config
        self.keypoint_detector = KeypointDetector(config.keypoints, config.channels)

    def detect(self, image: Tensor) -> Keypoints:
        """Find the keypoints.

        Args:
            image: (B, C, S, S), in [0, 1], S the configuration's `image_size`.
        """
        keypoints: Keypoints = self.keypoint_detector(image)
        return keypoints

    def at_image_size(self, picture: Tensor) -> Tensor:
        """Shrink a picture of the output size to what the networks see.

        Args:
            picture: (B, C, S, S), S the configuration's `output_size`.

        Returns:
            (B, C, s, s), s the configuration's `image_size`; the same object if they are equal.
        """
        side = self.config.image_size
        if picture.shape[-1] == side:
            return picture
        return functional.interpolate(picture, size=(side, side), mode="area")

    @abstractmethod
    def encode(self, source: Tensor, keypoints: Keypoints | None = None) -> SourceEncoding:
        """Encode a portrait.

        Args:
            source: (B, C, S, S), in [0, 1], S the configuration's `output_size`.
            keypoints: The portrait's, where they are known already.
        """

    @abstractmethod
    def animate(self, source: SourceEncoding, driving: Keypoints) -> Animation:
        """Move the portrait to the driving keypoints.

        Args:
            source: From `encode`.
            driving: From `geometry.transfer`: keypoints of the frame to be generated.
        """

    def forward(self, source: Tensor, driving: Tensor) -> Animation:
        """Encode, detect and animate with absolute motion: the training's forward pass."""
        return self.animate(self.encode(source), self.detect(driving))


class FirstOrderModel(MotionModel):
    """FOMM (arXiv 2003.00196)."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__(config)
        num_keypoints = config.keypoints.num_keypoints
        self.dense_motion = DenseMotionNetwork(config.dense_motion, num_keypoints, config.channels)
        self.generator = OcclusionAwareGenerator(config.generator, config.channels)

    def encode(self, source: Tensor, keypoints: Keypoints | None = None) -> SourceEncoding:
        """Encode a portrait."""
        small = self.dense_motion.downscale(source)
        features = (self.generator.encode(source),)
        return SourceEncoding(source, small, features, keypoints or self.detect(source))

    def animate(self, source: SourceEncoding, driving: Keypoints) -> Animation:
        """Move the portrait to the driving keypoints."""
        motion = self.dense_motion(source.small, source.keypoints, driving)
        picture = self.generator(source.features[0], motion)
        return Animation(picture, _warp_source(source.image, motion), motion)


class ZeroOrderModel(MotionModel):
    """Monkey-Net (arXiv 1812.08861), one frame at a time."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__(config)
        num_keypoints = config.keypoints.num_keypoints
        self.dense_motion = ZeroOrderMotionNetwork(
            config.dense_motion, num_keypoints, config.channels
        )
        self.generator = SkipWarpingGenerator(config.generator, num_keypoints, config.channels)

    def encode(self, source: Tensor, keypoints: Keypoints | None = None) -> SourceEncoding:
        """Encode a portrait."""
        small = self.dense_motion.downscale(source)
        features = tuple(self.generator.encode(source))
        return SourceEncoding(source, small, features, keypoints or self.detect(source))

    def animate(self, source: SourceEncoding, driving: Keypoints) -> Animation:
        """Move the portrait to the driving keypoints."""
        motion = self.dense_motion(source.small, source.keypoints, driving)
        picture = self.generator(source.features, motion, source.keypoints, driving)
        return Animation(picture, _warp_source(source.image, motion), motion)


class CompactModel(MotionModel):
    """The model that ships: first order, with the portrait warped at full size."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__(config)
        num_keypoints = config.keypoints.num_keypoints
        self.dense_motion = DenseMotionNetwork(config.dense_motion, num_keypoints, config.channels)
        self.generator = CompactGenerator(
            config.generator, config.channels, config.dense_motion.hint_features
        )

    def encode(self, source: Tensor, keypoints: Keypoints | None = None) -> SourceEncoding:
        """Encode a portrait of at least the model's image size."""
        seen = self.at_image_size(source)
        small = self.dense_motion.downscale(seen)
        features = tuple(self.generator.encode(seen))
        return SourceEncoding(source, small, features, keypoints or self.detect(seen))

    def animate(self, source: SourceEncoding, driving: Keypoints) -> Animation:
        """Move the portrait to the driving keypoints."""
        motion = self.dense_motion(source.small, source.keypoints, driving)
        painting = self.generator(
            source.image,
            CompactFeatures(*source.features),
            motion,
            motion_gate(source.keypoints, driving),
        )
        return Animation(
            painting.picture, painting.warped_source, motion, painting.blend, painting.painted
        )


def build(config: ModelConfig) -> MotionModel:
    """Make the networks of a configuration, with random weights."""
    architectures: dict[str, type[MotionModel]] = {
        "fomm": FirstOrderModel,
        "monkey-net": ZeroOrderModel,
        "compact": CompactModel,
    }
    return architectures[config.architecture](config)


def _warp_source(image: Tensor, motion: DenseMotion) -> Tensor:
    height, width = image.shape[2:]
    return warp(image, resize_grid(motion.grid, height, width, align_corners=False))
