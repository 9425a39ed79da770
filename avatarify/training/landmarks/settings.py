"""What a training of the landmark networks is told."""

from dataclasses import dataclass, field
from pathlib import Path

from avatarify.errors import SettingsError
from avatarify.networks.landmark_net import PARTS
from avatarify.networks.landmark_points import LandmarkConfig
from avatarify.training.settings import build_settings, read_values

SECTION = "landmarks"
"""The one key of such a run's YAML file."""


@dataclass(frozen=True, slots=True)
class LandmarkSettings:
    """A run, as its YAML file says it."""

    crops: str
    """Folder of the prepared faces."""

    steps: int = 9000
    """How long to train; the learning rate falls over these."""

    start_from: str = ""
    """A landmark model whose weights the run begins with; empty begins with random ones."""

    parts: tuple[str, ...] = PARTS
    """Networks that learn; the others stay as they are."""

    batch: int = 32
    """Faces in a step, an even number: each two are of one clip."""

    empty: int = 8
    """Pictures without a face in a step."""

    rate: float = 2e-3
    """Highest learning rate."""

    decay: float = 1e-2
    """Weight decay."""

    average: float = 0.998
    """Decay of the averaged weights, which are what is exported."""

    save_every_s: float = 60.0
    """Seconds between two saves."""

    seed: int = 0
    """Decides the first weights, and with the step's number all that is drawn."""

    expression_steps: int = 3000
    """Steps of the blendshapes' network, at the export; 0 keeps it and the head of `start_from`."""

    left_out: tuple[str, ...] = ()
    """Files of crops that are kept for tests."""

    shares: dict[str, float] = field(default_factory=dict)
    """How often files whose names begin with a key are drawn, beside 1."""

    mouth_stretch: float = 0.0
    """Of the logarithm by which mouths are seen wider than they are, and lower: its deviation."""

    networks: LandmarkConfig = field(default_factory=LandmarkConfig)
    """Sizes."""

    def __post_init__(self) -> None:
        if self.steps < 1 or self.batch < 2 or self.batch % 2 or self.empty < 0:
            raise ValueError("steps must be above 0, batch even, empty at least 0")
        if not self.parts or not set(self.parts) <= set(PARTS):
            raise ValueError(f"parts must be some of {', '.join(PARTS)}")
        if self.expression_steps < 1 and not self.start_from:
            raise ValueError("expression_steps may be 0 with start_from only")
        if not 0 < self.average < 1 or self.rate <= 0:
            raise ValueError("average must be between 0 and 1, rate above 0")


def is_landmark_run(path: Path) -> bool:
    """Whether a YAML file describes a training of the landmark networks.

    Raises:
        SettingsError: The file is missing or not YAML.
    """
    return SECTION in read_values(path)


def read_landmark_settings(path: Path) -> LandmarkSettings:
    """Read a run's YAML file.

    Raises:
        SettingsError: The file is missing, not YAML, or names an unknown or impossible value.
    """
    try:
        settings: LandmarkSettings = build_settings(LandmarkSettings, read_values(path)[SECTION])
    except (KeyError, ValueError, TypeError) as error:
        raise SettingsError(f"{path}: {error}. Compare it with training/configs.") from error
    return settings
