"""A job beside the thread that follows a face: what takes longer than a frame delays none."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Generic, TypeVar

ResultT = TypeVar("ResultT")


class Aside(Generic[ResultT]):
    """Runs one job at a time in a thread of its own; use it from one thread."""

    def __init__(self, name: str) -> None:
        """Start without a job.

        Args:
            name: Of the thread.
        """
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix=name)
        self._job: Future[ResultT] | None = None

    @property
    def is_busy(self) -> bool:
        """Whether a job runs, or its result was not taken yet."""
        return self._job is not None

    def begin(self, job: Callable[[], ResultT]) -> None:
        """Run a job; not while another one does."""
        assert self._job is None
        self._job = self._pool.submit(job)

    def take(self, *, wait: bool = False) -> ResultT | None:
        """Return the result of a job that has ended, once.

        Args:
            wait: Whether to wait for its end.

        Returns:
            Its result; None if there is none, or none yet. Raises what the job raised.
        """
        if self._job is None or not (wait or self._job.done()):
            return None
        job, self._job = self._job, None
        return job.result()

    def close(self) -> None:
        """Wait for the job, and end the thread; a second call does nothing."""
        self._pool.shutdown(wait=True)
        self._job = None
