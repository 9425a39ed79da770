"""A tiny run on made-up faces: it learns, stops, goes on, and exports a file that tracks."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from avatarify.errors import SettingsError
from avatarify.networks.expression_net import ExpressionNet
from avatarify.networks.landmark_net import LandmarkNet
from avatarify.networks.landmark_points import LandmarkConfig
from avatarify.tracking.landmark_file import LandmarkModel
from avatarify.training.landmarks.face_crops import FaceCrops, join_crops
from avatarify.training.landmarks.launch import complete
from avatarify.training.landmarks.objective import (
    Lesson,
    anchor_points,
    shape_from_anchors,
    wing,
)
from avatarify.training.landmarks.prepare import EMPTY_FILE
from avatarify.training.landmarks.samples import Batch, Sampler
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


def settings(crops: Path, **changed: Any) -> LandmarkSettings:
    return LandmarkSettings(
        str(crops), **{"steps": 4, "batch": 4, "empty": 2, "networks": TINY, **changed}
    )


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


def test_pairs_are_of_one_clip_and_lie_alike(faces: FaceCrops, crops: Path) -> None:
    """The second clip's faces are three times as wide as high: whose a face is can be seen."""
    wide = faces.points * np.array([1.5, 0.5, 1.0], np.float32) - np.array([18.0, -18.0, 0.0])
    both = FaceCrops(
        np.concatenate((faces.images, faces.images)),
        np.concatenate((faces.points, wide.astype(np.float32))),
        np.concatenate((faces.shapes, faces.shapes)),
        np.concatenate((faces.poses, faces.poses)),
        np.repeat(["c_ann", "c_bob"], 6),
    )
    assert both.spans().tolist() == [[0, 6]] * 6 + [[6, 12]] * 6
    mean = np.concatenate((made_face(), np.zeros((478, 1), np.float32)), axis=1)
    empty = np.load(crops / EMPTY_FILE)
    sampler = Sampler(both, both.draw_weights({}), empty, mean, TINY, seed=3)
    points = torch.cat([sampler.draw(16, 0, step).points for step in range(4)])[..., :2]
    extent = points.amax(dim=1) - points.amin(dim=1)
    is_wide = extent[:, 0] > 1.5 * extent[:, 1]
    assert 8 < int(is_wide.sum()) < 56
    assert is_wide[0::2].tolist() == is_wide[1::2].tolist()


def test_mouths_are_seen_narrow_and_wide(crops: Path, faces: FaceCrops) -> None:
    mean = np.concatenate((made_face(), np.zeros((478, 1), np.float32)), axis=1)
    empty = np.load(crops / EMPTY_FILE)
    weights = faces.draw_weights({})
    sampler = Sampler(faces, weights, empty, mean, TINY, seed=3, mouth_stretch=0.13)
    batches = [sampler.draw(16, 0, step) for step in range(8)]
    mouths = torch.cat([batch.mouth_points for batch in batches])
    eyes = torch.cat([batch.eye_points for batch in batches])
    spread = [_proportions(points).log().std() for points in (mouths, eyes)]
    # Twice the stretch, since what becomes wider becomes lower; the squeeze is in both.
    assert float((spread[0] ** 2 - spread[1] ** 2).sqrt()) == pytest.approx(0.26, rel=0.25)


def _proportions(points: torch.Tensor) -> torch.Tensor:
    spread: torch.Tensor = points.std(dim=1)
    return spread[:, 0] / spread[:, 1]


def test_a_step_draws_what_it_drew(crops: Path, faces: FaceCrops) -> None:
    mean = np.concatenate((made_face(), np.zeros((478, 1), np.float32)), axis=1)
    empty = np.load(crops / EMPTY_FILE)
    first, again = (
        Sampler(faces, faces.draw_weights({}), empty, mean, TINY, seed=3) for _ in range(2)
    )
    first.draw(4, 2, 0)
    for one, other in zip(first.draw(4, 2, 7), again.draw(4, 2, 7), strict=True):
        torch.testing.assert_close(one, other, rtol=0, atol=0)
    assert not torch.equal(first.draw(4, 2, 7).mouth, first.draw(4, 2, 8).mouth)


def test_interrupted_run_ends_where_the_other_ends(
    crops: Path, faces: FaceCrops, tmp_path: Path
) -> None:
    whole = LandmarkTrainer(settings(crops), faces, tmp_path / "whole")
    whole.train()
    assert whole.step == 4
    LandmarkTrainer(settings(crops), faces, tmp_path / "broken").train(until=2)
    rest = LandmarkTrainer(settings(crops), faces, tmp_path / "broken")
    assert rest.step == 2
    rest.train()
    for name, tensor in whole.net.state_dict().items():
        torch.testing.assert_close(rest.net.state_dict()[name], tensor, rtol=0, atol=0)


def test_only_the_named_part_learns_and_begins_where_the_model_was(
    crops: Path, faces: FaceCrops, tmp_path: Path
) -> None:
    torch.manual_seed(8)
    net = LandmarkNet(replace(TINY, mouth_size=24)).eval()
    net.mean[:, :2] = torch.from_numpy(made_face())
    start = LandmarkModel(net, ExpressionNet().eval(), np.zeros((478, 3), np.float32))
    run = settings(crops, parts=("mouth",), start_from="x", rate=0.02)
    trainer = LandmarkTrainer(run, faces, tmp_path, start)
    trainer.train()
    before, after = net.state_dict(), trainer.net.state_dict()
    changed = {name.split(".")[0] for name in after if not torch.equal(before[name], after[name])}
    assert changed == {"mouth"}
    model = complete(trainer.net, faces, replace(run, expression_steps=0), start)
    assert model.expression is start.expression


def test_model_of_another_shape_is_said(crops: Path, faces: FaceCrops, tmp_path: Path) -> None:
    net = LandmarkNet(replace(TINY, mouth_widths=(4, 6, 16)))
    start = LandmarkModel(net, ExpressionNet(), np.zeros((478, 3), np.float32))
    with pytest.raises(SettingsError, match=r"old\.safetensors has networks of another shape"):
        LandmarkTrainer(settings(crops, start_from="old.safetensors"), faces, tmp_path, start)


def test_what_is_missed_alike_in_a_pair_is_no_change() -> None:
    net = LandmarkNet(TINY).eval().requires_grad_(False)
    mean = np.random.default_rng(1).normal(size=(478, 3)).astype(np.float32)
    lesson = Lesson(anchor_points(mean, 96))
    mouth = torch.rand(1, 3, 16, 16).repeat(2, 1, 1, 1)
    truth = net.mouth(mouth)
    nothing = torch.zeros(2, 478, 3)
    batch = Batch(mouth, nothing, mouth, truth + 0.1, mouth, nothing[:, :31, :2])
    alike = lesson.errors(net, batch, exact=True, parts=("mouth",))
    assert float(alike["mouth"]) > 0.05
    assert float(alike["mouth change"]) == pytest.approx(0.0, abs=1e-4)
    apart = truth + torch.tensor([0.1, -0.1])[:, None, None]
    unlike = lesson.errors(net, batch._replace(mouth_points=apart), exact=True, parts=("mouth",))
    assert float(unlike["mouth"]) == pytest.approx(float(alike["mouth"]), rel=1e-3)
    assert float(unlike["mouth change"]) > 0.05
    assert float(unlike["mouth gaps' change"]) == pytest.approx(0.0, abs=1e-4)


def test_state_of_another_run_is_said(crops: Path, faces: FaceCrops, tmp_path: Path) -> None:
    torch.save({"net": {}}, tmp_path / "state.pt")
    with pytest.raises(SettingsError, match="does not belong to this run"):
        LandmarkTrainer(settings(crops), faces, tmp_path)


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
    path.write_text("landmarks:\n  crops: x\n  steps: 3\n  networks: {mouth_size: 48}\n")
    assert is_landmark_run(path)
    read = read_landmark_settings(path)
    assert (read.crops, read.steps, read.networks.mouth_size) == ("x", 3, 48)


def test_unknown_key_is_said(tmp_path: Path) -> None:
    path = tmp_path / "run.yaml"
    path.write_text("landmarks: {crops: x, speed: 3}\n")
    with pytest.raises(SettingsError, match="unknown key 'speed'"):
        read_landmark_settings(path)


@pytest.mark.parametrize(
    "name", ["landmarks", "mouth-pairs", "mouth-pursed", "mouth-mixed", "mouth-more"]
)
def test_shipped_runs_are_runs(name: str) -> None:
    folder = Path(__file__).resolve().parents[3] / "avatarify/training/landmarks"
    assert is_landmark_run(folder / f"{name}.yaml")
    assert read_landmark_settings(folder / f"{name}.yaml").steps > 1000
