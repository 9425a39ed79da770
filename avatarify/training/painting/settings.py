"""One YAML file describes the training of one painter completely."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from avatarify.networks.painter_config import PainterConfig
from avatarify.training.settings import OptimiserSettings, read_as, read_values

ROOT = "painter"
"""The key by which a painter's file is told from a motion model's."""


@dataclass(frozen=True, slots=True)
class ExampleSettings:
    """What is shown to a painter."""

    caches: dict[str, float]
    """Folders of prepared clips, and how often each is drawn against the others."""

    examples: str
    """Folder of the examples that the engine makes of them, once for all parts of the face; to
    make them anew after the engine has changed, delete it."""

    excluded_people: tuple[str, ...] = ()
    """People kept for validation: nothing is made of them."""

    tuning_people: tuple[str, ...] = ()
    """People who are not learnt from either, but measured on the way."""

    sources: int = 6
    """Portraits of each clip."""

    targets: int = 48
    """Frames that each portrait is moved to."""

    calm_share: float = 0.7
    """Share of portraits with open eyes and closed lips."""

    rare_share: float = 0.6
    """Share of frames that are blinks or open, wide or pursed mouths."""

    open_share: float = 3.0
    """How much more often than a shut mouth (or eye) one that is wide open is drawn."""

    colour: float = 0.5
    """Strength of the random colours, shared by all that belongs together."""


@dataclass(frozen=True, slots=True)
class PaintingLoss:
    """Weights of the terms; 0 switches a term off."""

    pixel: float = 1.0
    """L1 over three sizes."""

    gradient: float = 1.0
    """L1 of the horizontal and vertical differences over three sizes."""

    detail: float = 0.0
    """L1 of the logarithm of fine detail, cell by cell: as sharp as the truth, wherever exactly
    its edges are."""

    inside: float = 6.0
    """Extra weight inside the innermost outline."""

    around: float = 2.0
    """Extra weight inside the second outline."""

    flow: float = 0.0
    """Penalty on the flow's own differences: it stays smooth."""

    steady: float = 0.0
    """Penalty on fields that change when the patch is shaken by part of a pixel, as the tracker's
    noise shakes it; in shares of their limits."""

    adversarial: float = 0.0
    """Hinge GAN, painter's term, on the middle of the patch."""

    feature_matching: float = 0.0
    """L1 of the discriminator's features."""

    adversarial_from: int = 0
    """First step of both."""

    @property
    def is_adversarial(self) -> bool:
        """Whether there is a discriminator."""
        return max(self.adversarial, self.feature_matching) > 0.0


@dataclass(frozen=True, slots=True)
class PaintingSettings:
    """A whole run."""

    painter: PainterConfig
    """The network."""

    part: Literal["mouth", "eyes"]
    """What it paints."""

    data: ExampleSettings
    """What it sees."""

    loss: PaintingLoss = field(default_factory=PaintingLoss)
    """The terms."""

    optimiser: OptimiserSettings = field(default_factory=OptimiserSettings)
    """The steps."""

    steps: int = 10_000
    """Length of the run."""

    batch: int = 16
    """Examples of each step."""

    seed: int = 0
    """Everything random follows from it and the step's number."""

    precision: Literal["32-true", "bf16-mixed"] = "32-true"
    """As Lightning Fabric names it; mixed halves the time of processors that know bfloat16."""

    save_every_s: float = 120.0
    """Seconds between checkpoints."""

    log_every: int = 20
    """Steps between scalars."""

    measure_every: int = 500
    """Steps between looks at the people kept for tuning."""

    start_from: str = ""
    """File of painters whose weights the run starts with."""

    def __post_init__(self) -> None:
        if self.batch < 1 or self.steps < 1:
            raise ValueError("batch and steps must be at least 1")


def is_painting(path: Path) -> bool:
    """Tell whether a YAML file describes a painter's run.

    Raises:
        SettingsError: The file is missing, not YAML, or no mapping.
    """
    return ROOT in read_values(path)


def read_painting(path: Path) -> PaintingSettings:
    """Read the YAML file of a painter's run.

    Raises:
        SettingsError: The file is missing, not YAML, or names an unknown or impossible value.
    """
    return read_as(PaintingSettings, path)
