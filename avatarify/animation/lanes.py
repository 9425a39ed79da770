"""Several engines at work on one clip: pictures begin in order, overlap, and end in order.

One frame of a small network keeps two threads busy for less than half of the time that they wait
for one another between its layers. Two frames side by side, one thread each, do not wait.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from queue import SimpleQueue
from typing import TypeVar

from avatarify.animation.engine import Engine
from avatarify.frames import ClosedAfterUse

Item = TypeVar("Item")
Result = TypeVar("Result")


class Lanes(ClosedAfterUse):
    """Lends each piece of work an engine that nobody else uses meanwhile.

    Example:
        >>> with Lanes(engine.lanes()) as lanes:
        ...     for keypoints in lanes.each(Engine.keypoints, squares): ...
    """

    def __init__(self, engines: Sequence[Engine]) -> None:
        """Start a thread for each engine.

        Args:
            engines: From `Engine.lanes`; a single one is used in the caller's thread.
        """
        self._engines = engines
        self._free: SimpleQueue[Engine] = SimpleQueue()
        for engine in engines:
            self._free.put(engine)
        self._pool = ThreadPoolExecutor(len(engines), "avatarify-lane")

    def each(
        self, work: Callable[[Engine, Item], Result], items: Iterable[Item]
    ) -> Iterator[Result]:
        """Do the same with every item; a few items more than there are lanes are under way.

        Args:
            work: Gets an engine and an item, in any of the threads.
            items: Read in the caller's thread.

        Yields:
            Results in the order of the items. What `work` or `items` raised is raised in its place,
            after the results before it.
        """
        if len(self._engines) == 1:
            yield from (work(self._engines[0], item) for item in items)
            return
        begun: deque[Future[Result]] = deque()
        for future in self._begin(work, items):
            begun.append(future)
            if len(begun) > len(self._engines):
                yield begun.popleft().result()
        while begun:
            yield begun.popleft().result()

    def close(self) -> None:
        """Wait for what is in work and forget the rest; a second call does nothing."""
        self._pool.shutdown(cancel_futures=True)

    def _begin(
        self, work: Callable[[Engine, Item], Result], items: Iterable[Item]
    ) -> Iterator[Future[Result]]:
        try:
            for item in items:
                yield self._pool.submit(self._lend, work, item)
        except Exception as error:  # its turn comes after what was begun before it
            failed: Future[Result] = Future()
            failed.set_exception(error)
            yield failed

    def _lend(self, work: Callable[[Engine, Item], Result], item: Item) -> Result:
        engine = self._free.get()
        try:
            return work(engine, item)
        finally:
            self._free.put(engine)
