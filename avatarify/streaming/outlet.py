"""A sink that is watched: opened when needed, and again after it failed."""

import logging
from collections.abc import Callable

from avatarify.frames import Frame, FrameSink, WatchedSink
from avatarify.streaming.pacing import Backoff

logger = logging.getLogger(__name__)


class Outlet:
    """Owned by the output thread. Devices' libraries raise anything, so any exception is a loss."""

    def __init__(
        self,
        open_sink: Callable[[], FrameSink],
        report: Callable[[Exception | None], None],
    ) -> None:
        """Prepare; nothing is opened before the first write.

        Args:
            open_sink: Opens the device.
            report: Told the error of each loss, and None when the device is open (again).
        """
        self._open_sink = open_sink
        self._report = report
        self._sink: FrameSink | None = None
        self._backoff = Backoff()
        self._retry_at_s = float("-inf")

    @property
    def is_open(self) -> bool:
        """Whether the device accepted the last picture."""
        return self._sink is not None

    @property
    def is_watched(self) -> bool | None:
        """Whether a program reads the device; None where that is not known, or not tried yet."""
        sink = self._sink
        if sink is None:
            return None if self._retry_at_s == float("-inf") else False
        return sink.is_watched if isinstance(sink, WatchedSink) else None

    def write(self, frame: Frame) -> bool:
        """Deliver a picture, opening the device first where it is time to try.

        Returns:
            Whether the device took it.
        """
        try:
            if self._sink is None:
                if frame.time_s < self._retry_at_s:
                    return False
                self._sink = self._open_sink()
                self._report(None)
            self._sink.write(frame)
        except Exception as error:
            logger.debug("output interrupted", exc_info=True)
            self._retry_at_s = frame.time_s + self._backoff.next_pause()
            self._report(error)
            self.close()
            return False
        self._backoff.reset()
        return True

    def close(self) -> None:
        """Release the device; a second call does nothing."""
        sink, self._sink = self._sink, None
        if sink is None:
            return
        try:
            sink.close()
        except Exception:
            logger.debug("closing the output failed", exc_info=True)
