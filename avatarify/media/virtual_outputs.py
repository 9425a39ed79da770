"""Which kinds of virtual camera this machine offers, and what is missing for the others."""

import platform
import shutil
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from avatarify.errors import VirtualCameraError
from avatarify.media.output_remedy import OBS_PAGE, UNITY_CAPTURE_PAGE, OutputRemedy, RemedyKind
from avatarify.media.pipewire.library import load_library
from avatarify.media.pipewire.service import START, service_socket
from avatarify.media.v4l2 import VideoDevice, list_video_devices

OWN_CAMERA = "Avatarify"
"""The name under which people find our camera; cameras named so are never offered as input."""

MODPROBE = (
    f"sudo modprobe v4l2loopback devices=1 video_nr=10 card_label={OWN_CAMERA} exclusive_caps=1"
)
"""Creates the one kernel camera that we need, named and seen by browsers."""

_RELOAD = f"sudo modprobe -r v4l2loopback; {MODPROBE}"
_PACKAGES = {
    "apt": "sudo apt install v4l2loopback-dkms",
    "pacman": "sudo pacman -S v4l2loopback-dkms",
}
"""How the module is installed, by the system's package manager."""

_MODULES = Path("/lib/modules")
_MODULE_FOLDER = Path("/sys/module/v4l2loopback")
_OBS = "OBS Virtual Camera"
_MAC_OBS = Path("/Applications/OBS.app")
_OBS_CLASS = "{A3FCE0F5-3493-419F-958A-ABA1250EC20B}"
_UNITY_CAPTURE_CLASS = "{5C2CD55C-92AD-4999-8666-912BD3E70010}"
"""Under these keys of HKEY_CLASSES_ROOT\\CLSID the two Windows cameras register themselves."""


@dataclass(frozen=True, slots=True)
class OutputChoice:
    """One kind of virtual camera."""

    name: str
    """What `VirtualCamera` takes as `backend`."""

    description: str
    """One line for people."""

    ready: bool
    """Whether it can be opened now."""

    hint: str = ""
    """What to do: to make it ready, or so that call apps see it. May be empty."""

    camera: str = OWN_CAMERA
    """What call apps call the camera."""

    remedy: OutputRemedy | None = None
    """What a button can do about it; None where nothing is wrong, or nothing can be done."""


def available_outputs(system: str = sys.platform) -> list[OutputChoice]:
    """Return the kinds of virtual camera of this platform, the preferred one first."""
    kinds: dict[str, tuple[Callable[[], OutputChoice], ...]] = {
        "linux": (_v4l2loopback, _pipewire),
        "win32": (_obs_on_windows, _unity_capture),
        "darwin": (_obs_on_mac,),
    }
    return [kind() for kind in kinds.get(system, ())]


def choose_output() -> OutputChoice:
    """Return the first kind that is ready.

    Raises:
        VirtualCameraError: None is; the message says what to do for each.
    """
    choices = available_outputs()
    for choice in choices:
        if choice.ready:
            return choice
    ways = [f"For the {choice.description}: {choice.hint.rstrip('.')}." for choice in choices]
    advice = " ".join(ways) or "None is known for this system."
    raise VirtualCameraError(f"No virtual camera is ready, so only you see the avatar. {advice}")


def to_set_up(choices: Sequence[OutputChoice]) -> OutputChoice | None:
    """Return the kind of camera that a user should be helped with, or None where all is well.

    Args:
        choices: Any of these will do, the preferred one first.
    """
    ready = [choice for choice in choices if choice.ready]
    if ready:
        return ready[0] if ready[0].remedy is not None else None
    helpful = [choice for choice in choices if choice.remedy is not None]
    # What the program can do by itself comes before what needs a terminal or a download.
    helpful.sort(key=lambda choice: choice.remedy != START)
    return next(iter(helpful or choices), None)


def _v4l2loopback() -> OutputChoice:
    loopbacks = [device for device in list_video_devices() if device.is_loopback]
    description = "kernel camera (v4l2loopback)"
    if loopbacks:
        description += f", {', '.join(device.path for device in loopbacks)}"
    own = [device for device in loopbacks if OWN_CAMERA in device.label]
    camera = (own or loopbacks)[0].label if loopbacks else OWN_CAMERA
    hint, command = _loopback_hint(loopbacks)
    remedy = OutputRemedy(RemedyKind.COPY, "Copy the command", command) if command else None
    return OutputChoice(
        "v4l2loopback", description, bool(loopbacks), hint, camera=camera, remedy=remedy
    )


def _loopback_hint(loopbacks: list[VideoDevice]) -> tuple[str, str]:
    """What to do, and the command that does it; the latter is empty where nothing is missing."""
    if not loopbacks:
        if _MODULE_FOLDER.is_dir():
            words = "The module v4l2loopback is loaded but offers no camera. Run:"
            return f"{words} {_RELOAD}", _RELOAD
        words = f"Install the package v4l2loopback-dkms, then run: {MODPROBE}"
        return words, " && ".join((*_installing(), MODPROBE))
    if not _has_exclusive_capabilities(len(loopbacks)):
        words = (
            "Browsers will not list this camera: the module was loaded without exclusive_caps=1. "
            "Close the programs that use it and run:"
        )
        return f"{words} {_RELOAD}", _RELOAD
    return "Start this before the call app, which looks for cameras only when it starts.", ""


def _installing() -> list[str]:
    """The command that installs the module, if it is not there and the command is known."""
    try:
        modules = (_MODULES / platform.release() / "modules.dep").read_text(encoding="utf-8")
    except OSError:
        modules = ""
    if "/v4l2loopback.ko" in modules:
        return []
    return [command for manager, command in _PACKAGES.items() if shutil.which(manager)][:1]


def _has_exclusive_capabilities(count: int) -> bool:
    try:
        flags = (_MODULE_FOLDER / "parameters" / "exclusive_caps").read_text().strip().split(",")
    except OSError:
        return True  # not known: no false alarm
    return all(flag.strip() in ("Y", "1") for flag in flags[:count])


def has_pipewire(platform: str = sys.platform) -> bool:
    """Whether PipeWire runs for this user, which can offer cameras and microphones."""
    if platform != "linux":
        return False
    try:
        load_library()
    except VirtualCameraError:
        return False
    return service_socket().exists()


def _pipewire() -> OutputChoice:
    hint = (
        "The call app must read cameras through PipeWire: in Chromium and Chrome switch on "
        "chrome://flags/#enable-webrtc-pipewire-camera, in Firefox (about:config) "
        "media.webrtc.camera.allow-pipewire."
    )
    problem, remedy = "", None
    try:
        load_library()
    except VirtualCameraError as error:
        problem = str(error)
    else:
        if not service_socket().exists():
            problem, remedy = f"Start PipeWire: {START.value}", START
    return OutputChoice(
        "pipewire",
        "PipeWire camera, without kernel module",
        ready=not problem,
        hint=problem or hint,
        remedy=remedy,
    )


def _obs_on_windows() -> OutputChoice:
    is_ready = _is_registered_in_windows(_OBS_CLASS)
    return OutputChoice(
        "obs",
        _OBS,
        ready=is_ready,
        hint=""
        if is_ready
        else "Install OBS Studio (obsproject.com) and start it once; then it may stay closed.",
        camera=_OBS,
        remedy=None if is_ready else OBS_PAGE,
    )


def _unity_capture() -> OutputChoice:
    is_ready = _is_registered_in_windows(_UNITY_CAPTURE_CLASS)
    return OutputChoice(
        "unitycapture",
        "Unity Video Capture",
        ready=is_ready,
        hint=""
        if is_ready
        else "Install UnityCapture (github.com/schellingb/UnityCapture: Install.bat as admin).",
        camera="Unity Video Capture",
        remedy=None if is_ready else UNITY_CAPTURE_PAGE,
    )


def _obs_on_mac() -> OutputChoice:
    is_ready = _MAC_OBS.is_dir()
    begins = "Where call apps do not list it: in" if is_ready else "Install OBS 30 or newer. In"
    return OutputChoice(
        "obs",
        _OBS,
        ready=is_ready,
        hint=f"{begins} OBS press Start Virtual Camera once, allow the extension in System "
        "Settings, press Stop Virtual Camera, and restart the Mac.",
        camera=_OBS,
        remedy=None if is_ready else OBS_PAGE,
    )


def _is_registered_in_windows(class_id: str) -> bool:
    if sys.platform != "win32":
        return False
    import winreg

    try:
        with winreg.OpenKey(winreg.HKEY_CLASSES_ROOT, f"CLSID\\{class_id}"):
            return True
    except OSError:
        return False
