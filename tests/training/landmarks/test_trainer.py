"""A tiny run on made-up faces: it learns, stops, goes on, and exports a file that tracks."""

from pathlib import Path

import numpy as np
import pytest
import torch

from avatarify.errors import SettingsError
from avatarify.networks.landmark_net import LandmarkConfig
from avatarify.training.landmarks.face_crops import FaceCrops, join_crops
from avatarify.training.landmarks.objective import (
    anchor_points,
    shape_from_anchors,
    wing,
)
from avatarify.training.landmarks.prepare import EMPTY_FILE
from avatarify.training.landmarks.samples import Sampler
from avatarify.training.landmarks.settings import (
    LandmarkSettings,
    is_landmark_run,
    read_landmark_settings,
)
from avatarify.training.landmarks.trainer import LandmarkTrainer
from tests.tiny_models import picture
from tests.training.made_faces import made_face

TINY = LandmarkConfig(
    face_size=32, mouth_size=16, eye_size=16,
    face_widths=(4, 6, 8, 8), mouth_widths=(4, 6, 8), eye_widths=(4, 6, 8),
)  # fmt: skip


@pytest.fixture(scope="module")
def crops(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("crops")
    random = np.random.default_rng(0)
    face = made_face()
    face[468], face[473] = (-0.35, -0.3), (0.35, -0.3)
    flat = 36.0 + 18.0 * face + random.normal(0, 1.0, (6, 1, 2))
    np.savez(
        folder / "c_ann.npz",
        images=np.stack([picture(number, 72) for number in range(6)]),
        points=np.concatenate((flat, np.zeros((6, 478, 1))), axis=2).astype(np.float32),
        shapes=np.zeros((6, 52), np.float32),
        poses=np.repeat(np.eye(4, dtype=np.float32)[None], 6, axis=0),
    )
    np.save(folder / EMPTY_FILE, np.stack([picture(90 + number, 40) for number in range(4)]))
    return folder


@pytest.fixture
def faces(crops: Path) -> FaceCrops:
    return join_crops(crops, ())


def settings(crops: Path, minutes: float) -> LandmarkSettings:
    return LandmarkSettings(str(crops), minutes=minutes, batch=3, empty=2, networks=TINY)


def test_batches_hold_what_they_say(crops: Path, faces: FaceCrops) -> None:
    mean = np.concatenate((made_face(), np.zeros((478, 1), np.float32)), axis=1)
    empty = np.load(crops / EMPTY_FILE)
    sampler = Sampler(faces, faces.draw_weights({}), empty, mean, TINY, seed=3)
    batch = sampler.draw(4, 2)
    assert batch.face.shape == (6, 3, 32, 32)
    assert batch.points.shape == (4, 478, 3)
    assert batch.mouth.shape == (4, 3, 16, 16)
    assert batch.mouth_points.shape == (4, 40, 2)
    assert batch.eye_points.shape == (4, 31, 2)
    assert float(batch.face.min()) >= 0.0
    assert float(batch.face.max()) <= 1.0
    # The crops lie along the face: its middle is near their middle whatever the jitter.
    assert float(batch.points[..., :2].mean(dim=1).abs().max()) < 0.8


def test_run_ends_goes_on_and_keeps_what_it_learnt(
    crops: Path, faces: FaceCrops, tmp_path: Path
) -> None:
    first = LandmarkTrainer(settings(crops, 0.02), faces, tmp_path)
    first.train()
    assert first.step >= 1
    again = LandmarkTrainer(settings(crops, 0.02), faces, tmp_path)
    assert again.step == first.step
    again.train()  # its minutes are over
    assert again.step == first.step
    for name, tensor in first.net.state_dict().items():
        torch.testing.assert_close(again.net.state_dict()[name], tensor)


def test_state_of_another_run_is_said(crops: Path, faces: FaceCrops, tmp_path: Path) -> None:
    torch.save({"net": {}}, tmp_path / "state.pt")
    with pytest.raises(SettingsError, match="does not belong to this run"):
        LandmarkTrainer(settings(crops, 0.02), faces, tmp_path)


def test_wing_is_steep_near_zero_and_whole() -> None:
    errors = torch.tensor([0.0, 0.01, 0.06, 0.07])
    found = wing(errors)
    assert float(found[0]) == 0.0
    assert float(found[1]) == pytest.approx(0.06 * np.log(1 + 0.01 / 0.015), rel=1e-4)
    # Beyond 0.06 it grows by as much as the error does, and it does not jump there.
    assert float(found[3] - found[2]) == pytest.approx(0.01, abs=1e-5)
    assert float(wing(torch.tensor(0.0599999))) == pytest.approx(float(found[2]), abs=1e-4)


def test_shape_is_completed_from_anchors() -> None:
    """Faces that vary along two directions follow from any few of their points."""
    random = np.random.default_rng(2)
    mean, ways = random.normal(size=(478, 3)), random.normal(size=(2, 478, 3))
    points = mean + np.einsum("nk,kpc->npc", random.normal(size=(300, 2)), ways)
    anchors = anchor_points(mean.astype(np.float32), 24)
    assert len(set(anchors.tolist())) == 24
    weights, bias = shape_from_anchors(points.astype(np.float32), anchors)
    found = points[0][anchors, :2].reshape(-1) @ weights.T + bias
    np.testing.assert_allclose(found, points[0].reshape(-1), atol=0.02)


def test_yaml_is_read(tmp_path: Path) -> None:
    path = tmp_path / "run.yaml"
    path.write_text("landmarks:\n  crops: x\n  minutes: 3\n  networks: {mouth_size: 48}\n")
    assert is_landmark_run(path)
    read = read_landmark_settings(path)
    assert (read.crops, read.minutes, read.networks.mouth_size) == ("x", 3, 48)


def test_unknown_key_is_said(tmp_path: Path) -> None:
    path = tmp_path / "run.yaml"
    path.write_text("landmarks: {crops: x, speed: 3}\n")
    with pytest.raises(SettingsError, match="unknown key 'speed'"):
        read_landmark_settings(path)


def test_shipped_run_is_one() -> None:
    path = Path(__file__).resolve().parents[3] / "avatarify/training/landmarks/landmarks.yaml"
    assert is_landmark_run(path)
    assert read_landmark_settings(path).batch == 32
