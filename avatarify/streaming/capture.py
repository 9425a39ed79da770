"""The capturing thread: reads a source as fast as it gives, and opens it again when it is lost."""

import logging
import time
from collections.abc import Callable
from threading import Event
from typing import Protocol

from avatarify.errors import CameraError
from avatarify.frames import Frame, FrameSource, SparingSource
from avatarify.streaming.hand_over import LatestFrame
from avatarify.streaming.pacing import Backoff
from avatarify.streaming.statistics import StreamStatistics

logger = logging.getLogger(__name__)

_LOOK_EVERY_S = 0.05
"""How long somebody may wait for a closed source to be opened again."""


class CaptureListener(Protocol):
    """Hears what becomes of the source, on the capturing thread."""

    def camera_opened(self, name: str, fps: float) -> None:
        """The source delivers now."""

    def camera_delivered(self) -> None:
        """A frame came."""

    def camera_lost(self, error: Exception) -> None:
        """The source could not be opened or stopped delivering; it is tried again."""

    def camera_released(self) -> None:
        """Nobody wants pictures: the source was closed, and is opened again for whoever does."""

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
        *,
        is_final: Callable[[Exception], bool] = lambda error: False,
        is_wanted: Callable[[], bool] = lambda: True,
        is_looked_at: Callable[[], bool] = lambda: True,
    ) -> None:
        """Prepare to capture; nothing is opened yet.

        Args:
            open_source: Opens the source; called again after each loss.
            frames: Where the frames go.
            listener: Hears of opening, loss and end.
            statistics: Counts the frames.
            is_final: Says of an error that opening again cannot help.
            is_wanted: Whether anybody wants pictures; without, the source is closed meanwhile.
            is_looked_at: Whether frames are taken at the moment; those that are not are let go by
                undecoded, where the source can do that.
        """
        self._open_source = open_source
        self._frames = frames
        self._listener = listener
        self._statistics = statistics
        self._is_final = is_final
        self._is_wanted = is_wanted
        self._is_looked_at = is_looked_at
        self._backoff = Backoff()

    def __call__(self, stopping: Event) -> None:
        """Capture until `stopping` is set or the source has ended."""
        while not stopping.is_set():
            while not self._is_wanted():
                if stopping.wait(_LOOK_EVERY_S):
                    return
            try:
                has_ended = self._capture_once(stopping)
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
                if stopping.is_set():
                    return
                if has_ended:
                    self._listener.camera_ended()
                    return
                self._listener.camera_released()

    def _capture_once(self, stopping: Event) -> bool:
        """Open the source and read it; whether it came to its end before it was unwanted."""
        source = self._open_source()
        try:
            is_announced = False
            sparing = source if isinstance(source, SparingSource) else None
            while not stopping.is_set() and self._is_wanted():
                if sparing is not None and is_announced and not self._is_looked_at():
                    sparing.skip()
                    self._note(time.monotonic())
                    continue
                frame = source.read()
                if frame is None:
                    return True
                if not is_announced:  # a device that opens but never delivers is not open
                    is_announced = True
                    self._listener.camera_opened(source.name, source.fps)
                    self._backoff.reset()
                if stopping.is_set():
                    break
                self._note(frame.time_s)
                self._frames.put(frame)
            return False
        finally:
            _close_quietly(source)

    def _note(self, captured_s: float) -> None:
        self._listener.camera_delivered()
        self._statistics.note_capture(captured_s)


def _close_quietly(source: FrameSource) -> None:
    """Close a source that may already be broken: its loss was reported."""
    try:
        source.close()
    except (CameraError, OSError, RuntimeError):
        logger.debug("closing %s failed", source.name, exc_info=True)
