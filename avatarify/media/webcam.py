"""Webcams as a frame source, through whichever of OpenCV's back ends opens them."""

import logging
import os
import time
from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from avatarify.errors import CameraError
from avatarify.frames import ClosedAfterUse, Frame, Image
from avatarify.media.camera_choice import candidates
from avatarify.media.camera_list import CameraInfo, camera_backends, list_cameras
from avatarify.media.frame_guard import END_OF_JPEG, FrameGuard
from avatarify.media.known_camera import KnownCamera
from avatarify.media.v4l2 import devices_fed

logger = logging.getLogger(__name__)

_WARM_UP_S = 8.0
"""Cameras may take seconds to their first frame (exposure, a cover, a slow hub)."""

_SHORT_WARM_UP_S = 4.0
"""The same while there is another camera to try."""

_HIGHEST_RATE = 240.0

_MJPG = cv2.VideoWriter.fourcc(*"MJPG")
_BROKEN = "Try another cable or USB port, or a smaller camera picture in the settings."
_LONGEST_BREAK_S = 2.0
_NOTHING: Image = np.zeros((0, 0, 3), np.uint8)

_LONGEST_WAIT_S = 1.0
"""Older than this no frame is that a driver hands out."""


class Webcam(ClosedAfterUse):
    """A webcam. Its frames carry the `time.monotonic()` of their capture, or else arrival."""

    def __init__(
        self,
        camera: int | str = "",
        size: tuple[int, int] = (720, 1280),
        fps: float = 30.0,
        mjpg: bool = True,
        *,
        warm_up_s: float = _WARM_UP_S,
        known: KnownCamera | None = None,
        tell: Callable[[str], None] = lambda text: None,
    ) -> None:
        """Open the camera and wait for its first frame.

        Args:
            camera: A number, a name or a part of it, a device path or a link to one; empty takes
                the best one that delivers.
            size: (height, width) to ask for; the camera may choose another.
            fps: Frames per second to ask for.
            mjpg: Ask for compressed frames: uncompressed ones fill a USB 2 cable at 720p already.
            warm_up_s: How long to wait for the first frame.
            known: What this camera was when it was chosen; it is found by that first.
            tell: Hears, in words, that some of its pictures are broken.

        Raises:
            CameraError: There is no such camera, or it delivers nothing.
        """
        self._wanted = camera
        self._wished_size = size
        self._size = size
        self._fps = fps
        self._mjpg = mjpg
        self._warm_up_s = warm_up_s
        self._known = known
        self._tell = tell
        self._guard = FrameGuard(tell, _BROKEN)
        self._passed_over: tuple[str, ...] = ()
        self._capture: cv2.VideoCapture | None = None
        self._is_stamped = False
        self._count = 0
        _silence_opencv()
        self.reopen()

    @property
    def name(self) -> str:
        """The device's name."""
        return self._info.name

    @property
    def known(self) -> KnownCamera:
        """By what to find it again."""
        return self._info.known

    @property
    def passed_over(self) -> tuple[str, ...]:
        """The names of cameras that would have gone first and deliver nothing."""
        return self._passed_over

    @property
    def fps(self) -> float:
        """What the camera promises, or else what was asked for."""
        promised = 0.0 if self._capture is None else self._capture.get(cv2.CAP_PROP_FPS)
        return promised if 0 < promised <= _HIGHEST_RATE else self._fps

    @property
    def size(self) -> tuple[int, int]:
        """(height, width) of the frames."""
        return self._size

    def reopen(self) -> None:
        """Open the camera again, wherever it is plugged in now.

        Raises:
            CameraError: It is (still) gone or busy.
        """
        self.close()
        infos = candidates(self._wanted, list_cameras(), self._known)
        failures: list[tuple[str, CameraError]] = []
        for info in infos:
            patience_s = self._warm_up_s
            if info is not infos[-1]:
                patience_s = min(patience_s, _SHORT_WARM_UP_S)
            try:
                self._start(info, patience_s)
            except CameraError as error:
                failures.append((info.name, error))
                continue
            self._known = info.known
            self._passed_over = tuple(name for name, _ in failures)
            return
        if len(failures) == 1:
            raise failures[0][1]
        names = ", ".join(name for name, _ in failures)
        raise CameraError(
            f"No camera delivers frames: {names}. Close other video apps, plug one in again, or "
            "choose another camera."
        )

    def read(self) -> Frame | None:
        """Wait for the next frame.

        Raises:
            CameraError: The camera was unplugged, taken away, hangs, or is closed.
        """
        capture = self._opened()
        deadline_s = time.monotonic() + _LONGEST_BREAK_S
        while time.monotonic() < deadline_s:
            image = self._picture(capture)
            if image is None:
                raise self._stopped()
            if image.size:
                self._size = (image.shape[0], image.shape[1])
                frame = Frame(image, self._captured_s(capture), self._count)
                self._count += 1
                return frame
        raise CameraError(_only_broken(self.name))

    def skip(self) -> None:
        """Take the next frame from the driver and do not decode it.

        Raises:
            CameraError: As `read` does.
        """
        if not self._opened().grab():
            raise self._stopped()
        self._count += 1

    def close(self) -> None:
        """Release the camera; a second call does nothing."""
        if self._capture is not None:
            self._capture.release()
            self._capture = None

    def _opened(self) -> cv2.VideoCapture:
        if self._capture is None:
            raise CameraError(f"Camera {self.name} is closed. Open it again.")
        return self._capture

    def _stopped(self) -> CameraError:
        return CameraError(
            f"Camera {self.name} stopped delivering frames. Plug it in again, close other video "
            "apps, or choose another camera."
        )

    def _captured_s(self, capture: cv2.VideoCapture) -> float:
        """Return when the frame just read was captured: it may have waited in the driver."""
        now_s = time.monotonic()
        if not self._is_stamped:
            return now_s
        stamp_s = float(capture.get(cv2.CAP_PROP_POS_MSEC)) / 1000
        # Most drivers stamp with the monotonic clock; a stamp of another clock lies far off.
        return stamp_s if 0 <= now_s - stamp_s < _LONGEST_WAIT_S else now_s

    def _start(self, info: CameraInfo, patience_s: float) -> None:
        """Open a camera in one of the ways that there are and wait for its first frame."""
        if info.problem:
            raise CameraError(info.problem)
        deadline_s = time.monotonic() + patience_s
        self._guard = FrameGuard(self._tell, _BROKEN)
        for way in _ways(info):
            capture = self._open(way)
            first = self._warm_up(capture, deadline_s)
            if first is not None and not _is_fed_by_us(way):
                self._info, self._capture = way, capture
                self._is_stamped = _is_v4l2(capture)
                self._size = (first.shape[0], first.shape[1])
                logger.info("Camera %s is open by %s at %s", way.name, way.backend, self._size)
                return
            capture.release()
        if self._guard.left_out:
            raise CameraError(_only_broken(info.name))
        if info.is_loopback:
            raise CameraError(
                f"Camera {info.name} delivers no frames: no other program feeds it. Start that "
                "program, or choose another camera."
            )
        raise CameraError(
            f"Camera {info.name} delivers no frames. It is probably in use: close other "
            "video apps, plug it in again, or choose another camera."
        )

    def _open(self, info: CameraInfo) -> cv2.VideoCapture:
        backend = getattr(cv2, f"CAP_{info.backend}")
        height, width = self._wished_size
        wishes = [cv2.CAP_PROP_FRAME_WIDTH, width, cv2.CAP_PROP_FRAME_HEIGHT, height]
        if self._mjpg:
            wishes = [cv2.CAP_PROP_FOURCC, _MJPG, *wishes]
        if info.backend == "DSHOW":
            # DirectShow opens uncompressed, at five frames a second in HD, unless told at once.
            capture = cv2.VideoCapture(info.index, backend, wishes)
            if capture.isOpened():
                return capture
        capture = cv2.VideoCapture(info.index, backend)
        if capture.isOpened():
            wishes += [cv2.CAP_PROP_FPS, round(self._fps)]
            for wish, value in zip(wishes[::2], wishes[1::2], strict=True):
                capture.set(wish, value)
            if _is_v4l2(capture) and capture.get(cv2.CAP_PROP_FOURCC) == _MJPG:
                # OpenCV would decode what is cut, over what was in the buffer before.
                capture.set(cv2.CAP_PROP_CONVERT_RGB, 0)
        return capture

    def _picture(self, capture: cv2.VideoCapture) -> Image | None:
        """Read a picture; an empty one if it arrived broken, None if none came."""
        try:
            is_read, image = capture.read()
        except cv2.error:  # OpenCV's own decoding of what arrived
            self._guard.leave_out()
            return _NOTHING
        if image is None or (not is_read and image.size):
            return None
        if capture.get(cv2.CAP_PROP_CONVERT_RGB):
            picture = _to_rgb(image) if image.size else _NOTHING
        else:
            jpeg = image.tobytes()
            picture = _decoded(jpeg) if self._guard.is_whole(jpeg) else _NOTHING
        return picture if self._guard.admits(picture.shape[:2]) else _NOTHING

    def _warm_up(self, capture: cv2.VideoCapture, deadline_s: float) -> Image | None:
        while capture.isOpened():
            image = self._picture(capture)
            if image is not None and image.size:
                return image
            if time.monotonic() > deadline_s:
                break
            time.sleep(0.02)
        return None


def _only_broken(name: str) -> str:
    return f"Camera {name} delivers nothing but broken pictures. {_BROKEN}"


def _is_v4l2(capture: cv2.VideoCapture) -> bool:
    """Whether OpenCV reads the device itself, wherever the way was left to it.

    Then it tells the driver's own time of each frame, and may leave frames undecoded.
    """
    return capture.getBackendName() == "V4L2"


def _decoded(jpeg: bytes) -> Image:
    """Decode what a camera sent compressed; nothing if that is impossible."""
    ended = np.frombuffer(jpeg + END_OF_JPEG, np.uint8)  # OpenCV draws hardly any without an end
    picture = cv2.imdecode(ended, cv2.IMREAD_COLOR_RGB)
    return _NOTHING if picture is None else np.asarray(picture, np.uint8)


def _ways(info: CameraInfo) -> list[CameraInfo]:
    """The camera as each back end counts it: the same number may mean another one there."""
    ways = [info]
    for backend in camera_backends()[1:]:
        for way in list_cameras(backend):
            if (way.name, way.path) == (info.name, info.path):
                ways.append(way)
                break
    return ways


def _is_fed_by_us(info: CameraInfo) -> bool:
    """Whether a loopback began to show our own pictures while we waited for others."""
    return info.is_loopback and info.path in devices_fed()


def _to_rgb(image: cv2.typing.MatLike) -> NDArray[np.uint8]:
    """Convert what OpenCV delivers: BGR, or one channel from an infrared camera."""
    code = cv2.COLOR_GRAY2RGB if image.ndim == 2 or image.shape[2] == 1 else cv2.COLOR_BGR2RGB
    return np.asarray(cv2.cvtColor(image, code), np.uint8)


def _silence_opencv() -> None:
    """Keep OpenCV's warnings off stderr: what they report is raised here, in words.

    Without the variable a V4L2 camera that hangs is noticed after ten seconds only.
    """
    os.environ.setdefault("OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT", "2")
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
