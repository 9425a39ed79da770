"""A webcam that is a PipeWire camera, read by OpenCV's own V4L2 code under `pw-v4l2`."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np
import pytest

from avatarify.errors import CameraError
from avatarify.frames import Image
from avatarify.media import v4l2, webcam
from avatarify.media.camera_list import CameraInfo
from avatarify.media.pipewire.camera import CameraDescription, PipeWireCamera
from avatarify.media.webcam import Webcam
from tests.linux_session import LinuxSession
from tests.media.v4l2_cameras import MadeCameras, jpeg

RED_AND_BLUE = np.zeros((240, 320, 3), np.uint8)
RED_AND_BLUE[:, :160, 0] = 200
RED_AND_BLUE[:, 160:, 2] = 220

PRELUDE = """
import time
from avatarify.errors import CameraError
from avatarify.media.camera_list import list_cameras
from avatarify.media.webcam import Webcam
"""


def plug_in(label: str) -> PipeWireCamera:
    camera = PipeWireCamera(CameraDescription(320, 240, 30, label))
    camera.send(RED_AND_BLUE)
    return camera


@contextmanager
def running(session: LinuxSession, code: str) -> Iterator["subprocess.Popen[str]"]:
    """Run code that sees PipeWire's cameras as V4L2 devices; it says what it does line by line."""
    process = subprocess.Popen(
        ["pw-v4l2", sys.executable, "-u", "-c", PRELUDE + code],
        env={**session.environment, "PYTHONPATH": str(Path(__file__).parents[2])},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def next_line(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


@pytest.mark.camera
def test_a_webcam_is_read_by_its_name(pipewire_session: LinuxSession) -> None:
    cameras = [plug_in("Avatarify"), plug_in("Test webcam")]
    code = """
print([camera.name for camera in list_cameras()])
webcam = Webcam("test", size=(480, 640))
print(webcam.name, webcam.size, webcam.fps)
frames = [webcam.read() for _ in range(3)]
print([frame.index for frame in frames])
print(all(0 <= time.monotonic() - frame.time_s < 5 for frame in frames))
print(frames[0].image[120, [80, 240]].tolist())
webcam.close()
"""
    with running(pipewire_session, code) as process:
        assert next_line(process) == "['Test webcam']"
        assert next_line(process) == "Test webcam (240, 320) 30.0"
        assert next_line(process) == "[0, 1, 2]"
        assert next_line(process) == "True"
        colours = json.loads(next_line(process))
        np.testing.assert_allclose(colours, [[200, 0, 0], [0, 0, 220]], atol=6)
    for camera in cameras:
        camera.close()


@pytest.mark.camera
def test_a_webcam_keeps_the_contract_of_sources(pipewire_session: LinuxSession) -> None:
    camera = plug_in("Test webcam")
    contract = Path(__file__).with_name("test_source_contract.py")
    command = [sys.executable, "-m", "pytest", "-q", str(contract), "-k", "webcam"]
    finished = subprocess.run(
        ["pw-v4l2", *command, "-p", "no:cacheprovider"],
        env=pipewire_session.environment,
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    camera.close()
    assert finished.returncode == 0, finished.stdout
    assert "7 passed" in finished.stdout


@pytest.mark.camera
def test_unplugging_is_told_and_plugging_in_mends(pipewire_session: LinuxSession) -> None:
    camera = plug_in("Test webcam")
    code = """
webcam = Webcam("Test webcam")
print("open")
try:
    while True:
        webcam.read()
except CameraError as error:
    print(error)
try:
    webcam.reopen()
except CameraError as error:
    print(error)
input()
webcam.reopen()
print(webcam.read().image.shape)
"""
    with running(pipewire_session, code) as process:
        assert next_line(process) == "open"
        camera.close()
        assert "stopped delivering frames. Plug it in again" in next_line(process)
        assert next_line(process).startswith("Camera 'Test webcam' is gone.")
        camera = plug_in("Test webcam")
        assert process.stdin is not None
        print(file=process.stdin, flush=True)
        assert next_line(process) == "(240, 320, 3)"
    camera.close()


def test_a_fallback_opens_the_same_camera_where_numbers_differ(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # As on Windows: what DirectShow counts as 0 may be 1 for Media Foundation.
    lists = {
        "DSHOW": [CameraInfo(0, "C920", "usb1", "DSHOW"), CameraInfo(1, "IR", "usb2", "DSHOW")],
        "MSMF": [CameraInfo(0, "IR", "usb2", "MSMF"), CameraInfo(1, "C920", "usb1", "MSMF")],
    }
    opened: list[tuple[int, int]] = []

    class Refusing:
        """Stands for `cv2.VideoCapture` of another system; opens nothing."""

        def __init__(self, index: int, backend: int, wishes: object = None) -> None:
            opened.append((index, backend))

        def isOpened(self) -> bool:
            return False

        def release(self) -> None:
            """Nothing is open."""

    monkeypatch.setattr(webcam, "camera_backends", lambda: ("DSHOW", "MSMF"))
    monkeypatch.setattr(webcam, "list_cameras", lambda backend="DSHOW": lists[backend])
    monkeypatch.setattr(cv2, "VideoCapture", Refusing)
    with pytest.raises(CameraError, match="Camera C920 delivers no frames"):
        Webcam("c920")
    # DirectShow twice: with the wish for compressed frames at once, then without.
    assert opened == [(0, cv2.CAP_DSHOW), (0, cv2.CAP_DSHOW), (1, cv2.CAP_MSMF)]


def test_without_a_webcam_the_message_says_what_else_works(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setattr(v4l2, "_DEVICE_FOLDER", tmp_path)
    with pytest.raises(CameraError, match=r"No webcam was found. Plug one in, or use a phone"):
        Webcam()


def test_a_device_that_is_no_camera_delivers_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    device = v4l2.VideoDevice(
        77, "/dev/video77", "Odd", "uvcvideo", can_capture=True, can_output=False
    )
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setattr("avatarify.media.camera_list.list_video_devices", lambda: [device])
    with pytest.raises(CameraError, match=r"Camera Odd delivers no frames. It is probably in use"):
        Webcam(77, warm_up_s=0.1)
    assert capfd.readouterr() == ("", "")


PICTURE = np.full((240, 320, 3), (200, 30, 30), np.uint8)

OPENS_AND_TELLS = """
import sys
from avatarify.errors import CameraError
from avatarify.media.live_source import SourceOpener
source = SourceOpener(sys.argv[1] if len(sys.argv) > 1 else "", tell=print)
def use():
    try:
        with source() as camera:
            print(camera.name, camera.read().image.shape, flush=True)
            while True:
                camera.read()
    except CameraError as error:
        print(error, flush=True)
"""


def test_without_a_name_the_first_colour_webcam_that_delivers_is_taken(
    made_cameras: MadeCameras,
) -> None:
    made_cameras.plug_in(0, "Dummy video device", is_silent=True, driver="v4l2 loopback")
    made_cameras.plug_in(1, "Integrated IR Camera", [bytes(320 * 240)], pixels="GREY")
    made_cameras.plug_in(2, "Covered Webcam", [], is_silent=True)
    made_cameras.plug_in(3, "HD Webcam", [jpeg(PICTURE)])
    printed = made_cameras.printed(
        OPENS_AND_TELLS + "camera = source(); print(camera.name, camera.read().image[9, 9])"
    )
    assert printed[0] == "Covered Webcam delivers no frames, so HD Webcam is used instead."
    assert printed[1].startswith("HD Webcam [")


@pytest.mark.parametrize("pixels", ["MJPG", "GREY"])
def test_frames_that_go_by_cost_no_decoding_and_an_unplugged_camera_is_noticed(
    made_cameras: MadeCameras, pixels: str
) -> None:
    frames = [jpeg(PICTURE)] if pixels == "MJPG" else [bytes([90]) * 320 * 240]
    made_cameras.plug_in(0, "HD Webcam", frames, pixels=pixels)
    process = made_cameras.start(
        PRELUDE
        + """
from avatarify.media import webcam
camera = Webcam()
first = camera.read()
made, picture = [], Webcam._picture
Webcam._picture = lambda *words: made.append(1) or picture(*words)
for _ in range(20):
    camera.skip()
print(len(made))
after = camera.read()
print(after.index - first.index, after.image.shape, 0.5 < after.time_s - first.time_s < 5.0)
try:
    while True: camera.skip()
except CameraError as error:
    print(error)
"""
    )
    try:
        assert next_line(process) == "0"
        assert next_line(process) == "21 (240, 320, 3) True"
        made_cameras.unplug(0)
        assert "stopped delivering frames" in next_line(process)
    finally:
        process.kill()
        process.communicate()


def test_an_infrared_camera_serves_where_there_is_no_other(made_cameras: MadeCameras) -> None:
    made_cameras.plug_in(0, "Integrated IR Camera", [bytes([90]) * 320 * 240], pixels="GREY")
    printed = made_cameras.printed(OPENS_AND_TELLS + "print(source().read().image[9, 9])")
    assert printed == ["[90 90 90]"]


def test_an_idle_loopback_says_that_nobody_feeds_it(made_cameras: MadeCameras) -> None:
    made_cameras.plug_in(0, "OBS Cam", [], is_silent=True, driver="v4l2 loopback")
    printed = made_cameras.printed(
        PRELUDE + "try: Webcam('obs', warm_up_s=0.1)\nexcept CameraError as error: print(error)"
    )
    assert printed[0].startswith("Camera OBS Cam delivers no frames: no other program feeds it.")


@pytest.mark.parametrize("wanted", ["0", "/dev/video0", "HD Webcam", ""])
def test_a_webcam_is_found_again_under_another_number(
    made_cameras: MadeCameras, wanted: str
) -> None:
    made_cameras.plug_in(0, "HD Webcam", [jpeg(PICTURE)])
    process = made_cameras.start(
        f"import sys; sys.argv.append({wanted!r})\n" + OPENS_AND_TELLS + "use(); input(); use()"
    )
    try:
        assert next_line(process) == "HD Webcam (240, 320, 3)"
        made_cameras.unplug(0)
        assert "stopped delivering frames" in next_line(process)
        made_cameras.plug_in(0, "Document Camera", [jpeg(PICTURE)])
        made_cameras.plug_in(2, "HD Webcam", [jpeg(PICTURE)])
        assert process.stdin is not None
        print(file=process.stdin, flush=True)
        assert next_line(process) == "HD Webcam (240, 320, 3)"
    finally:
        process.kill()
        process.communicate()


def test_an_automatic_choice_says_when_it_goes_over_to_another_camera(
    made_cameras: MadeCameras,
) -> None:
    made_cameras.plug_in(0, "HD Webcam", [jpeg(PICTURE)])
    made_cameras.plug_in(1, "Document Camera", [jpeg(PICTURE)])
    process = made_cameras.start(OPENS_AND_TELLS + "use(); use()")
    try:
        assert next_line(process) == "HD Webcam (240, 320, 3)"
        made_cameras.unplug(0)
        assert "stopped delivering frames" in next_line(process)
        assert next_line(process) == "HD Webcam is gone, so Document Camera is used instead."
        assert next_line(process) == "Document Camera (240, 320, 3)"
    finally:
        process.kill()
        process.communicate()


def mosaic(height: int, width: int) -> Image:
    """A picture without flat parts, so that a missing one shows."""
    patches = np.random.default_rng(1).integers(0, 255, (6, 8, 3)).astype(np.uint8)
    enlarged = cv2.resize(patches, (width, height), interpolation=cv2.INTER_CUBIC)
    return np.asarray(enlarged, np.uint8)


READS_AND_TELLS = (
    PRELUDE
    + """
webcam = Webcam("0", tell=print)
good = webcam.read().image.astype(int)
pictures = [webcam.read().image for _ in range(40)]
print({picture.shape for picture in pictures})
print(max(abs(picture.astype(int) - good).max() for picture in pictures))
"""
)


@pytest.mark.parametrize("kind", ["cut", "without end", "empty", "other size", "noise"])
def test_broken_pictures_are_left_out_and_said_once(made_cameras: MadeCameras, kind: str) -> None:
    good = jpeg(mosaic(240, 320))
    broken = {
        "cut": good[: len(good) // 2],
        "without end": good[:-2],
        "empty": b"",
        "other size": jpeg(mosaic(120, 160)),
        "noise": bytes(range(256)) * 20,
    }[kind]
    made_cameras.plug_in(0, "Webcam", [good, good, broken, good], fps=100)
    printed = made_cameras.printed(READS_AND_TELLS)
    told, shapes, difference = printed
    assert told.startswith("Some of the camera's pictures arrive broken and are left out. Try")
    assert shapes == "{(240, 320, 3)}"
    assert difference == "0"


@pytest.mark.parametrize("seed", [1, 2])
def test_a_camera_that_never_ends_its_pictures_is_read_all_the_same(
    made_cameras: MadeCameras, seed: int
) -> None:
    # OpenCV alone draws a few of them, such as the mosaic, by chance.
    grain = np.random.default_rng(seed).integers(0, 255, (240, 320, 3)).astype(np.uint8)
    picture = np.asarray(cv2.GaussianBlur(grain, (0, 0), 1.5), np.uint8)
    made_cameras.plug_in(0, "Cheap", [jpeg(picture)[:-2]], fps=100)
    assert made_cameras.printed(READS_AND_TELLS) == ["{(240, 320, 3)}", "0"]


@pytest.mark.parametrize("frame", [bytes(range(256)) * 20, b""])
def test_rubbish_is_no_picture_whoever_chooses_how_to_read_it(
    made_cameras: MadeCameras, frame: bytes
) -> None:
    # OpenCV's own choice of a way is V4L2 again, and it would make black pictures of these.
    made_cameras.plug_in(0, "Webcam", [frame])
    code = "try:\n    Webcam('0', warm_up_s=1)\nexcept CameraError as error:\n    print(error)"
    (told,) = made_cameras.printed(PRELUDE + code)
    assert told.startswith("Camera Webcam delivers nothing but broken pictures. Try another cable")


def test_a_camera_that_sends_only_broken_pictures_is_told(made_cameras: MadeCameras) -> None:
    made_cameras.plug_in(0, "Webcam", [jpeg(PICTURE)])
    process = made_cameras.start(OPENS_AND_TELLS + "use()")
    try:
        assert next_line(process) == "Webcam (240, 320, 3)"
        made_cameras.break_pictures(0)
        assert "arrive broken" in next_line(process)
        assert "Webcam delivers nothing but broken pictures. Try another" in next_line(process)
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize(
    ("size", "told"), [((340, 340), (340, 340)), ((640, 480), (640, 480)), ((240, 320), (0, 0))]
)
def test_a_camera_may_have_a_size_of_its_own(
    made_cameras: MadeCameras, size: tuple[int, int], told: tuple[int, int]
) -> None:
    made_cameras.plug_in(0, "Odd", [jpeg(mosaic(*size))], size=told, fps=5)
    code = "w = Webcam(size=(720, 1280)); print(w.size, w.read().image.shape[:2], w.fps)"
    assert made_cameras.printed(PRELUDE + code) == [f"{size} {size} 5.0"]
