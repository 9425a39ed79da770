import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from avatarify.errors import VirtualCameraError
from avatarify.frames import Frame
from avatarify.media.virtual_camera import VirtualCamera

SHIM_SOURCE = Path(__file__).with_name("v4l2_shim.c")

SEND_TWO_FRAMES = """
import json, sys
import numpy as np
from avatarify.frames import Frame
from avatarify.media.virtual_camera import VirtualCamera
from avatarify.errors import VirtualCameraError

image = np.empty((240, 320, 3), np.uint8)
image[:, :160] = 200, 30, 40
image[:, 160:] = 20, 60, 220
try:
    camera = VirtualCamera(size=(240, 320))
except VirtualCameraError as error:
    print(json.dumps({"error": str(error)}))
    sys.exit()
camera.write(Frame(image, 0.0, 0))
camera.write(Frame(image[:, ::-1].copy(), 0.0, 1))
camera.close()
print(json.dumps({"name": camera.name, "backend": camera.backend}))
"""


@pytest.fixture
def loopback(tmp_path: Path) -> dict[str, str]:
    """The environment in which /dev/video0 is a v4l2loopback camera."""
    compiler = shutil.which("gcc") or shutil.which("cc")
    if sys.platform != "linux" or compiler is None:
        pytest.skip("needs Linux and a C compiler")
    library = tmp_path / "v4l2_shim.so"
    command = [compiler, "-shared", "-fPIC", "-O1", "-o", str(library), str(SHIM_SOURCE), "-ldl"]
    subprocess.run(command, check=True, timeout=60)
    return {
        **os.environ,
        "LD_PRELOAD": str(library),
        "V4L2_SHIM_FILE": str(tmp_path / "written"),
        "V4L2_SHIM_FORMAT": str(tmp_path / "format"),
    }


def send_two_frames(environment: dict[str, str]) -> dict[str, str]:
    finished = subprocess.run(
        [sys.executable, "-c", SEND_TWO_FRAMES],
        env=environment,
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return json.loads(finished.stdout)


@pytest.mark.camera
def test_a_kernel_loopback_is_preferred_and_gets_the_right_colours(
    loopback: dict[str, str],
) -> None:
    sent = send_two_frames(loopback)
    assert sent == {"name": "/dev/video0", "backend": "v4l2loopback"}
    assert Path(loopback["V4L2_SHIM_FORMAT"]).read_text() == "YU12 320 240"
    written = np.fromfile(loopback["V4L2_SHIM_FILE"], np.uint8).reshape(2, 240 * 3 // 2, 320)
    first, second = (cv2.cvtColor(frame, cv2.COLOR_YUV2RGB_I420) for frame in written)
    np.testing.assert_allclose(first[120, 80], (200, 30, 40), atol=4)
    np.testing.assert_allclose(first[120, 240], (20, 60, 220), atol=4)
    np.testing.assert_allclose(second[120, 80], (20, 60, 220), atol=4)


@pytest.mark.camera
def test_a_busy_loopback_says_whom_to_close(loopback: dict[str, str]) -> None:
    message = send_two_frames({**loopback, "V4L2_SHIM_BUSY": "1"})["error"]
    assert "another program feeds this camera" in message


def test_a_missing_module_names_the_exact_command() -> None:
    with pytest.raises(VirtualCameraError) as caught:
        VirtualCamera(backend="v4l2loopback", device="/dev/video99")
    assert (
        "sudo modprobe v4l2loopback devices=1 video_nr=10 card_label=Avatarify exclusive_caps=1"
        in str(caught.value)
    )


def test_an_unknown_kind_lists_the_known_ones() -> None:
    with pytest.raises(VirtualCameraError, match=r"'mirror' is unknown here. Choose: .*pipewire"):
        VirtualCamera(backend="mirror")


@pytest.mark.parametrize("size", [(721, 1280), (720, 1279), (0, 0)])
def test_odd_sizes_are_refused(size: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="even width and height"):
        VirtualCamera(size=size)


@pytest.mark.parametrize(
    ("said", "advice"),
    [
        ("virtual camera output could not be started", "Stop Virtual Camera in OBS"),
        ("OBS Virtual Camera device not found! Did you install OBS?", "obsproject.com"),
        ("OBS Virtual Camera is not installed in your system. …", "System Settings"),
        ("Couldn't start stream", "Stop Virtual Camera in OBS"),
        ("something new", "something new"),
    ],
)
def test_what_obs_says_on_windows_and_macos_is_translated(
    said: str, advice: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    pyvirtualcam = pytest.importorskip("pyvirtualcam.camera")

    class Refusing:
        """OBS is not on this machine: its words, taken from pyvirtualcam's source."""

        def __init__(self, **_: object) -> None:
            raise RuntimeError(said)

    monkeypatch.setitem(pyvirtualcam.BACKENDS, "obs", Refusing)
    with pytest.raises(VirtualCameraError) as caught:
        VirtualCamera(backend="obs")
    assert advice in str(caught.value)
    assert "backend:" not in str(caught.value)


class Accepting:
    """A camera that keeps what it was sent, to see what leaves us on every platform."""

    def __init__(self, **settings: object) -> None:
        self.settings = settings
        self.frames: list[np.ndarray] = []

    def send(self, frame: np.ndarray) -> None:
        self.frames.append(frame)

    def close(self) -> None:
        self.frames.append(np.empty(0))

    def device(self) -> str:
        return "Accepting"


def test_frames_of_another_size_never_reach_the_camera(monkeypatch: pytest.MonkeyPatch) -> None:
    pyvirtualcam = pytest.importorskip("pyvirtualcam.camera")
    opened = Accepting()
    monkeypatch.setitem(pyvirtualcam.BACKENDS, "accepting", lambda **_: opened)
    camera = VirtualCamera(size=(48, 64), backend="accepting")
    with pytest.raises(ValueError, match="never resized"):
        camera.write(Frame(np.zeros((64, 48, 3), np.uint8), 0.0, 0))
    camera.write(Frame(np.zeros((48, 64, 3), np.uint8), 0.0, 0))
    camera.close()
    camera.close()
    assert [frame.size for frame in opened.frames] == [48 * 64 * 3, 0]
    with pytest.raises(VirtualCameraError, match="closed"):
        camera.write(Frame(np.zeros((48, 64, 3), np.uint8), 0.0, 0))
