"""Every size of a network in one place, as it is stored inside a model file."""

from dataclasses import asdict, dataclass
from typing import Any, Literal

from avatarify.geometry.transfer import Span

Architecture = Literal["fomm", "monkey-net", "compact"]
"""Which networks a model file holds."""


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
        _require(self.block_expansion > 0, "block_expansion must be above 0")
        _require(self.max_features > 0, "max_features must be above 0")
        _require(self.num_blocks > 0, "num_blocks must be above 0")

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
        _require(self.num_keypoints > 0, "num_keypoints must be above 0")
        _require(self.temperature > 0, "temperature must be above 0")
        _require(0 < self.scale_factor <= 1, "scale_factor must be above 0 and at most 1")


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
        _require(self.jacobian_noise >= 0.0, "jacobian_noise cannot be below 0")
        if self.dense_motion.hint_features:
            _require(self.architecture == "compact", "only the compact generator takes hints")
            _require(
                self.dense_motion.scale_factor * self.generator.fold == 1,
                "hint_features need a generator that works at the dense motion's size",
            )
        ends = [index for span in self.spans for index in span[:2]]
        known = range(self.keypoints.num_keypoints)
        _require(all(index in known for index in ends), "a span names a keypoint that is not there")
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
        except (KeyError, TypeError) as error:
            raise ValueError(f"not a model configuration: {error}") from error
