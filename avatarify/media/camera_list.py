"""Which webcams there are, by the names that people know, and which one a user means."""

import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from avatarify.errors import CameraError
from avatarify.media.v4l2 import list_video_devices
from avatarify.media.virtual_outputs import OWN_CAMERA

_BACKENDS = {
    "linux": ("V4L2", "ANY"),
    "win32": ("DSHOW", "MSMF"),
    "darwin": ("AVFOUNDATION", "ANY"),
}
"""The OpenCV back ends (`cv2.CAP_*`) of each platform in the order in which they are tried."""

NO_CAMERA = (
    "No webcam was found. Plug one in, or use a phone as camera (an MJPEG or RTSP address), "
    "a video file, or 'screen' instead."
)
"""What to tell when the list is empty."""


@dataclass(frozen=True, slots=True)
class CameraInfo:
    """One webcam as one back end counts it."""

    index: int
    """The number that OpenCV's back end opens."""

    name: str
    """The device's own name; two cameras may share it."""

    path: str
    """The system's unambiguous name, such as /dev/video0; empty where there is none."""

    backend: str
    """The OpenCV back end that counts so: V4L2, DSHOW, MSMF, AVFOUNDATION or ANY."""

    problem: str = ""
    """Why it cannot be opened, and what to do; empty if nothing is known against it."""


def list_cameras(backend: str | None = None) -> list[CameraInfo]:
    """Return the webcams, without our own virtual camera.

    Args:
        backend: Count as this OpenCV back end does; None takes the platform's first.
    """
    backend = backend or camera_backends()[0]
    cameras = _linux_cameras(backend) if sys.platform == "linux" else _other_cameras(backend)
    return [camera for camera in cameras if OWN_CAMERA.lower() not in camera.name.lower()]


def camera_backends() -> tuple[str, ...]:
    """Return this platform's OpenCV back ends in the order in which to try them."""
    return _BACKENDS.get(sys.platform, ("ANY",))


def find_camera(wanted: int | str, cameras: Sequence[CameraInfo]) -> CameraInfo:
    """Return the camera that a user means.

    Args:
        wanted: A number, a path, a name, or a part of a name that only one camera has; empty means
            the first camera.
        cameras: Where to look.

    Raises:
        CameraError: There is none, or several match; the message lists them.
    """
    text = str(wanted).strip()
    if not cameras:
        raise CameraError(f"Camera '{text}' is gone. {NO_CAMERA}" if text else NO_CAMERA)
    matches = _matches(text, cameras)
    if not matches:
        raise CameraError(f"There is no camera '{text}'. Choose one of: {_listed(cameras)}.")
    if len({camera.name for camera in matches}) > 1:
        raise CameraError(f"Several cameras match '{text}': {_listed(matches)}. Choose by number.")
    return matches[0]  # of several twins, the first


def _matches(text: str, cameras: Sequence[CameraInfo]) -> list[CameraInfo]:
    if not text:
        return list(cameras[:1])
    folded = text.casefold()
    for is_meant in (
        lambda camera: text == str(camera.index),
        lambda camera: text == camera.path,
        lambda camera: folded == camera.name.casefold(),
        lambda camera: folded in camera.name.casefold(),
    ):
        if found := [camera for camera in cameras if is_meant(camera)]:
            return found
    return []


def _listed(cameras: Sequence[CameraInfo]) -> str:
    return ", ".join(f"{camera.index} ({camera.name})" for camera in cameras)


def _linux_cameras(backend: str) -> list[CameraInfo]:
    return [
        CameraInfo(
            device.index,
            device.label,
            device.path,
            backend,
            problem=""
            if device.driver
            else f"You may not open {device.path}. Run: sudo usermod -aG video $USER, then log out "
            "and in again.",
        )
        for device in list_video_devices()
        if device.can_capture
    ]


def _other_cameras(backend: str) -> list[CameraInfo]:
    import cv2
    from cv2_enumerate_cameras import enumerate_cameras, supported_backends

    number = getattr(cv2, f"CAP_{backend}")
    if number not in supported_backends:
        return []
    return [
        CameraInfo(camera.index, _readable(camera.name), camera.path or "", backend)
        for camera in enumerate_cameras(number)
    ]


def _readable(name: str) -> str:
    return re.sub(r"\s+", " ", name).strip()
