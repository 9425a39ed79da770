"""What a training of the landmark networks is told."""

from dataclasses import dataclass, field
from pathlib import Path

from avatarify.networks.landmark_net import LandmarkConfig


@dataclass(frozen=True, slots=True)
class LandmarkSettings:
    """A run, as its YAML says it."""

    crops: Path
    """Folder of the prepared faces."""

    run: Path
    """Folder of the run: its state, its log, its weights."""

    minutes: float = 60.0
    """How long to train; the learning rate falls over this time, breaks not counted."""

    batch: int = 32
    """Faces in a step."""

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

    threads: int = 1
    """Of the processor."""

    seed: int = 0
    """Decides weights and draws."""

    left_out: tuple[str, ...] = ()
    """Files of crops that are kept for tests."""

    shares: dict[str, float] = field(default_factory=dict)
    """How often files whose names begin with a key are drawn, beside 1."""

    networks: LandmarkConfig = LandmarkConfig()
    """Sizes."""

    def __post_init__(self) -> None:
        if self.minutes <= 0 or self.batch < 2 or self.empty < 0 or self.threads < 1:
            raise ValueError(f"impossible settings: {self}")
        if not 0 < self.average < 1 or self.rate <= 0:
            raise ValueError(f"impossible settings: {self}")
