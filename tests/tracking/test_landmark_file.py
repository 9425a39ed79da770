from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from avatarify.errors import TrackerError
from avatarify.networks.expression_net import ExpressionNet
from avatarify.networks.landmark_net import LandmarkNet
from avatarify.networks.landmark_points import LandmarkConfig
from avatarify.tracking.landmark_file import (
    LandmarkModel,
    load_landmark_model,
    save_landmark_model,
)
from avatarify.tracking.own_finder import OwnFinder

TINY = LandmarkConfig(
    face_size=32, mouth_size=16, eye_size=16,
    face_widths=(2, 3, 4, 4), mouth_widths=(2, 3, 4), eye_widths=(2, 3, 4),
)  # fmt: skip


@pytest.fixture
def model() -> LandmarkModel:
    torch.manual_seed(0)
    head = np.random.default_rng(0).normal(size=(478, 3)).astype(np.float32)
    return LandmarkModel(LandmarkNet(TINY).eval(), ExpressionNet().eval(), head)


@pytest.fixture
def path(model: LandmarkModel, tmp_path: Path) -> Path:
    save_landmark_model(model, tmp_path / "landmarks.safetensors")
    return tmp_path / "landmarks.safetensors"


def test_what_was_written_is_read(model: LandmarkModel, path: Path) -> None:
    read = load_landmark_model(path)
    assert read.net.config == TINY
    np.testing.assert_allclose(read.head, model.head, rtol=1e-3, atol=1e-3)
    face = torch.rand(1, 3, 32, 32)
    torch.testing.assert_close(
        read.net.coarse(face).points, model.net.coarse(face).points, rtol=0, atol=0.01
    )


def test_missing_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(TrackerError, match="is missing"):
        load_landmark_model(tmp_path / "none.safetensors")


def test_file_cut_off_is_said(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1000])
    with pytest.raises(TrackerError, match="is damaged"):
        OwnFinder(path)


def test_file_of_something_else_is_said(path: Path) -> None:
    save_file({"weight": torch.zeros(3)}, path)
    with pytest.raises(TrackerError, match="is not a landmark model"):
        load_landmark_model(path)


def without_a_tensor(tensors: dict[str, torch.Tensor]) -> None:
    del tensors["net.mouth.points.maps.weight"]


def with_a_foreign_tensor(tensors: dict[str, torch.Tensor]) -> None:
    tensors["net.nose"] = torch.zeros(3)


def with_another_shape(tensors: dict[str, torch.Tensor]) -> None:
    tensors["head"] = torch.zeros(68, 3)


def with_a_number_that_is_none(tensors: dict[str, torch.Tensor]) -> None:
    tensors["net.coarse.shape.bias"][7] = float("nan")


def with_an_absurd_number(tensors: dict[str, torch.Tensor]) -> None:
    tensors["net.coarse.shape.bias"][7] = 6e4


def with_a_spread_below_nothing(tensors: dict[str, torch.Tensor]) -> None:
    name = next(name for name in tensors if name.endswith("running_var"))
    tensors[name][0] = -1.0


def with_a_head_as_large_as_a_house(tensors: dict[str, torch.Tensor]) -> None:
    tensors["head"][0, 0] = 2000.0


@pytest.mark.parametrize(
    "damage",
    [
        without_a_tensor, with_a_foreign_tensor, with_another_shape, with_a_number_that_is_none,
        with_an_absurd_number, with_a_spread_below_nothing, with_a_head_as_large_as_a_house,
    ],
)  # fmt: skip
def test_broken_tensors_are_said(
    path: Path, damage: Callable[[dict[str, torch.Tensor]], None]
) -> None:
    from safetensors import safe_open

    with safe_open(path, framework="pt") as file:
        header = file.metadata()
    tensors = load_file(path)
    damage(tensors)
    save_file(tensors, path, header)
    with pytest.raises(TrackerError, match="is broken"):
        load_landmark_model(path)


def test_impossible_configuration_is_said(path: Path) -> None:
    header = {"avatarify_landmarks": "1", "config": '{"face_size": 31}'}
    save_file(load_file(path), path, header)
    with pytest.raises(TrackerError, match="broken configuration"):
        load_landmark_model(path)


@pytest.mark.parametrize(
    "config",
    [
        '{"face_size": 1000000000}', '{"face_size": -32}', '{"face_size": "32"}',
        '{"face_size": 1e9}',
        '{"face_widths": [1000000000, 2]}', '{"face_widths": ["2", "3"]}', '{"face_widths": 3}',
        '{"face_widths": [null, null]}', '{"face_size": null}', '{"wings": 2}', "[]", "3",
        "[" * 200_000,
    ],
)  # fmt: skip
def test_an_impossible_configuration_is_said(path: Path, config: str) -> None:
    save_file(load_file(path), path, {"avatarify_landmarks": "1", "config": config})
    with pytest.raises(TrackerError, match=r"broken configuration|not a landmark model"):
        load_landmark_model(path)
