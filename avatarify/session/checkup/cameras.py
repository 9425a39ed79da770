"""Webcams, the permission to use them, and the cameras that other programs will see."""

import getpass
import sys
from collections.abc import Iterator

from avatarify.media.v4l2 import VideoDevice, list_video_devices
from avatarify.media.virtual_outputs import OutputChoice, available_outputs, to_set_up
from avatarify.session.checkup.finding import Finding, Level


def check_cameras() -> Iterator[Finding]:
    """The webcams, and whether this user may open them."""
    if sys.platform.startswith("linux"):
        yield from judge_devices(list_video_devices(), getpass.getuser())


def judge_devices(devices: list[VideoDevice], user: str) -> Iterator[Finding]:
    """Say which webcams there are.

    Args:
        devices: What is in /dev.
        user: The user's name, for the line that gives permission.
    """
    locked = [device.path for device in devices if not device.driver]
    webcams = [device for device in devices if device.can_capture and not device.is_loopback]
    if locked:
        yield Finding(
            "Permissions",
            Level.WARNING if any(device.driver for device in webcams) else Level.PROBLEM,
            f"{user} may not open {', '.join(locked)}",
            f"Run: sudo usermod -aG video {user}, then log out and in again.",
        )
    elif devices:
        yield Finding("Permissions", Level.OK, f"{user} may open all video devices")
    if webcams:
        names = ", ".join(f"{device.label} ({device.path})" for device in webcams)
        yield Finding("Cameras", Level.OK, names)
    else:
        yield Finding(
            "Cameras",
            Level.WARNING,
            "no webcam is found",
            "Plug one in, or drive the avatar with a video file or a phone's address.",
        )


def check_virtual_cameras() -> Iterator[Finding]:
    """The cameras that call apps will see."""
    yield from judge_outputs(available_outputs())


def judge_outputs(choices: list[OutputChoice]) -> Iterator[Finding]:
    """One line for each kind; a problem, one only, when none is ready.

    Args:
        choices: The kinds of this platform, the preferred one first.
    """
    is_any_ready = any(choice.ready for choice in choices)
    easiest = to_set_up(choices)
    if not choices:
        yield Finding(
            "Virtual camera", Level.WARNING, "none is known for this system", "Record to a file."
        )
    for choice in choices:
        subject = f"Virtual camera: {choice.name}"
        if choice.ready:
            yield Finding(subject, Level.OK, f"ready: {choice.description}", choice.hint)
        elif is_any_ready:
            yield Finding(
                subject, Level.OK, f"not set up, not needed: {choice.description}", choice.hint
            )
        else:
            level = Level.PROBLEM if choice is easiest else Level.WARNING
            yield Finding(subject, level, f"not ready: {choice.description}", choice.hint)
