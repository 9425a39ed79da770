"""Our PipeWire camera in the shape that `pyvirtualcam.register_backend` takes."""

import numpy as np
from numpy.typing import NDArray

from avatarify.media.pipewire.camera import CameraDescription, PipeWireCamera

_DEFAULT_LABEL = "Avatarify"
_FOURCC_RGB = int.from_bytes(b"raw ", "little")
"""What pyvirtualcam calls RGB."""


class PipeWireBackend:
    """Accepts RGB frames; see `pyvirtualcam.Backend` for the protocol."""

    def __init__(
        self, *, width: int, height: int, fps: float, fourcc: int, device: str | None
    ) -> None:
        """Publish the camera.

        Args:
            width: Pixels.
            height: Pixels.
            fps: Nominal rate.
            fourcc: Only pyvirtualcam's RGB.
            device: The camera's label; None means "Avatarify".

        Raises:
            VirtualCameraError: PipeWire is not installed or not running.
        """
        if fourcc != _FOURCC_RGB:
            raise ValueError("The PipeWire camera takes RGB frames only")
        label = device or _DEFAULT_LABEL
        self._camera = PipeWireCamera(CameraDescription(width, height, fps, label))

    @property
    def is_watched(self) -> bool:
        """Whether a program reads the camera at this moment."""
        return self._camera.is_watched

    def send(self, frame: NDArray[np.uint8]) -> None:
        """Show one frame, given flattened."""
        size = self._camera.description
        self._camera.send(frame.reshape(size.height, size.width, 3))

    def close(self) -> None:
        """Withdraw the camera."""
        self._camera.close()

    def device(self) -> str:
        """Return the camera's label."""
        return self._camera.description.label

    def native_fourcc(self) -> int:
        """Return the format that frames travel in: YUY2."""
        return int.from_bytes(b"YUY2", "little")
