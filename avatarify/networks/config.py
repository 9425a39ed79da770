"""Every size of a network in one place, as it is stored inside a model file."""

from dataclasses import asdict, dataclass
from typing import Any, Literal

from avatarify.geometry.transfer import Span
from avatarify.networks.config_check import check_number, check_sizes, check_values

Architecture = Literal["fomm", "monkey-net", "compact"]
"""Which networks a model file holds."""


_WIDTH = (1, 4096)
_KERNEL = (1, 31)
_SCALE = (1 / 16, 1)
_DIVISOR = (1e-6, 1e6)


def _require(condition: bool, message: str) -> None:
    if not condition:
        raise ValueError(message)


@dataclass(frozen=True, slots=True)
class HourglassConfig:
    """A U-Net's width and depth."""

    block_expansion: int
    """Channels at full size; doubled at each step down."""

    max_features: int
    """The doubling stops here."""

    num_blocks: int
    """Steps down, and up again."""

    def __post_init__(self) -> None:
        check_values(self, block_expansion=_WIDTH, max_features=_WIDTH, num_blocks=(1, 8))
        _require(self.max_features >= self.block_expansion, "max_features is below block_expansion")

    def width(self, level: int) -> int:
        """Return the channels after `level` steps down."""
        return int(min(self.max_features, self.block_expansion * 2**level))


@dataclass(frozen=True, slots=True)
class KeypointConfig:
    """The keypoint detector."""

    hourglass: HourglassConfig
    """Its U-Net."""

    num_keypoints: int
    """K."""

    temperature: float = 0.1
    """Of the softmax that makes a heatmap a probability."""

    scale_factor: float = 0.25
    """The U-Net works on the image scaled by this."""

    jacobian: bool = True
    """First order: a 2×2 matrix for each keypoint."""

    shared_jacobian_map: bool = False
    """One map of Jacobians for all keypoints instead of one each."""

    covariance: Literal["none", "matrix", "single"] = "none"
    """Which Gaussian is fitted to the heatmap; "none" draws them with a constant variance."""

    smallest_variance: float | None = None
    """Floor of a full covariance's smaller singular value."""

    head_kernel: int = 7
    """Side of the convolution that makes the heatmaps."""

    head_padding: int = 0
    """Its padding; the published first-order heads have none and lose a border."""

    stem_features: int = 0
    """0: the U-Net sees an anti-aliased small image. Otherwise the full-size image is folded into
    channels (space to depth) and a convolution reduces it to this many: no detail is lost."""

    def __post_init__(self) -> None:
        check_values(
            self,
            num_keypoints=(1, 512),
            temperature=_DIVISOR,
            scale_factor=_SCALE,
            smallest_variance=(0, 1),
            head_kernel=_KERNEL,
            head_padding=(0, 15),
            stem_features=(0, 1024),
        )


@dataclass(frozen=True, slots=True)
class DenseMotionConfig:
    """The network that turns sparse motions into one dense flow."""

    hourglass: HourglassConfig
    """Its U-Net."""

    scale_factor: float = 0.25
    """It works on the source scaled by this."""

    variance: float = 0.01
    """Of the Gaussians drawn at the keypoints, where they have no covariance of their own."""

    occlusion_map: bool = True
    """First order: also predict what the source does not show."""

    head_kernel: int = 7
    """Side of the convolutions that make masks and occlusion."""

    group_blocks: int = 0
    """Zero order: blocks before the U-Net that keep each keypoint's channels apart."""

    correction: bool = False
    """Zero order: also predict the motion that is not rigid."""

    heatmap_divisor: float = 1.0
    """The Gaussians' differences are divided by this."""

    hint_features: int = 0
    """Compact: channels that tell the generator where keypoints arrive and leave. A warped mouth
    looks closed however far its lips have moved apart; with a hint the generator can paint it."""

    def __post_init__(self) -> None:
        check_values(
            self,
            scale_factor=_SCALE,
            variance=_DIVISOR,
            head_kernel=_KERNEL,
            group_blocks=(0, 8),
            heatmap_divisor=_DIVISOR,
            hint_features=(0, 1024),
        )


@dataclass(frozen=True, slots=True)
class GeneratorConfig:
    """The network that paints the animated picture."""

    block_expansion: int
    """Channels at full size."""

    max_features: int
    """The doubling stops here."""

    num_down_blocks: int
    """Steps down before the warp; for "monkey-net" the depth of the U-Net."""

    num_residual_blocks: int
    """Residual blocks of the bottleneck; for "monkey-net" of the refinement."""

    keypoint_scale_factor: float = 1.0
    """Zero order: size of the keypoint embedding against the image."""

    keypoint_divisor: float = 1.0
    """Zero order: the embedding's Gaussians are divided by this."""

    fold: int = 2
    """Compact: space-to-depth factor of encoder and decoder, which work at 1 / fold the size."""

    smooth_paint: bool = False
    """Compact: blur what is painted, and the blend, so that the fold leaves no pattern in it."""

    def __post_init__(self) -> None:
        check_values(
            self,
            block_expansion=_WIDTH,
            max_features=_WIDTH,
            num_down_blocks=(0, 8),
            num_residual_blocks=(0, 64),
            keypoint_scale_factor=_SCALE,
            keypoint_divisor=_DIVISOR,
            fold=(1, 16),
        )

    def width(self, level: int) -> int:
        """Return the channels after `level` steps down."""
        return int(min(self.max_features, self.block_expansion * 2**level))


@dataclass(frozen=True, slots=True)
class ModelConfig:
    """A whole motion model."""

    architecture: Architecture
    """Which networks."""

    keypoints: KeypointConfig
    """The detector."""

    dense_motion: DenseMotionConfig
    """The dense-motion network."""

    generator: GeneratorConfig
    """The generator."""

    image_size: int = 256
    """Side of the square images that detector and generator see, pixels."""

    output_size: int = 256
    """Side of the square picture that comes out, pixels."""

    channels: int = 3
    """Of an image."""

    spans: tuple[Span, ...] = ()
    """Expressions that the model answers too weakly, and what makes up for it in relative
    motion."""

    jacobian_noise: float = 0.0
    """Changes of a Jacobian about as small as this are noise and are left out of relative motion,
    see `geometry.transfer.quieten`."""

    def __post_init__(self) -> None:
        check_values(
            self,
            image_size=(16, 1024),
            output_size=(16, 2048),
            channels=(3, 3),
            jacobian_noise=(0, 10),
        )
        check_sizes(self)
        if self.dense_motion.hint_features:
            _require(self.architecture == "compact", "only the compact generator takes hints")
            _require(
                self.dense_motion.scale_factor * self.generator.fold == 1,
                "hint_features need a generator that works at the dense motion's size",
            )
        for span in self.spans:
            check_number("a span's gain", float, span.gain, (0, 100))
            check_number("a span's knee", float, span.knee, (0, 100))
        ends = [index for span in self.spans for index in span[:2]]
        known = range(self.keypoints.num_keypoints)
        are_whole = all(type(index) is int for index in ends)
        _require(
            are_whole and all(index in known for index in ends),
            "a span names a keypoint that is not there",
        )
        _require(len(set(ends)) == len(ends), "no two spans may share a keypoint")

    def to_dict(self) -> dict[str, Any]:
        """Return the configuration as plain JSON values."""
        return {**asdict(self), "spans": [list(span) for span in self.spans]}

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> "ModelConfig":
        """Read what `to_dict` wrote.

        Raises:
            ValueError: A key is unknown or missing, or a value is impossible.
        """
        try:
            keypoints = dict(values["keypoints"])
            keypoints["hourglass"] = HourglassConfig(**keypoints["hourglass"])
            dense_motion = dict(values["dense_motion"])
            dense_motion["hourglass"] = HourglassConfig(**dense_motion["hourglass"])
            return cls(
                **{
                    **values,
                    "keypoints": KeypointConfig(**keypoints),
                    "dense_motion": DenseMotionConfig(**dense_motion),
                    "generator": GeneratorConfig(**values["generator"]),
                    "spans": tuple(Span(*span) for span in values.get("spans", ())),
                }
            )
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"not a model configuration: {error}") from error
