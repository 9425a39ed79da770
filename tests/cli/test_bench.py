"""`avatarify bench` on a tiny model."""

import json
from pathlib import Path

import pytest

from avatarify.animation.checkpoint import save_model
from avatarify.cli import PROBLEM, WRONG_USAGE, main
from tests.tiny_models import tiny_model


@pytest.fixture
def model(tmp_path: Path) -> Path:
    path = tmp_path / "tiny.safetensors"
    save_model(tiny_model("compact"), path, {})
    return path


def _bench(*more: str) -> int:
    quick = ("--device", "cpu", "--seconds", "0.05", "--part", "engines", "--precision", "fp32")
    return main(["bench", *quick, *more])


def test_tables_name_every_back_end(model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _bench("--model", str(model)) == 0
    said = capsys.readouterr().out
    assert "limits: matrix product" in said
    assert "## tiny" in said
    for backend in ("textbook", "reference", "torch", "openvino"):
        assert f"| {backend} |" in said


def test_json_is_json(model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _bench("--model", str(model), "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert found["models"][0]["engines"][0]["backend"] == "textbook"
    assert found["machine"]["convolution_gflops"] > 0


def test_streams_have_a_table_of_their_own(model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _bench("--model", str(model), "--part", "streams", "--streams", "2") == 0
    said = capsys.readouterr().out
    assert "| tiny | 2 | fp32 |" in said
    assert "## tiny" not in said


def test_the_start_can_be_measured_alone(model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _bench("--model", str(model), "--part", "start", "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert found["whole"].keys() == {"start"}
    assert 0.0 < found["whole"]["start"]["imports_s"] < found["whole"]["start"]["first_frame_s"]


def test_an_unknown_model_and_no_time_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert _bench("--model", "no-such-model") == PROBLEM
    assert "no-such-model" in capsys.readouterr().err
    assert main(["bench", "--seconds", "0"]) == WRONG_USAGE
    assert main(["bench", "--streams", "0"]) == WRONG_USAGE
