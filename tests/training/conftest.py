"""Prepared clips of made-up faces, and runs small enough for a test."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from avatarify.training.settings import (
    DataSettings,
    GuidanceSettings,
    LossSettings,
    OptimiserSettings,
    TrainingSettings,
)
from tests.tiny_models import picture, tiny_config
from tests.training.made_faces import made_face, write_clip


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three people: two with a clip of six frames of 48², one with a still."""
    folder = tmp_path_factory.mktemp("cache")
    rng = np.random.default_rng(0)
    for number, (person, length) in enumerate((("ann", 6), ("bob", 6), ("still", 1))):
        frames = np.stack([picture(10 * number + index, 48) for index in range(length)])
        sway = rng.normal(0.0, 1.0, (length, 1, 2))
        marks = 24.0 + 10.0 * made_face()[None] + sway
        write_clip(folder, person, person, frames, marks.astype(np.float32))
    return folder


MakeSettings = Callable[..., TrainingSettings]


@pytest.fixture
def make_settings(cache: Path) -> MakeSettings:
    """Settings of a tiny guided first-order run; keywords replace whole sections or values."""

    def make(architecture: str = "compact", **changes: object) -> TrainingSettings:
        values: dict[str, object] = {
            "model": tiny_config(architecture),
            "data": DataSettings({str(cache): 1.0}),
            "guidance": GuidanceSettings((13, 159, 386), own_from=1, own_by=3),
            "loss": LossSettings(pyramid_levels=2),
            "optimiser": OptimiserSettings(warm_up=1),
            "steps": 6,
            "batch": 2,
            "log_every": 1000,
            "sample_every": 1000,
        }
        return TrainingSettings(**{**values, **changes})  # type: ignore[arg-type]

    return make
