import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from avatarify.errors import VirtualCameraError
from avatarify.frames import Image
from avatarify.media.pipewire.camera import CameraDescription, PipeWireCamera
from tests.linux_session import LinuxSession, wait_until

READER = Path(__file__).parents[2] / "read_v4l2_camera.py"
SMALL = CameraDescription(width=320, height=240, fps=30, label="Avatarify")


def halves(left: tuple[int, int, int], right: tuple[int, int, int]) -> Image:
    image = np.empty((240, 320, 3), np.uint8)
    image[:, :160] = left
    image[:, 160:] = right
    return image


def start_reader(session: LinuxSession, frames: int) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        ["pw-v4l2", sys.executable, str(READER), str(frames)],
        env=session.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )


def result(reader: "subprocess.Popen[str]") -> dict[str, Any]:
    printed, _ = reader.communicate(timeout=30)
    return json.loads(printed)


@contextmanager
def sending(camera: PipeWireCamera, image: Image) -> Iterator[None]:
    """Send the image 50 times a second from another thread."""
    finished = threading.Event()

    def send() -> None:
        while not finished.wait(0.02):
            camera.send(image)

    sender = threading.Thread(target=send)
    sender.start()
    try:
        yield
    finally:
        finished.set()
        sender.join()


@pytest.fixture
def camera(pipewire_session: LinuxSession) -> Iterator[PipeWireCamera]:
    camera = PipeWireCamera(SMALL)
    yield camera
    camera.close()


@pytest.mark.camera
def test_a_reader_sees_size_and_colours_that_were_sent(
    camera: PipeWireCamera, pipewire_session: LinuxSession
) -> None:
    with sending(camera, halves((200, 30, 40), (20, 60, 220))):
        seen = result(start_reader(pipewire_session, 10))
    assert seen["shape"] == [240, 320, 3]
    assert len(seen["colours"]) == 10
    # YUV 4:2:0 and back in 8 bits: a few levels of rounding
    np.testing.assert_allclose(seen["colours"][-1], [[200, 30, 40], [20, 60, 220]], atol=4)


@pytest.mark.camera
def test_readers_may_come_and_go(camera: PipeWireCamera, pipewire_session: LinuxSession) -> None:
    # A reader that ends keeps the buffers it held; there are four, so the third one would starve.
    with sending(camera, halves((90, 90, 90), (90, 90, 90))):
        counts = [len(result(start_reader(pipewire_session, 5))["colours"]) for _ in range(3)]
    assert counts == [5, 5, 5]


@pytest.mark.camera
def test_a_killed_reader_does_not_stop_the_other(
    camera: PipeWireCamera, pipewire_session: LinuxSession
) -> None:
    with sending(camera, halves((90, 90, 90), (90, 90, 90))):
        endless = start_reader(pipewire_session, 10_000)
        wait_until(lambda: camera.is_watched, "the first reader")
        steady = start_reader(pipewire_session, 100)
        time.sleep(0.7)  # both read for a while: a hundred frames last two seconds
        endless.kill()
        endless.communicate()
        assert len(result(steady)["colours"]) == 100


@pytest.mark.camera
def test_a_late_reader_sees_the_last_frame(
    camera: PipeWireCamera, pipewire_session: LinuxSession
) -> None:
    camera.send(halves((10, 200, 10), (10, 200, 10)))
    seen = result(start_reader(pipewire_session, 3))
    np.testing.assert_allclose(seen["colours"][-1][0], [10, 200, 10], atol=4)


@pytest.mark.camera
def test_it_knows_whether_somebody_watches(
    camera: PipeWireCamera, pipewire_session: LinuxSession
) -> None:
    assert not camera.is_watched
    reader = start_reader(pipewire_session, 10_000)
    wait_until(lambda: camera.is_watched, "a reader")
    reader.kill()
    reader.communicate()
    wait_until(lambda: not camera.is_watched, "no reader")


@pytest.mark.camera
def test_closing_withdraws_the_camera(
    camera: PipeWireCamera, pipewire_session: LinuxSession
) -> None:
    nodes = ["pw-cli", "ls", "Node"]
    assert 'node.description = "Avatarify"' in pipewire_session.output(nodes)
    camera.close()
    camera.close()
    wait_until(lambda: "Avatarify" not in pipewire_session.output(nodes), "withdrawal")
    with pytest.raises(VirtualCameraError, match="closed"):
        camera.send(halves((0, 0, 0), (0, 0, 0)))


@pytest.mark.camera
def test_pipewire_stopping_is_reported(
    camera: PipeWireCamera, pipewire_session: LinuxSession
) -> None:
    pipewire_session.close()
    image = halves((0, 0, 0), (0, 0, 0))

    def is_reported() -> bool:
        try:
            camera.send(image)
        except VirtualCameraError as error:
            return "PipeWire dropped the camera" in str(error)
        return False

    wait_until(is_reported, "the error")


def test_without_pipewire_the_message_says_what_to_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIPEWIRE_RUNTIME_DIR", str(tmp_path))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    with pytest.raises(VirtualCameraError, match=r"systemctl --user start|Install PipeWire"):
        PipeWireCamera(SMALL)


@pytest.mark.camera
def test_a_frame_of_another_size_is_refused(camera: PipeWireCamera) -> None:
    with pytest.raises(ValueError, match="240, 320, 3"):
        camera.send(np.zeros((480, 640, 3), np.uint8))


@pytest.mark.parametrize("size", [(321, 240), (0, 240), (320, 0)])
def test_impossible_sizes_are_refused(size: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="even width"):
        CameraDescription(*size)


def test_a_label_cannot_break_the_properties() -> None:
    assert 'node.description="My cam" }' in CameraDescription(label='My "cam\\"').properties
