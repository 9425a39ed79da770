"""`avatarify evaluate` on a real clip and portrait with a tiny model."""

import json
from pathlib import Path

import pytest

from avatarify.animation.checkpoint import save_model
from avatarify.cli import main
from avatarify.media.image_file import read_image
from tests.tiny_models import tiny_model


@pytest.fixture
def model(tmp_path: Path) -> Path:
    path = tmp_path / "model.safetensors"
    save_model(tiny_model("compact"), path)
    return path


def test_tables_pictures_and_numbers(
    tmp_path: Path,
    shared: Path,
    model: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("AVATARIFY_MODELS", str(shared / "models"))
    stills = tmp_path / "stills"
    stills.mkdir()
    (stills / "s0.jpg").symlink_to(shared / "stills" / "s0.jpg")
    output = tmp_path / "output"
    words = ["evaluate", "--clips", str(shared / "clips"), "--people", "p03"]
    words += ["--portraits", str(stills), "--model", str(model), "--output", str(output)]
    words += ["--frames", "4", "--cross-frames", "2", "--threads", "1", "--device", "cpu"]
    assert main(words) == 0
    assert "## Self-reenactment" in capsys.readouterr().out

    values = json.loads((output / "metrics.json").read_text())
    methods = [line["method"] for line in values["self"]]
    assert methods == ["model", "zero order only", "do nothing", "tracker noise"]
    assert {line["driver"] for line in values["self"]} == {"pyfeat_single"}
    nothing = values["self"][2]
    assert 1.0 < nothing["akd_px"] < 30.0
    assert nothing["mouth"]["l1"] == nothing["mouth"]["l1_still"] > 0.0
    noise = values["self"][3]
    assert 0.0 < noise["akd_px"] < 0.3 * nothing["akd_px"]
    assert 0.0 < noise["lips_px"] < nothing["lips_px"]
    assert noise["l1"] is None
    assert nothing["face_found"] == 1.0
    assert nothing["arrivals"]["smile"] in (
        {"correlation": None, "gain": None}, {"correlation": 0.0, "gain": 0.0}
    )  # fmt: skip
    assert all(line["rest_psnr_db"] >= 35.0 for line in values["self"][:2])
    assert {line["portrait"] for line in values["cross"]} == {"s0"}
    sheet = read_image(output / "cross_pyfeat_single.png")
    assert sheet.shape[0] > 2 * 192  # driver and portrait
    assert (output / "self_pyfeat_single.png").is_file()


def test_people_who_are_not_there_are_said(
    tmp_path: Path,
    shared: Path,
    model: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("AVATARIFY_MODELS", str(shared / "models"))
    words = ["evaluate", "--clips", str(shared / "clips"), "--people", "nobody"]
    assert main([*words, "--model", str(model), "--output", str(tmp_path / "output")]) == 1
    assert "no clips of the people asked for" in capsys.readouterr().err


def test_a_missing_tracker_says_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("avatarify.zoo.store.find", lambda name: None)
    assert main(["evaluate", "--clips", str(tmp_path), "--output", str(tmp_path / "output")]) == 1
    assert "avatarify models pull face-landmarker" in capsys.readouterr().err


@pytest.mark.parametrize("words", [["--stride", "0"], ["--frames", "many"]])
def test_numbers_must_be_above_nought(words: list[str]) -> None:
    assert main(["evaluate", "--clips", "clips", "--output", "output", *words]) == 2
