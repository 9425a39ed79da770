import sys
from pathlib import Path

import pytest

from avatarify.errors import VirtualCameraError
from avatarify.media import virtual_outputs
from avatarify.media.v4l2 import VideoDevice
from avatarify.media.virtual_outputs import MODPROBE, available_outputs, choose_output

LOOPBACK = VideoDevice(
    10, "/dev/video10", "Avatarify", "v4l2 loopback", can_capture=False, can_output=True
)
WEBCAM = VideoDevice(0, "/dev/video0", "Webcam", "uvcvideo", can_capture=True, can_output=False)


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in place of /sys/module/v4l2loopback, and no PipeWire."""
    monkeypatch.setattr(virtual_outputs, "_MODULE_FOLDER", tmp_path / "module")
    monkeypatch.setenv("PIPEWIRE_RUNTIME_DIR", str(tmp_path))
    return tmp_path


def set_devices(monkeypatch: pytest.MonkeyPatch, *devices: VideoDevice) -> None:
    monkeypatch.setattr(virtual_outputs, "list_video_devices", lambda: list(devices))


def test_without_module_the_command_is_named(
    machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_devices(monkeypatch, WEBCAM)
    kernel = available_outputs("linux")[0]
    assert not kernel.ready
    assert kernel.hint.endswith(MODPROBE)
    assert "v4l2loopback-dkms" in kernel.hint


def test_a_module_without_cameras_is_loaded_again(
    machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_devices(monkeypatch, WEBCAM)
    (machine / "module").mkdir()
    assert f"sudo modprobe -r v4l2loopback; {MODPROBE}" in available_outputs("linux")[0].hint


@pytest.mark.parametrize(("flags", "is_warned"), [("Y,N,N", False), ("N,N,N", True)])
def test_missing_exclusive_caps_are_explained(
    machine: Path, monkeypatch: pytest.MonkeyPatch, flags: str, is_warned: bool
) -> None:
    set_devices(monkeypatch, WEBCAM, LOOPBACK)
    parameters = machine / "module" / "parameters"
    parameters.mkdir(parents=True)
    (parameters / "exclusive_caps").write_text(flags + "\n")
    kernel = available_outputs("linux")[0]
    assert kernel.ready
    assert ("exclusive_caps" in kernel.hint) == is_warned


def test_the_kernel_camera_is_preferred(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    set_devices(monkeypatch, LOOPBACK)
    monkeypatch.setattr(sys, "platform", "linux")
    assert choose_output().name == "v4l2loopback"


def test_without_any_the_error_tells_every_way(
    machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_devices(monkeypatch)
    with pytest.raises(VirtualCameraError) as caught:
        choose_output()
    assert MODPROBE in str(caught.value)
    assert "PipeWire" in str(caught.value)


def test_windows_and_macos_name_their_program() -> None:
    assert [choice.name for choice in available_outputs("win32")] == ["obs", "unitycapture"]
    assert all("Install" in choice.hint for choice in available_outputs("win32"))
    assert "System Settings" in available_outputs("darwin")[0].hint
    assert available_outputs("haiku") == []
