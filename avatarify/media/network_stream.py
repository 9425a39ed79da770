"""Cameras in the network, such as phones: MJPEG over HTTP, RTSP and what else FFmpeg opens."""

import errno
import logging
import threading
import time
from collections.abc import Callable, Iterator

import av
from av.container import InputContainer
from av.video.frame import VideoFrame

from avatarify.errors import CameraError
from avatarify.frames import ClosedAfterUse, Frame
from avatarify.media.addresses import is_address, public_name
from avatarify.media.decoded_picture import PictureReader
from avatarify.media.frame_guard import FrameGuard

logger = logging.getLogger(__name__)

_OPTIONS = {
    "rtsp_transport": "tcp",  # phones are on Wi-Fi, where UDP loses parts of frames
    "fflags": "nobuffer",
    "flags": "low_delay",
    "analyzeduration": "1000000",  # microseconds
    # An address must not make the program open files.
    "protocol_whitelist": "http,https,httpproxy,tcp,tls,crypto,rtsp,rtsps,rtp,srtp,udp,rtmp,rtmps",
}
_JOIN_S = 0.5
_BROKEN = "Come closer to the Wi-Fi router, or choose a smaller picture in the camera's app."
_ASSUMED_FPS = 30.0
_HIGHEST_RATE = 240.0


class NetworkStream(ClosedAfterUse):
    """A camera in the network; `read` gives its newest frame, older ones are dropped.

    A thread takes frames as they come: left lying, they would pile up in the network's buffers and
    the picture would lag further and further behind. Frames carry `time.monotonic()` of their
    arrival, and their indices count every frame that arrived.
    """

    def __init__(
        self,
        url: str,
        open_timeout_s: float = 5.0,
        read_timeout_s: float = 5.0,
        tell: Callable[[str], None] = lambda text: None,
    ) -> None:
        """Connect, and wait for the first frame.

        Args:
            url: For example http://192.168.1.20:8080/video or rtsp://192.168.1.20:8554/live.
            open_timeout_s: How long to wait for the connection.
            read_timeout_s: How long to wait for any frame.
            tell: Hears, in words, that some of its pictures are broken.

        Raises:
            CameraError: The address does not answer, refuses, or sends no video.
        """
        self._name = public_name(url)
        self._read_timeout_s = read_timeout_s
        self._guard = FrameGuard(tell, _BROKEN)
        self._changed = threading.Condition()
        self._newest: Frame | None = None
        self._arrived = self._last_read = -1
        self._is_spared = False
        """Nobody wants pictures: they go by."""
        self._problem: CameraError | None = None
        self._closing = threading.Event()
        self._container = _open(url, self._name, open_timeout_s, read_timeout_s)
        self._fps = _rate(self._container)
        self._thread = threading.Thread(target=self._receive, name="avatarify-network", daemon=True)
        self._thread.start()
        try:
            self._wait_for_news()
        except BaseException:
            self.close()
            raise

    @property
    def name(self) -> str:
        """The address without user and password."""
        return self._name

    @property
    def fps(self) -> float:
        """What the stream says, or 30."""
        return self._fps

    @property
    def newest_index(self) -> int:
        """How many frames have arrived, less one; -1 before the first."""
        return self._arrived

    def read(self) -> Frame | None:
        """Wait for a frame that was not read yet and return the newest.

        Raises:
            CameraError: The stream broke off, hangs, or is closed.
        """
        with self._changed:
            if self._is_spared:  # what came before that is old
                self._is_spared, self._last_read = False, self._arrived
        frame = self._wait_for_news()
        self._last_read = frame.index
        return frame

    def skip(self) -> None:
        """Wait for a frame that was not read yet, and let it go by.

        Frames that need no others are not decoded meanwhile, and of none a picture is made.

        Raises:
            CameraError: As `read` does.
        """
        self._is_spared = True
        self._wait_until(lambda: self._arrived > self._last_read)
        self._last_read = self._arrived

    def close(self) -> None:
        """Disconnect; a second call does nothing.

        A thread that waits for a silent camera is not waited for: it ends with its read time-out.
        """
        self._closing.set()
        with self._changed:
            self._changed.notify_all()
        self._thread.join(timeout=_JOIN_S)

    def _wait_for_news(self) -> Frame:
        self._wait_until(self._has_news)
        assert self._newest is not None
        return self._newest

    def _has_news(self) -> bool:
        return self._newest is not None and self._newest.index > self._last_read

    def _wait_until(self, is_news: Callable[[], bool]) -> None:
        def is_told() -> bool:
            return is_news() or self._problem is not None or self._closing.is_set()

        with self._changed:
            self._changed.wait_for(is_told, self._read_timeout_s)
            if self._closing.is_set():
                raise CameraError(f"The camera {self._name} is closed. Open it again.")
            if is_news():
                return
            if self._problem is not None:
                raise self._problem
        raise CameraError(_hangs(self._name))

    def _receive(self) -> None:
        """Take frames until closed; runs in its own thread."""
        problem = CameraError(_broke_off(self._name))
        try:
            reader = PictureReader(self._name, self._container.streams.video[0].codec_context)
            for index, picture in enumerate(self._pictures()):
                image = None if picture is None or self._is_spared else reader.read(picture)
                with self._changed:
                    self._arrived = index
                    if image is not None:
                        self._newest = Frame(image, time.monotonic(), index)
                    self._changed.notify_all()
        except (av.FFmpegError, OSError) as error:
            is_late = isinstance(error, (av.ExitError, TimeoutError))
            problem = CameraError(_hangs(self._name) if is_late else _broke_off(self._name))
            problem.__cause__ = error
        finally:
            self._container.close()
        with self._changed:
            self._problem = problem
            self._changed.notify_all()

    def _pictures(self) -> Iterator[VideoFrame | None]:
        """Yield what arrives; None in place of a whole one that nobody wants decoded."""
        stream = self._container.streams.video[0]
        stands_alone = stream.codec_context.name == "mjpeg"
        for packet in self._container.demux(stream):
            if self._closing.is_set():
                return
            if not packet.size:  # an empty part, or the stream's end
                continue
            if stands_alone and self._is_spared:
                yield None
                continue
            if stands_alone and not self._guard.is_whole(bytes(packet)):
                continue
            try:
                pictures = stream.decode(packet)
            except av.FFmpegError as error:
                logger.debug("%s: a broken frame was left out: %s", self._name, error)
                self._guard.leave_out()
                continue
            yield from (p for p in pictures if self._guard.admits((p.height, p.width)))


def _open(url: str, name: str, open_timeout_s: float, read_timeout_s: float) -> InputContainer:
    if not is_address(url):
        raise CameraError(f"{name} is no camera address. Use http://…, https://… or rtsp://….")
    began_s = time.monotonic()
    try:
        container = av.open(url, options=dict(_OPTIONS), timeout=(open_timeout_s, read_timeout_s))
    except (av.FFmpegError, OSError, ValueError) as error:
        # Some of FFmpeg's protocols report a time-out as another kind of error.
        is_late = time.monotonic() - began_s >= open_timeout_s
        raise CameraError(_hangs(name) if is_late else _explain(name, error)) from error
    if not container.streams.video:
        container.close()
        raise CameraError(f"{name} sends no video. Copy the address that the camera app shows.")
    return container


def _rate(container: InputContainer) -> float:
    stream = container.streams.video[0]
    rate = float(stream.average_rate or stream.guessed_rate or 0)
    return rate if 0 < rate <= _HIGHEST_RATE else _ASSUMED_FPS


def _explain(name: str, error: Exception) -> str:
    """Say what happened and what to do, by the kind of error."""
    advice = "Check the address, and that the camera app is running in the same network."
    if isinstance(error, (av.HTTPUnauthorizedError, av.HTTPForbiddenError)):
        return f"{name} wants a user and password: write them as http://user:password@…"
    if isinstance(error, av.HTTPNotFoundError):
        return f"{name} does not exist on that camera. Copy the address that the camera app shows."
    if isinstance(error, TimeoutError):
        return _hangs(name)
    if isinstance(error, ConnectionRefusedError):
        return f"{name} refuses the connection. {advice}"
    if isinstance(error, av.InvalidDataError) or getattr(error, "errno", 0) == errno.EIO:
        return f"{name} sends no video. Copy the address that the camera app shows."
    reason = getattr(error, "strerror", None) or type(error).__name__
    return f"{name} cannot be read ({reason}). {advice}"


def _broke_off(name: str) -> str:
    return f"{name} ended its stream. Look whether the camera app still runs, and the network."


def _hangs(name: str) -> str:
    return (
        f"{name} does not answer. Check the address, and that the camera app is running in the "
        "same network."
    )
