"""The objects through which threads give pictures to one another.

`LatestFrame` is for live video: one slot, where a newer picture replaces one nobody took yet, so a
slow stage drops frames instead of falling behind. `TimelyFrame` (in `timely_frame.py`) is one that
also says when the next picture is worth making. `FrameQueue` is for files: nothing is dropped and
a full queue makes the giver wait.

All end the same way: `close()` lets the reader finish what is left and then raises `StreamEnded`,
or the error that ended the writer.
"""

import time
from collections import deque
from collections.abc import Callable
from threading import Condition
from typing import Generic, TypeVar

from avatarify.streaming.expected_time import ExpectedTime

Item = TypeVar("Item")


class StreamEnded(Exception):  # noqa: N818 - an end, not an error, like StopIteration
    """The giving side has closed the hand-over and everything in it was taken."""


class _HandOver(Generic[Item]):
    """What both hand-overs share: waiting, taking and closing."""

    def __init__(self) -> None:
        self._items: deque[Item] = deque()
        self._changed = Condition()
        self._is_closed = False
        self._error: BaseException | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing waits to be taken."""
        return not self._items

    def wait(self, timeout_s: float) -> bool:
        """Wait until there is something to take, or to be told; nothing is removed.

        Returns:
            False when `timeout_s` passed and there is nothing: then `take(0)` gives None.
        """
        with self._changed:
            return bool(self._changed.wait_for(lambda: self._items or self._is_closed, timeout_s))

    def take(
        self, timeout_s: float | None = None, before_taking: Callable[[], object] | None = None
    ) -> Item | None:
        """Wait for the next item and remove it.

        Args:
            timeout_s: Longest wait; 0 looks without waiting, None waits for ever.
            before_taking: Called when there is an item, just before it is removed: so the item is
                at no moment neither here nor known to its taker.

        Returns:
            The item, or None when `timeout_s` passed without one.

        Raises:
            StreamEnded: Closed, and nothing is left.
            BaseException: What the writer gave to `close`.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._items or self._is_closed, timeout_s)
            if self._items:
                if before_taking is not None:
                    before_taking()
                item = self._items.popleft()
                self._changed.notify_all()
                return item
            if self._error is not None:
                raise self._error
            if self._is_closed:
                raise StreamEnded
            return None

    def close(self, error: BaseException | None = None) -> None:
        """Let no more items in; a second call does nothing.

        Args:
            error: What the reader shall raise instead of `StreamEnded`.
        """
        with self._changed:
            if not self._is_closed:
                self._is_closed = True
                self._error = error
            self._changed.notify_all()

    def clear(self) -> None:
        """Forget what was not taken yet."""
        with self._changed:
            self._items.clear()
            self._changed.notify_all()


class LatestFrame(_HandOver[Item]):
    """One slot: the newest item wins, the replaced ones are counted."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Make an empty slot.

        Args:
            clock: Gives the time in seconds.
        """
        super().__init__()
        self._clock = clock
        self._dropped = 0
        self._put_s = float("-inf")
        self._gaps = ExpectedTime()

    @property
    def dropped(self) -> int:
        """How many items were replaced before anyone took them."""
        return self._dropped

    @property
    def newer_s(self) -> float:
        """When a newer item than the last one may come, by the pace of those before."""
        return self._put_s + self._gaps.at_least_s

    def put(self, item: Item) -> None:
        """Offer an item, never waiting; ignored once closed."""
        with self._changed:
            if self._is_closed:
                return
            now_s = self._clock()
            if self._put_s > float("-inf"):
                self._gaps.add(now_s - self._put_s)
            self._put_s = now_s
            self._dropped += len(self._items)
            self._items.clear()
            self._items.append(item)
            self._changed.notify_all()

    def wait_until_wanted(self, lead_s: float, newer_s: float, timeout_s: float) -> bool:
        """Wait until an item should be made for this slot: here it always should.

        Args:
            lead_s: How long making it will take.
            newer_s: When it could be made of something newer than now.
            timeout_s: Longest wait.

        Returns:
            False when `timeout_s` passed and none was wanted.
        """
        return True


class FrameQueue(_HandOver[Item]):
    """A bounded first-in, first-out queue that never drops."""

    def __init__(self, capacity: int) -> None:
        """Make an empty queue.

        Args:
            capacity: Items it holds at most, at least 1.
        """
        if capacity < 1:
            raise ValueError("A queue holds at least one item.")
        super().__init__()
        self._capacity = capacity

    def put(self, item: Item, timeout_s: float | None = None) -> bool:
        """Wait for room and add an item.

        Args:
            item: What to add.
            timeout_s: Longest wait; 0 does not wait, None waits for ever.

        Returns:
            False when there was no room in time, or the queue is closed: the item was not added.
        """
        with self._changed:
            self._changed.wait_for(
                lambda: len(self._items) < self._capacity or self._is_closed, timeout_s
            )
            if self._is_closed or len(self._items) >= self._capacity:
                return False
            self._items.append(item)
            self._changed.notify_all()
            return True
