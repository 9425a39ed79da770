"""`avatarify cameras`, with PipeWire cameras in the place of webcams."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from avatarify import cli
from avatarify.media import v4l2
from avatarify.media.image_file import read_image
from avatarify.media.pipewire.camera import CameraDescription, PipeWireCamera
from tests.linux_session import LinuxSession
from tests.pipewire_session import pipewire_session

__all__ = ["pipewire_session"]  # a fixture


def list_cameras(session: LinuxSession, *arguments: str) -> "subprocess.CompletedProcess[str]":
    code = "import sys; from avatarify.cli import main; sys.exit(main())"
    return subprocess.run(
        ["pw-v4l2", sys.executable, "-c", code, "cameras", *arguments],
        env={**session.environment, "PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.camera
def test_cameras_are_listed_with_pictures(pipewire_session: LinuxSession, tmp_path: Path) -> None:
    webcam = PipeWireCamera(CameraDescription(640, 480, 30, "Test webcam"))
    own = PipeWireCamera(CameraDescription(640, 480, 30, "Avatarify"))
    picture = np.zeros((480, 640, 3), np.uint8)
    picture[:, :320, 0] = 200
    webcam.send(picture)
    listed = list_cameras(pipewire_session, "--thumbnails", str(tmp_path / "seen"))
    webcam.close()
    own.close()
    assert listed.returncode == 0
    assert listed.stderr == ""
    assert "  0  Test webcam  /dev/video0\n" in listed.stdout
    assert "Avatarify" not in listed.stdout
    thumbnail = read_image(tmp_path / "seen" / "0-test-webcam.png")
    assert thumbnail.shape == (240, 320, 3)
    np.testing.assert_allclose(thumbnail[120, [80, 240]], [[200, 0, 0], [0, 0, 0]], atol=6)


@pytest.fixture
def no_camera(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setattr(v4l2, "_DEVICE_FOLDER", tmp_path)


@pytest.mark.usefixtures("no_camera")
def test_without_cameras_it_says_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["cameras"]) == 1
    assert "No webcam was found. Plug one in, or use a phone" in capsys.readouterr().err


def test_a_folder_that_cannot_be_made_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    device = v4l2.VideoDevice(
        0, "/dev/video0", "Webcam", "uvcvideo", can_capture=True, can_output=False
    )
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setattr("avatarify.media.camera_list.list_video_devices", lambda: [device])
    (tmp_path / "file").touch()
    assert cli.main(["cameras", "--thumbnails", str(tmp_path / "file")]) == 1
    assert "file is a file" in capsys.readouterr().err
