"""A named thread that can be asked to stop and keeps what it raised."""

import logging
from collections.abc import Callable
from threading import Event, Thread

logger = logging.getLogger(__name__)


class Worker:
    """Runs one function in a thread of its own.

    The thread is a daemon: a device that never returns from a call cannot keep the program alive.
    """

    def __init__(
        self,
        name: str,
        work: Callable[[Event], None],
        at_end: Callable[[BaseException | None], None] | None = None,
    ) -> None:
        """Prepare the thread.

        Args:
            name: Name of the thread, for logs and debuggers.
            work: Runs in the thread; must return soon after its event is set.
            at_end: Called in the thread after `work`, with what it raised. Closes the hand-over.
        """
        self._stopping = Event()
        self._work = work
        self._at_end = at_end
        self._error: BaseException | None = None
        self._thread = Thread(target=self._run, name=name, daemon=True)

    @property
    def error(self) -> BaseException | None:
        """What `work` raised, or None."""
        return self._error

    @property
    def is_running(self) -> bool:
        """Whether the thread has started and not ended."""
        return self._thread.is_alive()

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self) -> None:
        """Ask the thread to end, without waiting."""
        self._stopping.set()

    def join(self, timeout_s: float | None = None) -> bool:
        """Wait for the end of the thread.

        Returns:
            False when it still runs after `timeout_s`.
        """
        if self._thread.ident is not None:
            self._thread.join(timeout_s)
        if self._thread.is_alive():
            logger.warning(
                "%s is still at work and is not waited for any longer.", self._thread.name
            )
            return False
        return True

    def _run(self) -> None:
        try:
            self._work(self._stopping)
        except BaseException as error:
            self._error = error  # carried to the reader, whatever it is
            logger.debug("%s ended with an error", self._thread.name, exc_info=True)
        finally:
            if self._at_end is not None:
                self._at_end(self._error)
