"""The whole way of a frame into PipeWire: choice, pyvirtualcam, back end, camera."""

import pytest

from avatarify.frames import Frame
from avatarify.media.test_pattern import draw_test_pattern
from avatarify.media.virtual_camera import VirtualCamera
from avatarify.media.virtual_outputs import available_outputs
from tests.linux_session import LinuxSession


@pytest.mark.camera
def test_without_kernel_camera_pipewire_is_taken(pipewire_session: LinuxSession) -> None:
    if available_outputs()[0].ready:
        pytest.skip("this machine has a v4l2loopback camera, which is preferred")
    camera = VirtualCamera()
    camera.write(Frame(draw_test_pattern(720, 1280, 0), 0.0, 0))
    assert (camera.backend, camera.name) == ("pipewire", "Avatarify")
    assert '"Avatarify"' in pipewire_session.output(["pw-cli", "ls", "Node"])
    camera.close()
