import platform
import sys
from pathlib import Path

import pytest

from avatarify.errors import VirtualCameraError
from avatarify.media import virtual_outputs
from avatarify.media.output_remedy import RemedyKind
from avatarify.media.v4l2 import VideoDevice
from avatarify.media.virtual_outputs import (
    MODPROBE,
    OutputChoice,
    available_outputs,
    choose_output,
    to_set_up,
)

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


def command(choice: OutputChoice) -> str:
    assert choice.remedy is not None
    assert choice.remedy.kind is RemedyKind.COPY
    return choice.remedy.value


@pytest.mark.parametrize(("manager", "package"), [("apt", "apt install"), ("pacman", "pacman -S")])
def test_the_command_installs_the_module_only_where_it_is_missing(
    machine: Path, monkeypatch: pytest.MonkeyPatch, manager: str, package: str
) -> None:
    set_devices(monkeypatch, WEBCAM)
    monkeypatch.setattr(virtual_outputs, "_MODULES", machine / "modules")
    (machine / manager).touch(mode=0o755)
    monkeypatch.setenv("PATH", str(machine))
    whole = command(available_outputs("linux")[0])
    assert whole == f"sudo {package} v4l2loopback-dkms && {MODPROBE}"
    folder = machine / "modules" / platform.release()
    folder.mkdir(parents=True)
    (folder / "modules.dep").write_text("updates/dkms/v4l2loopback.ko.zst: videodev.ko\n")
    assert command(available_outputs("linux")[0]) == MODPROBE


def test_help_is_offered_with_what_the_program_can_do_itself(
    machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_devices(monkeypatch, WEBCAM)
    monkeypatch.setattr(virtual_outputs, "load_library", lambda: None)
    choices = available_outputs("linux")
    first = to_set_up(choices)
    assert first is not None
    assert first.remedy is not None
    assert first.remedy.kind is RemedyKind.START
    assert to_set_up(choices[:1]) == choices[0]
    (machine / "pipewire-0").touch()
    assert to_set_up(available_outputs("linux")) is None
    assert to_set_up([]) is None


def test_a_camera_that_browsers_do_not_list_wants_help_although_it_is_ready(
    machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_devices(monkeypatch, LOOPBACK)
    assert to_set_up(available_outputs("linux")) is None
    parameters = machine / "module" / "parameters"
    parameters.mkdir(parents=True)
    (parameters / "exclusive_caps").write_text("N\n")
    loaded = to_set_up(available_outputs("linux"))
    assert loaded is not None
    assert command(loaded).startswith("sudo modprobe -r v4l2loopback; ")


def test_each_kind_knows_what_call_programs_call_its_camera(
    machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_devices(monkeypatch, VideoDevice(4, "/dev/video4", "Dummy", "v4l2 loopback", False, True))
    assert available_outputs("linux")[0].camera == "Dummy"
    assert available_outputs("darwin")[0].camera == "OBS Virtual Camera"
    assert [choice.remedy is not None for choice in available_outputs("win32")] == [True, True]
