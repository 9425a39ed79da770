"""Which webcams there are, by the names that people know."""

import re
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from avatarify.media.camera_links import device_links, is_by_id
from avatarify.media.known_camera import KnownCamera
from avatarify.media.v4l2 import VideoDevice, devices_fed, list_video_devices
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

    id: str = ""
    """What stays when its number changes and is no other camera's; empty where nothing is."""

    port: str = ""
    """Where it is plugged in, such as usb-0000:00:14.0-2; empty where that is not known."""

    formats: tuple[str, ...] = ()
    """Pixel formats that it delivers; empty where it does not say."""

    is_loopback: bool = False
    """Another program feeds it, or nobody."""

    has_twin: bool = False
    """Another camera has the same name."""

    @property
    def known(self) -> KnownCamera:
        """What to remember of it."""
        return KnownCamera(self.id, self.name, self.port, self.path, self.has_twin)


def list_cameras(backend: str | None = None) -> list[CameraInfo]:
    """Return the webcams, without our own virtual camera.

    Args:
        backend: Count as this OpenCV back end does; None takes the platform's first.
    """
    backend = backend or camera_backends()[0]
    cameras = _linux_cameras(backend) if sys.platform == "linux" else _other_cameras(backend)
    counts = Counter(camera.name for camera in cameras)
    return [
        replace(camera, has_twin=counts[camera.name] > 1)
        for camera in cameras
        if OWN_CAMERA.lower() not in camera.name.lower()
    ]


def camera_backends() -> tuple[str, ...]:
    """Return this platform's OpenCV back ends in the order in which to try them."""
    return _BACKENDS.get(sys.platform, ("ANY",))


def distinct_names(cameras: Sequence[CameraInfo]) -> list[str]:
    """Return what to call each camera in a list: its name, and of twins what tells them apart."""
    counts = Counter(camera.name for camera in cameras)
    names = [
        camera.name if counts[camera.name] == 1 else f"{camera.name} ({_whereabouts(camera)})"
        for camera in cameras
    ]
    again = Counter(names)
    return [
        name if again[name] == 1 else f"{name}, number {camera.index}"
        for name, camera in zip(names, cameras, strict=True)
    ]


def readable_port(port: str) -> str:
    """Return what to call a port, such as "USB port 2"; empty where it is not known."""
    usb = re.search(r"usb-.*-([\d.]+)$", port)
    return f"USB port {usb[1]}" if usb else ""


def _whereabouts(camera: CameraInfo) -> str:
    """Say where one of several cameras of one name is plugged in."""
    if port := readable_port(camera.port):
        return port
    return Path(camera.path).name if camera.path.startswith("/dev/") else f"number {camera.index}"


def _linux_cameras(backend: str) -> list[CameraInfo]:
    fed = devices_fed()
    devices = [
        device
        for device in list_video_devices()
        if device.can_capture and not (device.is_loopback and device.path in fed)
    ]
    links = device_links()
    by_id = {device.path: _link(links, device, by_id=True) for device in devices}
    # Of twins without serial numbers udev links one by id, whichever came last.
    doubtful = {device.label for device in devices if not by_id[device.path]}
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
            id=by_id[device.path]
            if device.label not in doubtful
            else _link(links, device, by_id=False),
            port=device.bus,
            formats=device.formats,
            is_loopback=device.is_loopback,
        )
        for device in devices
    ]


def _link(links: dict[str, tuple[str, ...]], device: VideoDevice, *, by_id: bool) -> str:
    found = (link for link in links.get(device.path, ()) if is_by_id(link) is by_id)
    return next(found, "")


def _other_cameras(backend: str) -> list[CameraInfo]:
    import cv2
    from cv2_enumerate_cameras import enumerate_cameras, supported_backends

    number = getattr(cv2, f"CAP_{backend}")
    if number not in supported_backends:
        return []
    return [
        CameraInfo(
            camera.index, _readable(camera.name), camera.path or "", backend, id=camera.path or ""
        )
        for camera in enumerate_cameras(number)
    ]


def _readable(name: str) -> str:
    return re.sub(r"\s+", " ", name).strip()
