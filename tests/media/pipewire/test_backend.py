import numpy as np
import pytest

from avatarify.media.pipewire.backend import PipeWireBackend
from tests.linux_session import LinuxSession

RGB = int.from_bytes(b"raw ", "little")


@pytest.mark.camera
def test_it_speaks_the_protocol_of_pyvirtualcam(pipewire_session: LinuxSession) -> None:
    backend = PipeWireBackend(width=320, height=240, fps=30, fourcc=RGB, device="My avatar")
    backend.send(np.zeros(240 * 320 * 3, np.uint8))
    assert backend.device() == "My avatar"
    assert backend.native_fourcc() == int.from_bytes(b"YUY2", "little")
    assert "My avatar" in pipewire_session.output(["pw-cli", "ls", "Node"])
    backend.close()


def test_other_pixel_formats_are_refused() -> None:
    with pytest.raises(ValueError, match="RGB"):
        PipeWireBackend(width=320, height=240, fps=30, fourcc=0, device=None)
