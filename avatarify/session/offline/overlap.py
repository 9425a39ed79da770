"""Reading ahead and writing behind: decoder, model and encoder of a clip work at the same time."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event

from avatarify.frames import Frame
from avatarify.streaming.hand_over import FrameQueue, StreamEnded
from avatarify.streaming.worker import Worker

CAPACITY = 8
"""Frames that may wait on either side: 50 MB at 1920 x 1080."""


@contextmanager
def reading_ahead(
    read: Callable[[], Frame | None], capacity: int = CAPACITY
) -> Iterator[Iterator[Frame]]:
    """Read frames in a thread of its own.

    Args:
        read: Returns the next frame, None at the end; called in that thread only.
        capacity: Frames that may wait.

    Yields:
        The frames in order. What `read` raises is raised here, after the frames before it.
    """
    queue: FrameQueue[Frame] = FrameQueue(capacity)

    def work(stopping: Event) -> None:
        for frame in iter(read, None):
            if not queue.put(frame):
                return  # nobody wants more

    worker = Worker("avatarify-decode", work, queue.close)
    worker.start()
    try:
        yield _until_end(queue)
    finally:
        queue.close()
        queue.clear()
        worker.join()


@contextmanager
def writing_behind(
    write: Callable[[Frame], None], capacity: int = CAPACITY
) -> Iterator[Callable[[Frame], None]]:
    """Write frames in a thread of its own; the end waits until all are written.

    Args:
        write: Called in that thread only.
        capacity: Frames that may wait.

    Yields:
        What to call instead of `write`. What `write` raised is raised by a later call or the end.
    """
    queue: FrameQueue[Frame] = FrameQueue(capacity)

    def work(stopping: Event) -> None:
        for frame in _until_end(queue):
            write(frame)

    worker = Worker("avatarify-encode", work, queue.close)
    worker.start()

    def offer(frame: Frame) -> None:
        if not queue.put(frame) and worker.error is not None:
            raise worker.error

    try:
        yield offer
    finally:
        queue.close()
        worker.join()
    if worker.error is not None:
        raise worker.error


def _until_end(queue: FrameQueue[Frame]) -> Iterator[Frame]:
    while True:
        try:
            frame = queue.take()
        except StreamEnded:
            return
        if frame is not None:
            yield frame
