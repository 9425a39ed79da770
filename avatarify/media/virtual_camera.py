"""The camera that call apps see, through pyvirtualcam and whatever stands behind it."""

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from avatarify.errors import VirtualCameraError
from avatarify.frames import Frame
from avatarify.media.device_openers import DeviceOpeners
from avatarify.media.v4l2 import list_video_devices
from avatarify.media.virtual_outputs import MODPROBE, OWN_CAMERA, choose_output
from avatarify.shipped import how_to_install

if TYPE_CHECKING:
    from pyvirtualcam import Camera

    from avatarify.media.pipewire.backend import PipeWireBackend

logger = logging.getLogger(__name__)

_PIPEWIRE = "pipewire"
_LOOPBACK = "v4l2loopback"

_ADVICE = (
    # (what the back end says, what it means and what to do)
    ("No v4l2 loopback device", f"there is no v4l2loopback camera. Run: {MODPROBE}"),
    ("is already in use", "this program feeds it already. Close the other window."),
    (
        "resource busy",
        "another program feeds this camera or reads it at another size. Close that program (call "
        "apps too), start this one, then the call app.",
    ),
    (
        "missing permissions",
        "you may not open it. Run: sudo usermod -aG video $USER, then log out and in again.",
    ),
    ("does not exist", f"the device does not exist. Run: {MODPROBE}"),
    (
        "not a video output device",
        "the device takes no pictures: a webcam, or a loopback camera fed by another program.",
    ),
    ("not a V4L2 device", "the device is no v4l2loopback camera."),
    (
        "Did you install OBS",
        "OBS Virtual Camera is missing. Install OBS Studio from obsproject.com and start it once.",
    ),
    (
        "OBS Virtual Camera is not installed",
        "OBS Virtual Camera is missing. In OBS 30 or newer press Start Virtual Camera once, allow "
        "the extension in System Settings, press Stop, and restart the Mac.",
    ),
    (
        "output could not be started",
        "OBS's virtual camera is in use. Press Stop Virtual Camera in OBS, or close the other "
        "program that feeds it.",
    ),
    (
        "Couldn't start stream",
        "OBS's virtual camera is in use. Press Stop Virtual Camera in OBS.",
    ),
    ("Multiple cameras are not supported", "this program feeds it already. Close it first."),
)


class VirtualCamera:
    """A `FrameSink` that other programs read as a webcam.

    It is opened once, at a fixed size, and never resized: call apps do not survive that.
    """

    def __init__(
        self,
        size: tuple[int, int] = (720, 1280),
        fps: float = 30.0,
        backend: str | None = None,
        device: str | None = None,
    ) -> None:
        """Open the camera. Start call apps only afterwards: they look for cameras at their start.

        Args:
            size: (height, width) in pixels, both even.
            fps: The rate that is announced; the actual rate is that of `write`.
            backend: The name of an `OutputChoice`; None takes the first one that is ready.
            device: A device file (v4l2loopback) or label (PipeWire, Unity Capture); None takes
                the first one.

        Raises:
            VirtualCameraError: It cannot be opened; the message says what to do.
        """
        if size[0] % 2 or size[1] % 2 or min(size) <= 0:
            raise ValueError(f"A virtual camera needs an even width and height, not {size}")
        self.size = size
        self.fps = fps
        self.backend = backend or choose_output().name
        if device is None and self.backend == _LOOPBACK:
            device = _preferred_loopback()
        self._nodes: list[PipeWireBackend] = []
        self._camera: Camera | None = _open_camera(
            size, fps, self.backend, device, self._nodes.append
        )
        self.name: str = self._camera.device
        self._openers = DeviceOpeners(self.name) if self.backend == _LOOPBACK else None
        logger.info("Virtual camera %s (%s) is open at %s", self.name, self.backend, size)

    @property
    def is_watched(self) -> bool | None:
        """Whether a program reads the camera at this moment; None where no system tells."""
        if self._camera is None:
            return False
        if self._nodes:
            return self._nodes[0].is_watched
        return None if self._openers is None else self._openers.is_open_elsewhere

    def write(self, frame: Frame) -> None:
        """Show one frame.

        Raises:
            ValueError: Its size is not the camera's.
            VirtualCameraError: The device is lost, or closed.
        """
        if frame.image.shape != (*self.size, 3):
            raise ValueError(
                f"The virtual camera shows {self.size} pixels and is never resized; "
                f"fit the frame of {frame.image.shape[:2]} into it first"
            )
        if self._camera is None:
            raise VirtualCameraError("The virtual camera is closed. Open it again.")
        try:
            self._camera.send(frame.image)
        except (RuntimeError, OSError) as error:
            raise VirtualCameraError(_explain(self.backend, str(error))) from error

    def close(self) -> None:
        """Release the camera; a second call does nothing."""
        if self._openers is not None:
            self._openers.close()
        if self._camera is not None:
            self._camera.close()
            self._camera = None


def _preferred_loopback() -> str | None:
    """Return the loopback made for us; other programs may have made some for themselves."""
    for device in list_video_devices():
        if device.is_loopback and OWN_CAMERA in device.label:
            return device.path
    return None


def _open_camera(
    size: tuple[int, int],
    fps: float,
    backend: str,
    device: str | None,
    tell_node: "Callable[[PipeWireBackend], None]",
) -> "Camera":
    try:
        import pyvirtualcam  # GPL-2.0 and native: only those who open a camera load it
        from pyvirtualcam.camera import BACKENDS
    except ImportError as error:
        raise VirtualCameraError(
            f"The package pyvirtualcam does not load ({error}). {how_to_install('pyvirtualcam')}"
        ) from error

    from avatarify.media.pipewire.backend import PipeWireBackend

    def publish(**wishes: Any) -> PipeWireBackend:
        node = PipeWireBackend(**wishes)
        tell_node(node)
        return node

    pyvirtualcam.register_backend(_PIPEWIRE, publish)
    if backend not in BACKENDS:
        known = ", ".join(BACKENDS)
        raise VirtualCameraError(f"Virtual camera '{backend}' is unknown here. Choose: {known}.")
    height, width = size
    try:
        return pyvirtualcam.Camera(width, height, fps, device=device, backend=backend)
    except (RuntimeError, ValueError, TypeError) as error:
        raise VirtualCameraError(_explain(backend, str(error))) from error


def _explain(backend: str, message: str) -> str:
    """Translate what a back end says into what to do."""
    message = message.removeprefix(f"'{backend}' backend: ")
    for said, advice in _ADVICE:
        if said in message:
            return f"Virtual camera {backend}: {advice}"
    return f"Virtual camera {backend}: {message}"
