"""Work that takes more than a moment, done in other threads: the window's own only paints."""

import logging
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

from PySide6.QtCore import QObject, Qt, Signal

logger = logging.getLogger(__name__)

Result = TypeVar("Result")


class Background(QObject):
    """Runs functions elsewhere and brings their results to the window's thread."""

    waited_for = Signal(str)
    """What the user waits for at present, in words; empty when nothing is left."""

    _finished = Signal(object)

    def __init__(self, threads: int = 2, parent: QObject | None = None) -> None:
        """Make the threads' pool; they start when they are needed.

        Args:
            threads: How many functions run at once.
            parent: Its Qt parent.
        """
        super().__init__(parent)
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="window-background")
        self._is_closed = False
        self._wanted: list[str] = []
        self._finished.connect(lambda call: call(), Qt.ConnectionType.QueuedConnection)

    def run(
        self,
        work: Callable[[], Result],
        done: Callable[[Result], None],
        failed: Callable[[Exception], None] | None = None,
        *,
        words: str = "",
    ) -> None:
        """Start some work.

        Args:
            work: Called in another thread; must not touch widgets.
            done: Gets its result, in the window's thread.
            failed: Gets its exception, in the window's thread; by default it is logged.
            words: What the user waits for; without words nobody is told that it takes time.
        """

        def deliver(future: Future[Result]) -> None:
            if words:
                self._wanted.remove(words)
                self._tell()
            _deliver(future, done, failed)

        def settle(future: Future[Result]) -> None:
            if not self._is_closed and not future.cancelled():
                self._finished.emit(lambda: deliver(future))

        if not self._is_closed:
            if words:
                self._wanted.append(words)
                self._tell()
            self._pool.submit(work).add_done_callback(settle)

    def _tell(self) -> None:
        self.waited_for.emit(self._wanted[-1] if self._wanted else "")

    def close(self) -> None:
        """Forget what waits; what runs ends by itself and its result is dropped."""
        self._is_closed = True
        self._pool.shutdown(wait=False, cancel_futures=True)


def _deliver(
    future: Future[Any],
    done: Callable[[Any], None],
    failed: Callable[[Exception], None] | None,
) -> None:
    error = future.exception()
    if error is None:
        done(future.result())
    elif failed is not None and isinstance(error, Exception):
        failed(error)
    else:
        logger.error("Background work failed.", exc_info=error)
