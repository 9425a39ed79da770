"""What a training of the matte network is told."""

from dataclasses import dataclass
from pathlib import Path

from avatarify.networks.matte_net import WIDTHS
from avatarify.training.settings import read_as, read_values

ROOT = "matte"
"""The key by which the file is told from those of other networks."""


@dataclass(frozen=True, slots=True)
class MatteSettings:
    """A run, as its YAML file says it."""

    people: str
    """Folder of prepared people."""

    steps: int = 5000
    """How long to train; the learning rate falls over these."""

    batch: int = 16
    """Pictures in a step."""

    rate: float = 2e-3
    """Highest learning rate."""

    decay: float = 1e-2
    """Weight decay."""

    average: float = 0.998
    """Decay of the averaged weights, which are what is exported."""

    drawn_share: float = 0.4
    """Share of rendered people."""

    kept_room_share: float = 0.3
    """Share of filmed people who are seen before their own room."""

    left_out: tuple[str, ...] = ()
    """People whose mattes are wrong, or who must not be seen: names of files without ending."""

    tuning: tuple[str, ...] = ()
    """People who are not learnt from, but measured on the way."""

    widths: tuple[int, ...] = WIDTHS
    """Channels at a half, a quarter, ... of the input's size."""

    save_every_s: float = 60.0
    """Seconds between two saves."""

    measure_every: int = 200
    """Steps between looks at the people kept for tuning."""

    seed: int = 0
    """Decides the first weights, and with the step's number all that is drawn."""

    def __post_init__(self) -> None:
        if self.steps < 1 or self.batch < 1 or self.measure_every < 1:
            raise ValueError("steps, batch and measure_every must be at least 1")
        if not 0 < self.average < 1 or self.rate <= 0:
            raise ValueError("average must be between 0 and 1, rate above 0")
        if not all(0 <= share <= 1 for share in (self.drawn_share, self.kept_room_share)):
            raise ValueError("drawn_share and kept_room_share must be between 0 and 1")
        if not 2 <= len(self.widths) <= 5 or min(self.widths) < 1:
            raise ValueError("widths must be two to five numbers above 0")


@dataclass(frozen=True, slots=True)
class MatteRun:
    """The file."""

    matte: MatteSettings


def is_matte_run(path: Path) -> bool:
    """Tell whether a YAML file describes a training of the matte network.

    Raises:
        SettingsError: The file is missing, not YAML, or no mapping.
    """
    return ROOT in read_values(path)


def read_matte_settings(path: Path) -> MatteSettings:
    """Read the YAML file of a run.

    Raises:
        SettingsError: The file is missing, not YAML, or names an unknown or impossible value.
    """
    return read_as(MatteRun, path).matte
