"""A file that behaves like a webcam: its frames come when they are due, late readers miss some."""

import time
from collections.abc import Callable
from dataclasses import replace

from avatarify.frames import ClosedAfterUse, Frame, FrameSource

_LONGEST_CATCH_UP_S = 0.2
"""A file that decodes more slowly than it plays would be skipped for ever: after this long the
clock waits for it instead."""


class RealTimeSource(ClosedAfterUse):
    """Plays another source by the clock.

    The clock starts with the first `read`. Frames carry `time.monotonic()` of their delivery, and
    their indices keep the gaps of frames that were dropped.
    """

    def __init__(self, open_source: Callable[[], FrameSource], loop: bool = False) -> None:
        """Open the source.

        Args:
            open_source: Opens the file; called again at its end when looping.
            loop: Start again at the end, without a pause.

        Raises:
            VideoError: The file is missing or broken.
        """
        self._open_source = open_source
        self._loop = loop
        self._source = open_source()
        self._start_s: float | None = None  # until the first read
        self._upcoming: Frame | None = None
        self._round_began = (0.0, 0)
        self._round_ends = (0.0, 0)  # time and index that the next frame would have
        self._is_open = True

    @property
    def name(self) -> str:
        """The file's name."""
        return self._source.name

    @property
    def fps(self) -> float:
        """The file's own rate."""
        return self._source.fps

    def read(self) -> Frame | None:
        """Wait until the next frame is due; drop those that are past.

        Returns:
            The frame, or None at the end of a file that is not looped.

        Raises:
            VideoError: The file is broken.
        """
        earliest = self._take()
        if earliest is None:
            return None
        if self._start_s is None:
            self._start_s = time.monotonic() - earliest.time_s
        frame = self._newest_due(earliest)
        time.sleep(max(0.0, self._due_s(frame) - time.monotonic()))
        return replace(frame, time_s=time.monotonic())

    def close(self) -> None:
        """Release the file; a second call does nothing."""
        self._is_open = False
        self._upcoming = None
        self._source.close()

    def _newest_due(self, frame: Frame) -> Frame:
        """Return the newest frame that is already due, or else the one given."""
        called_s = time.monotonic()
        while self._due_s(frame) < time.monotonic():
            following = self._take()
            if following is None:
                break
            if self._due_s(following) > time.monotonic():
                self._upcoming = following
                break
            frame = following
            if time.monotonic() - called_s > _LONGEST_CATCH_UP_S:
                self._start_s = time.monotonic() - frame.time_s
                break
        return frame

    def _due_s(self, frame: Frame) -> float:
        """Return when to show the frame, in `time.monotonic()`."""
        return (self._start_s or 0.0) + frame.time_s

    def _take(self) -> Frame | None:
        """Return the next frame, its time and index counted on through all rounds of the loop."""
        if self._upcoming is not None:
            waiting, self._upcoming = self._upcoming, None
            return waiting
        if not self._is_open:
            return None
        frame = self._source.read()
        if frame is None and self._loop:
            frame = self._rewind()
        if frame is None:
            return None
        began_s, first_index = self._round_began
        frame = replace(frame, time_s=began_s + frame.time_s, index=first_index + frame.index)
        self._round_ends = (frame.time_s + 1 / self.fps, frame.index + 1)
        return frame

    def _rewind(self) -> Frame | None:
        self._source.close()
        self._source = self._open_source()
        self._round_began = self._round_ends
        return self._source.read()
