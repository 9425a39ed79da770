"""Which kinds of virtual camera this machine offers, and what is missing for the others."""

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from avatarify.errors import VirtualCameraError
from avatarify.media.pipewire.library import load_library
from avatarify.media.v4l2 import VideoDevice, list_video_devices

OWN_CAMERA = "Avatarify"
"""The name under which people find our camera; cameras named so are never offered as input."""

MODPROBE = (
    f"sudo modprobe v4l2loopback devices=1 video_nr=10 card_label={OWN_CAMERA} exclusive_caps=1"
)
"""Creates the one kernel camera that we need, named and seen by browsers."""

_MODULE_FOLDER = Path("/sys/module/v4l2loopback")
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


def available_outputs(platform: str = sys.platform) -> list[OutputChoice]:
    """Return the kinds of virtual camera of this platform, the preferred one first."""
    kinds: dict[str, tuple[Callable[[], OutputChoice], ...]] = {
        "linux": (_v4l2loopback, _pipewire),
        "win32": (_obs_on_windows, _unity_capture),
        "darwin": (_obs_on_mac,),
    }
    return [kind() for kind in kinds.get(platform, ())]


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


def _v4l2loopback() -> OutputChoice:
    loopbacks = [device for device in list_video_devices() if device.is_loopback]
    description = "kernel camera (v4l2loopback)"
    if loopbacks:
        description += f", {', '.join(device.path for device in loopbacks)}"
    return OutputChoice(
        "v4l2loopback", description, ready=bool(loopbacks), hint=_loopback_hint(loopbacks)
    )


def _loopback_hint(loopbacks: list[VideoDevice]) -> str:
    if not loopbacks:
        if _MODULE_FOLDER.is_dir():
            return (
                "The module v4l2loopback is loaded but offers no camera. Run: "
                f"sudo modprobe -r v4l2loopback; {MODPROBE}"
            )
        return f"Install the package v4l2loopback-dkms, then run: {MODPROBE}"
    if not _has_exclusive_capabilities(len(loopbacks)):
        return (
            "Browsers will not list this camera: the module was loaded without exclusive_caps=1. "
            f"Close the programs that use it and run: sudo modprobe -r v4l2loopback; {MODPROBE}"
        )
    return "Start this before the call app, which looks for cameras only when it starts."


def _has_exclusive_capabilities(count: int) -> bool:
    try:
        flags = (_MODULE_FOLDER / "parameters" / "exclusive_caps").read_text().strip().split(",")
    except OSError:
        return True  # not known: no false alarm
    return all(flag.strip() in ("Y", "1") for flag in flags[:count])


def _pipewire() -> OutputChoice:
    hint = (
        "The call app must read cameras through PipeWire: in Chromium and Chrome switch on "
        "chrome://flags/#enable-webrtc-pipewire-camera, in Firefox (about:config) "
        "media.webrtc.camera.allow-pipewire."
    )
    problem = ""
    try:
        load_library()
    except VirtualCameraError as error:
        problem = str(error)
    else:
        if not _pipewire_socket().exists():
            problem = "Start PipeWire: systemctl --user start pipewire wireplumber"
    return OutputChoice(
        "pipewire",
        "PipeWire camera, without kernel module",
        ready=not problem,
        hint=problem or hint,
    )


def _pipewire_socket() -> Path:
    folder = os.environ.get("PIPEWIRE_RUNTIME_DIR") or os.environ.get("XDG_RUNTIME_DIR") or "/run"
    return Path(folder) / os.environ.get("PIPEWIRE_REMOTE", "pipewire-0")


def _obs_on_windows() -> OutputChoice:
    return OutputChoice(
        "obs",
        "OBS Virtual Camera",
        ready=_is_registered_in_windows(_OBS_CLASS),
        hint="Install OBS Studio (obsproject.com) and start it once; then it may stay closed.",
    )


def _unity_capture() -> OutputChoice:
    return OutputChoice(
        "unitycapture",
        "Unity Video Capture",
        ready=_is_registered_in_windows(_UNITY_CAPTURE_CLASS),
        hint="Install UnityCapture (github.com/schellingb/UnityCapture: Install.bat as admin).",
    )


def _obs_on_mac() -> OutputChoice:
    return OutputChoice(
        "obs",
        "OBS Virtual Camera",
        ready=_MAC_OBS.is_dir(),
        hint="Install OBS 30 or newer, press Start Virtual Camera in it once, allow the extension "
        "in System Settings, restart the Mac, and leave OBS's own virtual camera stopped.",
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
