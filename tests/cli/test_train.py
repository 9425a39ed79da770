"""`avatarify train` by its command line."""

import logging
from pathlib import Path

import numpy as np
import pytest
import yaml

from avatarify.animation.checkpoint import load_model
from avatarify.cli import main
from avatarify.frames import Frame
from avatarify.media.video_writer import VideoWriter
from avatarify.tracking.landmark_file import load_landmark_model
from tests.tiny_models import picture, tiny_config
from tests.training.made_faces import made_face


@pytest.fixture
def videos(tmp_path: Path) -> Path:
    """Two clips with their exact landmarks beside them."""
    folder = tmp_path / "videos"
    folder.mkdir()
    for number, name in enumerate(("ann", "bob")):
        marks = np.repeat((32.0 + 12.0 * made_face())[None], 3, axis=0)
        with VideoWriter(folder / f"{name}.mp4", 25.0) as writer:
            for index in range(3):
                writer.write(Frame(picture(10 * number + index, 64), index / 25.0, index))
        np.savez_compressed(folder / f"{name}.npz", landmarks=marks)
    return folder


def write_config(tmp_path: Path, cache: Path) -> Path:
    path = tmp_path / "run.yaml"
    values = {
        "model": tiny_config("compact").to_dict(),
        "data": {"caches": {str(cache): 1.0}},
        "guidance": {"landmarks": [13, 159, 386]},
        "loss": {"pyramid_levels": 2},
        "steps": 2,
        "batch": 2,
    }
    path.write_text(yaml.safe_dump(values), encoding="utf-8")
    return path


def test_one_command_prepares_trains_and_exports(tmp_path: Path, videos: Path) -> None:
    cache, run, export = tmp_path / "cache", tmp_path / "run", tmp_path / "model.safetensors"
    config = write_config(tmp_path, cache)
    words = ["train", str(config), "--prepare", str(videos), "--cache", str(cache)]
    words += ["--run", str(run), "--export", str(export), "--device", "cpu", "--threads", "1"]
    assert main(words) == 0
    assert sorted(path.name for path in cache.iterdir()) == ["ann", "bob"]
    assert (run / "state.ckpt").is_file()
    assert load_model(export).config == tiny_config("compact")


def test_preparing_alone_needs_no_configuration(tmp_path: Path, videos: Path) -> None:
    cache = tmp_path / "cache"
    words = ["train", "--prepare", str(videos), "--cache", str(cache), "--side", "96"]
    assert main(words) == 0
    assert len(list(cache.iterdir())) == 2
    assert np.load(cache / "ann" / "frames.npy").shape == (3, 96, 96, 3)


def test_preparing_without_the_tracker_says_how_to_get_it(
    tmp_path: Path,
    videos: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("avatarify.zoo.store.find", lambda name: None)
    (videos / "ann.npz").unlink()
    assert main(["train", "--prepare", str(videos), "--cache", str(tmp_path / "cache")]) == 1
    assert "avatarify models pull face-landmarker" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "give the run's YAML file, or --prepare FOLDER"),
        (["--prepare", "videos"], "--prepare and --cache belong together"),
        (["run.yaml", "--tracks"], "--tracks says what to do with --prepare"),
        (["run.yaml", "--faces"], "--faces says what to do with --prepare"),
        (["--prepare", "videos", "--tracks", "--faces"], "--tracks, --faces and --people are"),
        (["run.yaml", "--cache", "cache"], "--prepare and --cache belong together"),
        (
            ["--prepare", "x", "--cache", "cache", "--moved", "3"],
            "--moved and --mixed go with --faces",
        ),
    ],
)
def test_wrong_usage_is_said(
    words: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["train", *words]) == 2
    assert message in capsys.readouterr().err


def test_progress_is_told_on_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    """Other commands tell it the log file only."""
    root = logging.getLogger()
    before, root.handlers = root.handlers, []
    try:
        assert main(["train", "nowhere.yaml"]) == 1
        logging.getLogger("avatarify.training").info("step 50")
        assert "step 50" in capsys.readouterr().err
    finally:
        root.handlers = before


def test_a_missing_configuration_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", "nowhere.yaml"]) == 1
    assert capsys.readouterr().err.startswith("avatarify: nowhere.yaml")


def test_faces_are_cut_and_the_face_tracker_is_trained(
    tmp_path: Path, shared: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run too short to learn anything; its file is one that the program reads."""
    monkeypatch.setenv("AVATARIFY_MODELS", str(shared / "models"))
    avatars = Path(__file__).resolve().parents[2] / "assets" / "avatars"
    stills, crops, config = tmp_path / "stills", tmp_path / "crops", tmp_path / "run.yaml"
    stills.mkdir()
    for name in ("nia", "leo"):
        (stills / f"{name}.png").symlink_to(avatars / f"{name}.png")
    values: dict[str, object] = {"crops": str(crops), "steps": 2, "batch": 2, "empty": 0}
    values["expression_steps"] = 3
    values["networks"] = {"face_size": 32, "mouth_size": 16, "eye_size": 16}
    config.write_text(yaml.safe_dump({"landmarks": values}), encoding="utf-8")
    words = ["train", "--prepare", str(stills), "--cache", str(crops), "--faces", str(config)]
    export = tmp_path / "landmarks.safetensors"
    words += ["--run", str(tmp_path / "run"), "--export", str(export), "--threads", "1"]
    assert main(words) == 0
    assert load_landmark_model(export).net.config.face_size == 32
