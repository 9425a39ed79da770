"""A mailbox through which any thread asks a worker to do something between two frames."""

from collections.abc import Callable
from queue import Empty, SimpleQueue


class Commands:
    """Calls to be made in the worker's own thread, in the order they were posted."""

    def __init__(self) -> None:
        self._calls: SimpleQueue[Callable[[], None]] = SimpleQueue()

    def post(self, call: Callable[[], None]) -> None:
        """Have `call` made by the worker, soon."""
        self._calls.put(call)

    def run(self) -> None:
        """Make all posted calls; only the worker does this."""
        while True:
            try:
                call = self._calls.get_nowait()
            except Empty:
                return
            call()
