"""`avatarify run` through the command line, with a real model, clip and video file."""

import argparse
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from avatarify import cli
from avatarify.animation.portable_file import save_model
from avatarify.cli import run
from avatarify.frames import Frame
from avatarify.media.image_file import write_image
from avatarify.media.video_file import VideoFile
from avatarify.media.video_writer import VideoWriter
from avatarify.session.keeping.settings import CameraSettings
from tests.tiny_models import picture, tiny_model

ROOT = Path(__file__).resolve().parents[2]
FRAMES = 45


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only a tiny default model is installed, no face tracker."""
    monkeypatch.setenv("AVATARIFY_MODELS", str(tmp_path / "models"))
    monkeypatch.setenv("AVATARIFY_CONFIG", str(tmp_path / "config"))
    monkeypatch.setenv("AVATARIFY_AVATARS", str(tmp_path / "avatars"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setattr("avatarify.zoo.store.SHIPPED_FOLDER", tmp_path / "repository")
    save_model(tiny_model("compact"), tmp_path / "models" / "compact.safetensors")


@pytest.fixture
def avatar(tmp_path: Path) -> Path:
    write_image(tmp_path / "avatar.png", picture(1, 64))
    return tmp_path / "avatar.png"


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    """1.5 s of a picture that slides."""
    return written(tmp_path / "clip.mp4", FRAMES)


@pytest.fixture
def short_clip(tmp_path: Path) -> Path:
    """A third of it, for what is decided before the avatar moves."""
    return written(tmp_path / "short.mp4", FRAMES // 3)


def written(path: Path, frames: int) -> Path:
    still = picture(2, 96)
    with VideoWriter(path, 30.0) as writer:
        for index in range(frames):
            image = np.ascontiguousarray(np.roll(still, index, axis=1)[:64, :64])
            writer.write(Frame(image, index / 30, index))
    return path


def arguments(clip: Path, avatar: Path, output: str) -> list[str]:
    return [
        *("run", "--camera", str(clip), "--avatar", str(avatar), "--output", output),
        *("--size", "128x96", "--fps", "30"),
    ]


def frames_of(path: Path) -> int:
    count = 0
    with VideoFile(path) as video:
        while video.read() is not None:
            count += 1
    return count


def test_a_clip_becomes_a_video_with_measurements(
    clip: Path, avatar: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output, stats = tmp_path / "out.mp4", tmp_path / "stats.json"
    words = [*arguments(clip, avatar, str(output)), "--stats", str(stats), "--badge"]
    assert cli.main(words) == 0
    told = capsys.readouterr()
    assert told.out == ""
    assert "face tracker's file is missing" in told.err
    assert "Model compact on cpu" in told.err
    assert frames_of(output) >= 15
    content = json.loads(stats.read_text())
    assert content["frames_captured"] > 0
    assert content["latency"]["p95_ms"] >= content["latency"]["median_ms"] > 0
    assert content["engine"]["model"] == "compact"
    assert {"track", "animate", "compose"} == content["stages"].keys()
    assert content["output"]["width"] == 128


def test_the_person_in_a_clip_does_not_calibrate_the_users_avatar(
    clip: Path, avatar: Path, tmp_path: Path
) -> None:
    assert cli.main(arguments(clip, avatar, "none")) == 0
    profiles = list((tmp_path / "config" / "profiles").iterdir())
    assert [json.loads(path.read_text())["reference"] for path in profiles] == [None]


def test_gains_that_are_given_win_over_those_kept_for_the_avatar(
    short_clip: Path, avatar: Path, tmp_path: Path
) -> None:
    words = arguments(short_clip, avatar, "none")
    assert cli.main([*words, "--gain", "0.5", "--gain-mouth", "1.5", "--gain-gaze", "0.25"]) == 0
    assert cli.main([*words, "--gain-gaze", "0.75"]) == 0
    (kept,) = (tmp_path / "config" / "profiles").iterdir()
    profile = json.loads(kept.read_text())
    assert profile["gain"] == 0.5
    assert profile["gains"] == {
        "turn": 1.0, "shift": 1.0, "mouth": 1.5, "eyes": 1.0, "brows": 1.0, "gaze": 0.75,
    }  # fmt: skip


def test_a_mirror_that_is_asked_for_wins_over_what_is_kept(
    short_clip: Path, avatar: Path, tmp_path: Path
) -> None:
    words = arguments(short_clip, avatar, "none")
    for given, kept in (([], False), (["--mirror"], True), ([], True)):
        assert cli.main([*words, *given]) == 0
        (file,) = (tmp_path / "config" / "profiles").iterdir()
        assert json.loads(file.read_text())["mirror"] is kept


def test_it_stops_after_its_seconds(clip: Path, avatar: Path) -> None:
    words = [*arguments(clip, avatar, "none"), "--loop", "--seconds", "0.3"]
    assert cli.main(words) == 0


def test_a_signal_ends_it_gently(clip: Path, avatar: Path, tmp_path: Path) -> None:
    output = tmp_path / "out.mp4"
    code = "import sys; from avatarify.cli import main; sys.exit(main())"
    process = subprocess.Popen(
        [
            sys.executable,
            "-c",
            code,
            *arguments(clip, avatar, str(output)),
            "--loop",
            "--tracker",
            "mediapipe",
        ],
        cwd=ROOT,
        env=dict(os.environ),
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    while (line := process.stderr.readline()) != "avatarify: live.\n":
        assert line, "it ended by itself"
    time.sleep(0.5)  # for some frames to be written
    process.send_signal(signal.SIGTERM)
    _, errors = process.communicate(timeout=30)
    assert process.returncode == 0, errors
    assert "Traceback" not in errors
    assert frames_of(output) > 5


def test_who_stops_it_while_it_starts_is_told_of_no_broken_camera(
    avatar: Path, tmp_path: Path
) -> None:
    code = (
        "import time; from avatarify import cli\n"
        "from avatarify.media.realtime import RealTimeSource as Source\n"
        "Source.read = lambda source: time.sleep(60)\n"  # a camera that takes its time
        "raise SystemExit(cli.main())"
    )
    words = ["run", "--camera", str(avatar), "--loop", "--avatar", str(avatar), "--output", "none"]
    process = subprocess.Popen(
        [sys.executable, "-c", code, *words], stderr=subprocess.PIPE, text=True, cwd=ROOT
    )
    assert process.stderr is not None
    assert process.stderr.readline() == "avatarify: starting.\n"
    process.send_signal(signal.SIGINT)
    said = process.communicate(timeout=60)[1]
    assert process.returncode == 130
    assert said.splitlines()[-1] == "avatarify: Stopped before the start-up was over."
    assert "camera is free" not in said


def test_a_missing_clip_is_one_line(
    avatar: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(arguments(tmp_path / "none.mp4", avatar, "none")) == 1
    said = capsys.readouterr().err
    assert "There is no file or folder" in said
    assert "has ended" not in said


def test_a_missing_model_is_a_problem(
    clip: Path, avatar: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "models" / "compact.safetensors").unlink()
    assert cli.main(arguments(clip, avatar, "none")) == 1
    assert "compact" in capsys.readouterr().err


def test_a_missing_avatar_is_a_problem(
    clip: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(arguments(clip, tmp_path / "none.png", "none")) == 1
    assert "There is no avatar" in capsys.readouterr().err


def test_an_output_that_cannot_be_written_is_a_problem(
    clip: Path, avatar: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(arguments(clip, avatar, str(tmp_path / "none" / "out.mp4"))) == 1
    assert "Cannot write" in capsys.readouterr().err


@pytest.mark.parametrize(
    "words", [["--size", "big"], ["--seconds", "0"], ["--fit", "stretch"], ["--fps", "x"]]
)
def test_wrong_usage(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["run", *words]) == 2


def test_impossible_settings_are_a_problem(
    avatar: Path, clip: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = [*arguments(clip, avatar, "none"), "--gain", "9"]
    assert cli.main(words) == 1
    assert "gain lies between 0 and 2" in capsys.readouterr().err


def test_what_is_asked_of_the_webcam() -> None:
    parser = argparse.ArgumentParser()
    run.add_arguments(parser)
    words = ["--camera-size", "1920x1080", "--camera-fps", "60", "--uncompressed"]
    camera = run._settings(parser.parse_args(words)).camera
    assert (camera.width, camera.height, camera.fps, camera.mjpg) == (1920, 1080, 60, False)
    assert run._settings(parser.parse_args([])).camera == CameraSettings()
