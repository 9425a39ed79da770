"""The loop: killed and resumed, exported, and better than nothing on what it has seen."""

from dataclasses import asdict, replace
from pathlib import Path

import pytest
import torch
import yaml

from avatarify.animation.face.painter_file import read_painters
from avatarify.errors import SettingsError
from avatarify.training.launch import TrainingRun
from avatarify.training.painting.launch import train_painter
from avatarify.training.painting.objective import inner_error
from avatarify.training.painting.settings import (
    PaintingLoss,
    PaintingSettings,
    is_painting,
    read_painting,
)
from avatarify.training.painting.trainer import PaintingTrainer
from avatarify.training.run_state import read_state
from tests.training.painting.conftest import MakePainting

CONFIGS = Path(__file__).resolve().parents[3] / "avatarify" / "training" / "configs"


def state_of(settings: PaintingSettings, folder: Path, *until: int) -> dict[str, object]:
    for end in until:
        trainer = PaintingTrainer(settings, folder)
        trainer.resume()
        trainer.run(end)
    return read_state(folder / "state.ckpt")


def same(left: object, right: object) -> bool:
    if isinstance(left, torch.Tensor):
        return isinstance(right, torch.Tensor) and torch.equal(left, right)
    if isinstance(left, dict):
        assert isinstance(right, dict)
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    if isinstance(left, list):
        assert isinstance(right, list)
        return all(same(*pair) for pair in zip(left, right, strict=True))
    return left == right


def test_a_run_in_two_parts_ends_exactly_like_one(
    tmp_path: Path, make_painting: MakePainting
) -> None:
    whole = state_of(make_painting(), tmp_path / "whole", 4)
    parts = state_of(make_painting(), tmp_path / "parts", 2, 4)
    assert whole["step"] == parts["step"] == 4
    assert "judge" in whole
    assert same(whole, parts)


def test_a_painter_learns(tmp_path: Path, make_painting: MakePainting) -> None:
    settings = make_painting("eyes", steps=25, batch=2, loss=PaintingLoss())
    settings = replace(settings, data=replace(settings.data, colour=0.0))
    trainer = PaintingTrainer(settings, tmp_path)
    batch = trainer.sampler.batch(0)
    before = inner_error(batch.patch[:, :3], batch)
    trainer.run()
    with torch.no_grad():
        after = inner_error(trainer.objective(batch).picture, batch)
    assert after < before


def write(settings: PaintingSettings, path: Path) -> Path:
    path.write_text(yaml.safe_dump(_plain(asdict(settings))), encoding="utf-8")
    return path


def _plain(value: object) -> object:
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    return [_plain(one) for one in value] if isinstance(value, tuple) else value


def test_mouth_and_eyes_are_exported_to_one_file(
    tmp_path: Path, make_painting: MakePainting
) -> None:
    export = tmp_path / "face.safetensors"
    for part in ("mouth", "eyes"):
        config = write(make_painting(part), tmp_path / f"{part}.yaml")
        assert is_painting(config)
        run = TrainingRun(config, tmp_path / part, until=1, device="cpu", export=export)
        train_painter(run)
    read = read_painters(export)
    assert sorted(read) == ["eyes", "mouth"]
    goes_on = make_painting("eyes", start_from=str(export))
    weights = PaintingTrainer(goes_on, tmp_path / "more").painter.state_dict()
    assert all((weights[name].numpy() == one).all() for name, one in read["eyes"].tensors.items())
    other = replace(goes_on, painter=replace(goes_on.painter, widths=(2, 4, 5, 6)))
    with pytest.raises(SettingsError, match="no painter of the eyes"):
        PaintingTrainer(other, tmp_path / "other")


def test_a_motion_models_file_is_no_painters() -> None:
    assert not is_painting(CONFIGS / "compact.yaml")
    for part in ("mouth", "eyes"):
        assert read_painting(CONFIGS / f"face-{part}.yaml").part == part


def test_an_unknown_key_is_named(tmp_path: Path) -> None:
    path = tmp_path / "run.yaml"
    path.write_text("painter: {height: 32, width: 32, depth: 3}\npart: mouth\n")
    with pytest.raises(SettingsError, match="unknown key 'depth'"):
        read_painting(path)
