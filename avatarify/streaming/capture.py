"""The capturing thread: reads a source as fast as it gives, and opens it again when it is lost."""

import logging
from collections.abc import Callable
from threading import Event
from typing import Protocol

from avatarify.errors import CameraError
from avatarify.frames import Frame, FrameSource
from avatarify.streaming.hand_over import LatestFrame
from avatarify.streaming.pacing import Backoff
from avatarify.streaming.statistics import StreamStatistics

logger = logging.getLogger(__name__)


class CaptureListener(Protocol):
    """Hears what becomes of the source, on the capturing thread."""

    def camera_opened(self, name: str, fps: float) -> None:
        """The source delivers now."""

    def camera_lost(self, error: Exception) -> None:
        """The source could not be opened or stopped delivering; it is tried again."""

    def camera_ended(self) -> None:
        """A file is over; nothing more comes."""

    def camera_failed(self, error: Exception) -> None:
        """The source can never deliver (a broken file); it is not tried again."""


class Capture:
    """The loop of the capturing worker.

    The device may be lost at any moment and libraries raise anything then, so every exception
    counts as a loss; only a broken file, which would stay broken, is given up.
    """

    def __init__(
        self,
        open_source: Callable[[], FrameSource],
        frames: LatestFrame[Frame],
        listener: CaptureListener,
        statistics: StreamStatistics,
        is_final: Callable[[Exception], bool] = lambda error: False,
    ) -> None:
        """Prepare to capture; nothing is opened yet.

        Args:
            open_source: Opens the source; called again after each loss.
            frames: Where the frames go.
            listener: Hears of opening, loss and end.
            statistics: Counts the frames.
            is_final: Says of an error that opening again cannot help.
        """
        self._open_source = open_source
        self._frames = frames
        self._listener = listener
        self._statistics = statistics
        self._is_final = is_final
        self._backoff = Backoff()

    def __call__(self, stopping: Event) -> None:
        """Capture until `stopping` is set or the source has ended."""
        while not stopping.is_set():
            try:
                self._capture_once(stopping)
            except Exception as error:
                if stopping.is_set():
                    return
                logger.debug("capture interrupted", exc_info=True)
                if self._is_final(error):
                    self._listener.camera_failed(error)
                    return
                self._listener.camera_lost(error)
                stopping.wait(self._backoff.next_pause())
            else:
                if not stopping.is_set():
                    self._listener.camera_ended()
                return

    def _capture_once(self, stopping: Event) -> None:
        """Open the source and read it to its end."""
        source = self._open_source()
        try:
            is_announced = False
            while not stopping.is_set():
                frame = source.read()
                if frame is None:
                    return
                if not is_announced:  # a device that opens but never delivers is not open
                    is_announced = True
                    self._listener.camera_opened(source.name, source.fps)
                    self._backoff.reset()
                if stopping.is_set():
                    return
                self._statistics.note_capture(frame.time_s)
                self._frames.put(frame)
        finally:
            _close_quietly(source)


def _close_quietly(source: FrameSource) -> None:
    """Close a source that may already be broken: its loss was reported."""
    try:
        source.close()
    except (CameraError, OSError, RuntimeError):
        logger.debug("closing %s failed", source.name, exc_info=True)
