"""One YAML file describes one training run completely."""

from dataclasses import dataclass, field, fields, is_dataclass
from pathlib import Path
from types import UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from avatarify.animation.yaml_file import YamlFileError, read_yaml
from avatarify.errors import SettingsError
from avatarify.networks.config import ModelConfig

Settings = TypeVar("Settings")


@dataclass(frozen=True, slots=True)
class DataSettings:
    """What is shown to the networks."""

    caches: dict[str, float]
    """Folders of prepared clips, and how often each is drawn against the others."""

    excluded_people: tuple[str, ...] = ()
    """People kept for validation: no frame of theirs is drawn."""

    identity_share: float = 0.05
    """Share of pairs whose source is the driving frame itself."""

    still_share: float = 0.05
    """Share of pairs made of one frame and a random smooth warp of it."""

    rare_share: float = 0.0
    """Share of pairs whose driving frame is one of the clip's blinks or open, wide or pursed
    mouths."""

    calm_share: float = 0.0
    """Share of pairs whose source has open eyes and closed lips, as portraits do."""

    shift: float = 0.06
    """Random window, in shares of its side."""

    scale: float = 0.15
    """Random window: up to this much larger or smaller."""

    rotation_deg: float = 8.0
    """Random window, degrees."""

    stretch: float = 0.0
    """Random faces: source and driving are up to this much longer in one direction and shorter in
    the other, alike."""

    driving_share: float = 0.5
    """Share of pairs whose driving window moves against the source's: extra head motion."""

    colour: float = 1.0
    """Strength of the random colours, shared by a pair; 0 switches them off."""

    degradation: float = 1.0
    """Strength of noise, blur and light changes that only the keypoint detector sees."""


@dataclass(frozen=True, slots=True)
class GuidanceSettings:
    """Landmark guidance: keypoints that mean something, long before they would by themselves."""

    landmarks: tuple[int, ...] = ()
    """mediapipe's index for each keypoint; empty trains without guidance."""

    emphasis: tuple[float, ...] = ()
    """Relative weight of each keypoint's distance; empty weighs all alike."""

    keypoint_weight: float = 20.0
    """Of the L1 distance between keypoints and landmarks."""

    spans: tuple[tuple[int, int], ...] = ()
    """Pairs of keypoints, counted from 0, whose distance matters by itself: lids and lips. Being
    off by the same two pixels is nothing, being off in opposite directions is a blink lost."""

    span_weight: float = 20.0
    """Of the L1 distance between found and true differences of each pair."""

    jacobian_weight: float = 2.0
    """Of the L1 distance between Jacobians and local affine fits of the mesh."""

    radius: float = 0.22
    """Standard deviation of the affine fit's Gaussian around the keypoint, [-1, 1] units."""

    own_from: int = 0
    """Until this step the dense motion sees the landmarks themselves."""

    own_by: int = 1
    """From this step it sees the detector's keypoints only; between, a mixture."""

    anneal_from: int = 1_000_000_000
    """From this step the guidance fades."""

    anneal_by: int = 1_000_000_001
    """From this step its weight is `floor`."""

    floor: float = 0.0
    """What is left of the guidance in the end, as a share."""


@dataclass(frozen=True, slots=True)
class LossSettings:
    """Weights of the terms; 0 switches a term off."""

    pyramid_levels: int = 4
    """Sizes at which pictures are compared, each half of the one before."""

    pixel: float = 1.0
    """L1 over the pyramid."""

    gradient: float = 1.0
    """L1 of the horizontal and vertical differences over the pyramid."""

    structure: float = 0.0
    """1 - SSIM at the largest size."""

    warped: float = 0.5
    """The same terms, from half the size on, on the warped source: the flow must do what it
    can."""

    region: float = 8.0
    """Extra weight in the middle of the mouth, which is 1 % of the pixels."""

    eyes: float = 8.0
    """Extra weight in the middle of each eye."""

    equivariance_value: float = 0.0
    """Keypoints move with the image (FOMM eq. 9)."""

    equivariance_jacobian: float = 0.0
    """So do Jacobians (FOMM eq. 10)."""

    perceptual: float = 0.0
    """VGG features over the pyramid; needs `vgg`."""

    vgg: str = ""
    """File with torchvision's VGG-19 weights, where the user has one."""

    painting: float = 0.0
    """Compact model: the same terms, from half the size on, on the generator's own picture, which
    would otherwise learn nothing as long as the blend mask does not choose it."""

    painted: float = 0.0
    """Compact model: penalty on the blend mask, so that the photograph is kept where it can."""

    exchange: float = 0.0
    """Every second source is moved by its neighbour's driver, and the detector, held fast, must
    find its keypoints where that motion should have brought them: nobody has the true picture, but
    lips must part and lids close. Needs guidance, and another half of the generator's time."""

    flow: float = 0.0
    """L1 between where the dense flow points at the driving landmarks and the source's."""

    exchanged_flow: float = 0.0
    """The same for sources that are moved by their neighbour's driver."""

    adversarial: float = 0.0
    """Least-squares GAN, generator's term."""

    exchanged_adversarial: float = 0.0
    """The same for sources that are moved by their neighbour's driver; needs regions."""

    feature_matching: float = 0.0
    """L1 of the discriminator's features."""

    adversarial_from: int = 0
    """First step of the GAN terms."""

    adversarial_regions: tuple[Literal["image", "mouth", "eyes"], ...] = ("image",)
    """What the discriminator looks at."""

    @property
    def is_adversarial(self) -> bool:
        """Whether there is a discriminator."""
        return max(self.adversarial, self.exchanged_adversarial, self.feature_matching) > 0.0

    @property
    def exchanges(self) -> bool:
        """Whether sources are moved by their neighbours' drivers at all."""
        return max(self.exchange, self.exchanged_flow, self.exchanged_adversarial) > 0.0


@dataclass(frozen=True, slots=True)
class OptimiserSettings:
    """How the weights are moved."""

    learning_rate: float = 5e-4
    """Of Adam (betas 0.5, 0.999)."""

    discriminator_rate: float = 2e-4
    """Of the discriminator's Adam."""

    schedule: Literal["cosine", "step"] = "cosine"
    """Cosine to `final_rate`, or a tenth at each milestone."""

    final_rate: float = 0.02
    """Where the cosine ends, as a share."""

    milestones: tuple[int, ...] = ()
    """Steps of the step schedule."""

    warm_up: int = 100
    """Steps of linear warm-up."""

    clip: float = 5.0
    """Largest gradient norm."""

    ema: float = 0.999
    """Decay of the averaged weights, which are the ones exported."""


@dataclass(frozen=True, slots=True)
class TrainingSettings:
    """A whole run."""

    model: ModelConfig
    """The networks."""

    data: DataSettings
    """What they see."""

    guidance: GuidanceSettings = field(default_factory=GuidanceSettings)
    """Landmark guidance."""

    loss: LossSettings = field(default_factory=LossSettings)
    """The terms."""

    optimiser: OptimiserSettings = field(default_factory=OptimiserSettings)
    """The steps."""

    steps: int = 10_000
    """Length of the run."""

    batch: int = 8
    """Pairs per step, over all processes."""

    seed: int = 0
    """Everything random follows from it and the step's number."""

    precision: Literal["32-true", "bf16-mixed", "16-mixed"] = "32-true"
    """As Lightning Fabric names it."""

    freeze_norm_from: int = 1_000_000_000
    """From this step batch norms use their statistics as they are; 0 for fine-tuning. While they
    follow the batch, a pair's colours leak into its neighbours', and nothing learns to paint."""

    save_every_s: float = 180.0
    """Seconds between checkpoints."""

    log_every: int = 20
    """Steps between scalars."""

    sample_every: int = 500
    """Steps between sample pictures."""

    start_from: str = ""
    """Model file whose weights the run starts with."""

    def __post_init__(self) -> None:
        if self.batch < 1 or self.steps < 1:
            raise ValueError("batch and steps must be at least 1")
        count = len(self.guidance.landmarks)
        if count not in (0, self.model.keypoints.num_keypoints):
            raise ValueError(f"guidance names {count} landmarks for another number of keypoints")
        if len(self.guidance.emphasis) not in (0, count):
            raise ValueError("emphasis needs one weight for each landmark of the guidance")
        if count == 0 and self.loss.exchanges:
            raise ValueError("exchange needs guidance: it measures distances to landmarks")
        parts = set(self.loss.adversarial_regions)
        if self.loss.exchanged_adversarial > 0.0 and not {"mouth", "eyes"} >= parts > set():
            raise ValueError("exchanged_adversarial looks at mouth and eyes only")
        if any(not 0 <= end < count for span in self.guidance.spans for end in span):
            raise ValueError("a span names a keypoint that the guidance does not have")


def read_settings(path: Path) -> TrainingSettings:
    """Read the YAML file of a motion model's run.

    Raises:
        SettingsError: The file is missing, not YAML, or names an unknown or impossible value.
    """
    return read_as(TrainingSettings, path)


def read_as(kind: type[Settings], path: Path) -> Settings:
    """Read a YAML file into a tree of settings.

    Args:
        kind: The tree's root, a dataclass.
        path: The file.

    Raises:
        SettingsError: The file is missing, not YAML, or names an unknown or impossible value.
    """
    try:
        built: Settings = build_settings(kind, read_values(path))
        return built
    except (ValueError, TypeError, OverflowError, AttributeError) as error:
        raise SettingsError(f"{path}: {error}. Compare it with training/configs.") from error


def read_values(path: Path) -> dict[str, Any]:
    """Read a YAML file as it stands.

    Raises:
        SettingsError: The file is missing, not YAML, or no mapping.
    """
    try:
        values = read_yaml(path)
    except (OSError, ValueError, YamlFileError) as error:
        raise SettingsError(f"{path}: {error}. Compare it with training/configs.") from error
    if not isinstance(values, dict):
        raise SettingsError(f"{path}: the file holds no mapping. Compare it with training/configs.")
    return values


def build_settings(kind: type[Any], values: dict[str, Any]) -> Any:
    """Make a settings object, and those inside it, of what a YAML file holds.

    Args:
        kind: A dataclass.
        values: By the names of its fields.

    Raises:
        ValueError: A key is unknown or a value impossible.
        TypeError: A key is missing.
    """
    if kind is ModelConfig:
        return ModelConfig.from_dict(values)
    hints = get_type_hints(kind)
    known = {entry.name for entry in fields(kind)}
    unknown = sorted(set(values) - known)
    if unknown:
        raise ValueError(f"unknown key {unknown[0]!r} in {kind.__name__}")
    return kind(**{name: _convert(hints[name], value) for name, value in values.items()})


def _convert(hint: Any, value: Any) -> Any:
    if is_dataclass(hint) and isinstance(hint, type):
        return build_settings(hint, value)
    origin = get_origin(hint)
    if origin is tuple:
        return tuple(tuple(entry) if isinstance(entry, list) else entry for entry in value)
    if origin is Literal and value not in get_args(hint):
        raise ValueError(f"{value!r} is not one of {', '.join(map(str, get_args(hint)))}")
    if origin in (Union, UnionType) or origin is not None:
        return value
    return float(value) if hint is float else value
