"""Prepared clips of made-up faces that open mouth and eyes, and a run small enough for a test."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from avatarify.networks.painter_config import PainterConfig
from avatarify.training.painting.settings import (
    ExampleSettings,
    PaintingLoss,
    PaintingSettings,
)
from avatarify.training.settings import OptimiserSettings
from tests.geometry.face_shapes import made_face

SIDE = 400
MakePainting = Callable[..., PaintingSettings]


def write_painted_clip(folder: Path, name: str, person: str, seed: int) -> None:
    """Write eight frames of a blotchy face, landmarks with depth."""
    rng = np.random.default_rng(seed)
    frames, marks = [], []
    for step in np.linspace(0.0, 1.0, 8):
        blotches = rng.integers(60, 200, (12, 12, 3)).astype(np.uint8)
        frames.append(cv2.resize(blotches, (SIDE, SIDE), interpolation=cv2.INTER_CUBIC))
        marks.append(made_face(eye_gap=12 - 8 * step, lip_gap=2 + 26 * step) - (0.5, 0.5, 0.0))
    (folder / name).mkdir(parents=True)
    np.save(folder / name / "frames.npy", np.stack(frames))
    np.save(folder / name / "landmarks.npy", np.stack(marks).astype(np.float32))
    about = {"name": name, "person": person, "fps": 25.0}
    (folder / name / "clip.json").write_text(json.dumps(about), encoding="utf-8")


@pytest.fixture(scope="session")
def painted_clips(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two people, one of them for tuning; `examples` beside them is shared by all tests."""
    folder = tmp_path_factory.mktemp("painted")
    write_painted_clip(folder / "clips", "ann", "ann", 1)
    write_painted_clip(folder / "clips", "bob", "bob", 2)
    return folder


@pytest.fixture
def make_painting(painted_clips: Path) -> MakePainting:
    """Settings of a tiny run; keywords replace whole sections or values."""

    def make(part: str = "mouth", **changes: object) -> PaintingSettings:
        height, width = (96, 96) if part == "mouth" else (48, 64)
        settings = PaintingSettings(
            painter=PainterConfig(height, width, (3, 4, 5, 6)),
            part="mouth" if part == "mouth" else "eyes",
            data=ExampleSettings(
                {str(painted_clips / "clips"): 1.0},
                str(painted_clips / "examples"),
                tuning_people=("bob",),
                sources=2,
                targets=4,
            ),
            loss=PaintingLoss(
                detail=0.1,
                flow=0.1,
                steady=1.0,
                adversarial=0.1,
                feature_matching=1.0,
                adversarial_from=1,
            ),
            optimiser=OptimiserSettings(warm_up=1),
            steps=4,
            batch=2,
            log_every=1,
            measure_every=2,
        )
        return replace(settings, **changes)  # type: ignore[arg-type]

    return make
