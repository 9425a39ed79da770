"""Recording what the output shows, in a thread of its own, without ever holding the output up.

The output writes when there is something new; a video has a fixed rate. So each picture is written
as often as its time asks for, which may be never, and the recording lasts as long as it took. Only
a machine that is too slow leaves repetitions out, where the file keeps times: it would fall behind
more and more, and whoever stops would wait for minutes.
"""

from collections.abc import Callable
from threading import Event

from avatarify.frames import Frame, FrameSink, Image, TimedSink
from avatarify.streaming.hand_over import FrameQueue, StreamEnded
from avatarify.streaming.worker import Worker

CAPACITY = 45
"""Pictures that may wait for the disk: 1.5 s at 30 fps, 125 MB at 1280 x 720."""


class Recorder:
    """Writes pictures to a sink at a fixed rate until `finish`, or until the sink fails."""

    def __init__(
        self,
        sink: FrameSink,
        fps: float,
        at_end: Callable[[Exception | None], None],
        capacity: int = CAPACITY,
    ) -> None:
        """Start the recording thread.

        Args:
            sink: An open video file or folder; closed by the recorder.
            fps: Rate of the recording.
            at_end: Called on the recording thread when the sink is closed, with the error that
                ended the recording early.
            capacity: Pictures that may wait; when more come they are skipped, and the picture
                before them is seen in their place.
        """
        self._sink = sink
        self._fps = fps
        self._at_end = at_end
        self._queue: FrameQueue[tuple[Image, float, int]] = FrameQueue(capacity)
        self._skipped = self._skipped_before = 0
        self._written = 0
        self._began_s: float | None = None
        self._previous: Image | None = None
        self._is_closed = Event()
        self._worker = Worker("avatarify-record", self._record, self._end)
        self._worker.start()

    @property
    def skipped(self) -> int:
        """Pictures that found the queue full because the disk was too slow."""
        return self._skipped

    @property
    def written(self) -> int:
        """How long the recording is now, in frames of its rate."""
        return self._written

    def offer(self, image: Image, time_s: float) -> None:
        """Give the picture shown since `time_s`; never waits, ignored after the end."""
        if not self._queue.put((image, time_s, self._skipped), timeout_s=0):
            self._skipped += 1

    def finish(self) -> None:
        """Let what waits be written and the sink be closed, without waiting for it."""
        self._queue.close()

    def join(self, timeout_s: float | None = None) -> bool:
        """Wait until the sink is closed.

        Args:
            timeout_s: How long to wait without any picture being written: what is shown is not
                lost because the machine is busy.

        Returns:
            False when it is not closed by then.
        """
        written = self._written
        while not self._is_closed.wait(timeout_s):
            if self._written == written:
                return self._worker.join(0)
            written = self._written
        return self._worker.join(timeout_s)

    def _record(self, stopping: Event) -> None:
        while not stopping.is_set():
            try:
                item = self._queue.take()
            except StreamEnded:
                return
            if item is not None:
                self._write(*item)

    def _write(self, image: Image, time_s: float, skipped: int) -> None:
        """Fill the time until `time_s` with the picture before, and write this one if it is due."""
        if self._began_s is None:
            self._began_s = time_s
        due = round((time_s - self._began_s) * self._fps) + 1
        is_behind, self._skipped_before = skipped > self._skipped_before, skipped
        if is_behind and isinstance(self._sink, TimedSink):
            self._written = max(self._written, due - 1)
        while self._written < due - 1:
            self._write_one(self._previous if self._previous is not None else image)
        if self._written < due:
            self._write_one(image)
        self._previous = image

    def _write_one(self, image: Image) -> None:
        self._sink.write(Frame(image, self._written / self._fps, self._written))
        self._written += 1

    def _end(self, error: BaseException | None) -> None:
        self._queue.close()
        self._queue.clear()
        try:
            self._sink.close()
        except Exception as closing_error:
            error = error or closing_error
        self._is_closed.set()
        self._at_end(error if isinstance(error, Exception) else None)
