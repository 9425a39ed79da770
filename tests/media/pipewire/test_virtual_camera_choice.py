"""The whole way of a frame into PipeWire: choice, pyvirtualcam, back end, camera."""

import sys
from pathlib import Path

import pytest

from avatarify.frames import Frame
from avatarify.media.test_pattern import draw_test_pattern
from avatarify.media.virtual_camera import VirtualCamera
from avatarify.media.virtual_outputs import available_outputs
from tests.linux_session import LinuxSession, wait_until


@pytest.mark.camera
def test_without_kernel_camera_pipewire_is_taken(pipewire_session: LinuxSession) -> None:
    if available_outputs()[0].ready:
        pytest.skip("this machine has a v4l2loopback camera, which is preferred")
    camera = VirtualCamera()
    camera.write(Frame(draw_test_pattern(720, 1280, 0), 0.0, 0))
    assert (camera.backend, camera.name) == ("pipewire", "Avatarify")
    assert '"Avatarify"' in pipewire_session.output(["pw-cli", "ls", "Node"])
    camera.close()


@pytest.mark.camera
def test_it_tells_whether_a_program_reads_it(pipewire_session: LinuxSession) -> None:
    camera = VirtualCamera(backend="pipewire")
    camera.write(Frame(draw_test_pattern(720, 1280, 0), 0.0, 0))
    assert camera.is_watched is False
    script = Path(__file__).parents[2] / "read_v4l2_camera.py"
    reader = pipewire_session.start(["pw-v4l2", sys.executable, script, "10000"])
    wait_until(lambda: camera.is_watched is True, "a reader")
    pipewire_session.stop(reader)
    wait_until(lambda: camera.is_watched is False, "no reader")
    camera.close()
    assert camera.is_watched is False
