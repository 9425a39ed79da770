"""One YAML file describes the fit of the skin's folds completely."""

from dataclasses import dataclass
from pathlib import Path

from avatarify.training.settings import read_as, read_values

ROOT = "folds"
"""The key by which the file is told from those of networks."""


@dataclass(frozen=True, slots=True)
class FoldSettings:
    """What the folds are learnt from, and how stiffly."""

    caches: tuple[str, ...]
    """Folders of prepared clips; clips of fewer than 30 frames tell nothing."""

    excluded_people: tuple[str, ...] = ()
    """People kept for validation."""

    frames: int = 200
    """Of a clip at most, evenly over all of it."""

    directions: int = 8
    """Ways in which the lower half of faces moves: the strongest principal components."""

    stiffness: float = 15.0
    """How much each way must explain, against its variance over all frames, to be believed."""

    band: float = 0.3
    """Standard deviation in distances of the outer eye corners: brightness that changes more
    broadly is the light of the room."""

    def __post_init__(self) -> None:
        if not self.caches:
            raise ValueError("caches must name a folder of prepared clips")
        if self.directions < 1 or self.frames < 30:
            raise ValueError("directions must be at least 1, and frames at least 30")
        if self.stiffness <= 0.0 or self.band <= 0.0:
            raise ValueError("stiffness and band must be positive")


@dataclass(frozen=True, slots=True)
class FoldRun:
    """The file."""

    folds: FoldSettings


def is_fold_run(path: Path) -> bool:
    """Tell whether a YAML file describes the fit of folds.

    Raises:
        SettingsError: The file is missing, not YAML, or no mapping.
    """
    return ROOT in read_values(path)


def read_fold_settings(path: Path) -> FoldSettings:
    """Read the YAML file of a fit.

    Raises:
        SettingsError: The file is missing, not YAML, or names an unknown or impossible value.
    """
    return read_as(FoldRun, path).folds
