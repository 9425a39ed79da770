"""A file of painters is whole and fits, or is refused."""

import json
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from avatarify.animation.face.painter_file import PainterWeights, read_painters, save_painters
from avatarify.errors import CheckpointError, OutputError
from avatarify.networks.painter_config import PainterConfig

CONFIG = PainterConfig(32, 48, (2, 3, 4, 5))


def weights() -> PainterWeights:
    rng = np.random.default_rng(0)
    tensors = {
        name: rng.normal(size=shape).astype(np.float32) for name, shape in CONFIG.shapes().items()
    }
    return PainterWeights(CONFIG, tensors)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "face.safetensors"
    save_painters({"eyes": weights()}, file)
    return file


def header(config: object) -> dict[str, str]:
    return {"kind": "face-painters", "format": "1", "config": json.dumps(config)}


def test_what_was_written_is_read(path: Path) -> None:
    read = read_painters(path)
    assert list(read) == ["eyes"]
    assert read["eyes"].config == CONFIG
    for name, tensor in weights().tensors.items():
        np.testing.assert_allclose(read["eyes"].tensors[name], tensor, rtol=1e-3)


def test_a_cut_file_is_refused(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-10])
    with pytest.raises(CheckpointError, match="cut off"):
        read_painters(path)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="missing"):
        read_painters(tmp_path / "none.safetensors")


def test_a_missing_tensor_is_refused(path: Path) -> None:
    tensors = load_file(path)
    del tensors["eyes.stem.bias"]
    save_file(tensors, path, header({"eyes": CONFIG.to_dict()}))
    with pytest.raises(CheckpointError, match=r"eyes\.stem\.bias is missing"):
        read_painters(path)


def test_a_tensor_of_another_shape_is_refused(path: Path) -> None:
    tensors = load_file(path)
    tensors["eyes.stem.bias"] = np.zeros(7, np.float16)
    save_file(tensors, path, header({"eyes": CONFIG.to_dict()}))
    with pytest.raises(CheckpointError, match=r"eyes\.stem\.bias is \(7,\), not \(2,\)"):
        read_painters(path)


def test_numbers_that_are_not_finite_are_refused(path: Path) -> None:
    tensors = load_file(path)
    tensors["eyes.move.bias"][0] = np.nan
    save_file(tensors, path, header({"eyes": CONFIG.to_dict()}))
    with pytest.raises(CheckpointError, match="not finite"):
        read_painters(path)


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ({"nose": CONFIG.to_dict()}, "names no painters"),
        ({"eyes": {**CONFIG.to_dict(), "height": 33}}, "multiples of 16"),
        ({"eyes": {**CONFIG.to_dict(), "depth": 3}}, "unknown key 'depth'"),
        ({}, "names no painters"),
    ],
)
def test_a_broken_configuration_is_refused(path: Path, config: object, words: str) -> None:
    save_file(load_file(path), path, header(config))
    with pytest.raises(CheckpointError, match=words):
        read_painters(path)


def test_another_model_is_not_taken_for_painters(path: Path) -> None:
    save_file(load_file(path), path, {"avatarify_format": "1"})
    with pytest.raises(CheckpointError, match="no painters"):
        read_painters(path)


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="could not be written"):
        save_painters({"eyes": weights()}, tmp_path / "file" / "face.safetensors")
