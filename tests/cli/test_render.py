"""`avatarify render` writes clips that a trainer can read."""

import json
from pathlib import Path

import numpy as np
import pytest

from avatarify import cli
from avatarify.cli import rendered_pictures
from avatarify.media.image_file import read_image
from avatarify.media.video_file import VideoFile


def render(*arguments: object) -> int:
    small = ("--frames", "2", "--size", "48")
    return cli.main(["render", *map(str, arguments), *small])


def test_a_clip_is_a_video_and_its_landmarks(tmp_path: Path) -> None:
    assert render("--output", tmp_path, "--clips", 1, "--seed", 4, "--style", "cartoon") == 0
    video = VideoFile(tmp_path / "synthetic_cartoon_4_00000.mp4")
    frame = video.read()
    video.close()
    assert frame is not None
    assert frame.image.shape == (48, 48, 3)
    points = np.load(tmp_path / "synthetic_cartoon_4_00000.npz")["landmarks"]
    assert points.shape == (2, 478, 3)
    assert 0 < points[..., :2].mean() < 48


def test_cache_folders_are_complete_and_not_drawn_twice(tmp_path: Path) -> None:
    arguments = ("--output", tmp_path, "--first", 7, "--format", "cache")
    assert render(*arguments) == 0
    clip = tmp_path / "synthetic_real_0_00007"
    assert np.load(clip / "frames.npy").shape == (2, 48, 48, 3)
    assert np.load(clip / "landmarks.npy").shape == (2, 478, 3)
    about = json.loads((clip / "clip.json").read_text(encoding="utf-8"))
    assert about["person"] == about["name"] == clip.name
    before = (clip / "frames.npy").stat().st_mtime_ns
    assert render(*arguments) == 0
    assert (clip / "frames.npy").stat().st_mtime_ns == before


def test_what_cannot_be_rendered_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert render() == 1
    assert "--output" in capsys.readouterr().err
    assert render("--avatars", tmp_path, "--only", "nobody") == 1
    assert "nobody" in capsys.readouterr().err
    assert render("--output", tmp_path, "--first", 0, "--fps", 0) == 1
    assert "fps" in capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_still_comes_with_its_landmarks_and_matte(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert rendered_pictures.PICTURE_SIZE == (720, 1280)  # which takes ten times as long
    monkeypatch.setattr(rendered_pictures, "PICTURE_SIZE", (180, 320))
    assert render("--stills", tmp_path, "--clips", 1, "--seed", 5) == 0
    picture = read_image(tmp_path / "5_00_plain.png")
    with np.load(tmp_path / "5_00_plain.npz") as known:
        assert picture.shape[:2] == known["matte"].shape == (180, 320)
        assert known["landmarks"].shape == (478, 3)


def test_the_demo_needs_the_face_tracker(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("avatarify.zoo.store.find", lambda name: None)
    assert render("--demo", tmp_path / "demo.mp4") == 1
    assert "face-landmarker" in capsys.readouterr().err
