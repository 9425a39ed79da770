"""`avatarify demo` without a display; the window has its own tests."""

from pathlib import Path

import numpy as np
import pytest

from avatarify import cli
from avatarify.animation.portable_file import save_model
from avatarify.cli import demo
from avatarify.frames import Frame
from avatarify.media.image_file import write_image
from avatarify.media.motion_file import write_motion
from avatarify.media.video_file import VideoFile
from avatarify.media.video_writer import VideoWriter
from tests.drivers import swing
from tests.tiny_models import picture, tiny_model


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with a tiny model and no display."""
    monkeypatch.setenv("AVATARIFY_MODELS", str(tmp_path / "models"))
    monkeypatch.setenv("AVATARIFY_CONFIG", str(tmp_path / "config"))
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setattr("avatarify.zoo.store.SHIPPED_FOLDER", tmp_path / "repository")
    save_model(tiny_model("compact"), tmp_path / "models" / "compact.safetensors")
    write_image(tmp_path / "avatar.png", picture(1, 64))
    return tmp_path


def write_clip(path: Path) -> None:
    writer = VideoWriter(path, 30.0)
    for index in range(40):
        image = np.ascontiguousarray(np.roll(picture(2, 64), index, axis=1))
        writer.write(Frame(image, index / 30, index))
    writer.close()


def test_without_a_display_it_writes_a_video(
    machine: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write_clip(machine / "clip.mp4")
    monkeypatch.setattr(demo, "CLIP", machine / "clip.mp4")
    output = machine / "demo.mp4"
    words = ["demo", "--no-window", "--avatar", str(machine / "avatar.png")]
    assert cli.main([*words, "--output", str(output)]) == 0
    told = capsys.readouterr()
    assert "fps" in told.err
    assert "Measured: " in told.err
    assert "from camera to picture" in told.err
    assert f"Wrote {output}" in told.out
    with VideoFile(output) as video:
        first = video.read()
        assert first is not None
        assert first.image.shape == (720, 1280, 3)


def test_saved_motion_drives_a_built_in_avatar_on_a_machine_without_a_tracker(
    machine: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write_motion(machine / "motion.npz", swing(3.0))
    monkeypatch.setattr(demo, "MOTION", machine / "motion.npz")
    output = machine / "demo.mp4"
    assert cli.main(["demo", "--no-window", "--avatar", "maya", "--output", str(output)]) == 0
    told = capsys.readouterr()
    assert "Model face on cpu" in told.err
    assert "avatarify: live." in told.err  # calibrated, so it moved
    assert "face tracker" not in told.err
    assert "Maya is driven live by motion.npz" in told.out
    with VideoFile(output) as video:
        first = video.read()
        assert first is not None
        assert first.image.shape == (720, 1280, 3)


def test_a_picture_without_a_face_is_driven_by_the_clip(
    machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, file in (("MOTION", "motion.npz"), ("CLIP", "clip.mp4")):
        (machine / file).touch()
        monkeypatch.setattr(demo, name, machine / file)
    assert demo._driver(has_face=True).name == "motion.npz"
    assert demo._driver(has_face=False).name == "clip.mp4"


def test_an_incomplete_copy_says_so(
    machine: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(demo, "CLIP", machine / "none.mp4")
    monkeypatch.setattr(demo, "MOTION", machine / "none.npz")
    assert cli.main(["demo", "--no-window"]) == 1
    assert "Install the program anew" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("platform", "variable", "expected"),
    [
        ("linux", None, False),
        ("linux", "DISPLAY", True),
        ("linux", "WAYLAND_DISPLAY", True),
        ("win32", None, True),
        ("darwin", None, True),
    ],
)
def test_where_there_is_a_display(
    machine: Path,
    monkeypatch: pytest.MonkeyPatch,
    platform: str,
    variable: str | None,
    expected: bool,
) -> None:
    if variable is not None:
        monkeypatch.setenv(variable, ":1")
    assert demo.has_display(platform) is expected
