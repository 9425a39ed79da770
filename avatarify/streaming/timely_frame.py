"""A slot that says when the next item is worth making.

A stage that is faster than the one behind it makes items that nobody takes, and has taken processor
and interpreter from the slower one for them. So it waits, and begins so early that its item, made
of what is newest then, is ready when the taker has finished with the last one. Where nothing newer
will have come by then, it begins at once.
"""

import time
from collections.abc import Callable
from typing import TypeVar

from avatarify.streaming.expected_time import ExpectedTime
from avatarify.streaming.hand_over import LatestFrame

Item = TypeVar("Item")

PATIENCE_S = 0.05
"""After this long another item is wanted in any case: the taker is late, and what waits for it has
grown old; and what makes the items follows a face, which it must not lose sight of."""


class TimelyFrame(LatestFrame[Item]):
    """One slot, the newest item wins, and its giver can wait until one is wanted.

    A taker that calls `take` has finished with what it took before; that is how the slot knows.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Begin with a taker that waits.

        Args:
            clock: Gives the time in seconds.
        """
        super().__init__(clock)
        self._taken_s: float | None = None
        self._expected = ExpectedTime()

    def take(
        self, timeout_s: float | None = None, before_taking: Callable[[], object] | None = None
    ) -> Item | None:
        """Wait for the next item and remove it; see `LatestFrame.take`."""
        self._note_end()

        def begin() -> None:
            self._taken_s = self._clock()
            if before_taking is not None:
                before_taking()

        return super().take(timeout_s, begin)

    def wait_until_wanted(self, lead_s: float, newer_s: float, timeout_s: float) -> bool:
        """Wait until an item should be made.

        Args:
            lead_s: How long making it will take: so much before the taker is done it is wanted.
            newer_s: When it could be made of something newer than now: if that is later still,
                nobody gains from waiting.
            timeout_s: Longest wait.

        Returns:
            False when `timeout_s` passed and none was wanted.
        """
        until_s = self._clock() + timeout_s
        with self._changed:
            while True:
                now_s = self._clock()
                wanted_s = self._wanted_s(lead_s, newer_s)
                if self._is_closed or now_s >= wanted_s:
                    return True
                if now_s >= until_s:
                    return False
                self._changed.wait(min(wanted_s, until_s) - now_s)

    def _wanted_s(self, lead_s: float, newer_s: float) -> float:
        """When the next item is wanted, if nothing happens before."""
        overdue_s = self._put_s + PATIENCE_S
        if self._taken_s is None:
            return overdue_s if self._items else float("-inf")
        due_s = self._taken_s + self._expected.at_least_s - lead_s
        if self._items and self._put_s >= due_s:
            return overdue_s
        return float("-inf") if newer_s >= due_s else min(due_s, overdue_s)

    def _note_end(self) -> None:
        """The taker has finished with what it took."""
        with self._changed:
            if self._taken_s is not None:
                self._expected.add(self._clock() - self._taken_s)
                self._taken_s = None
                self._changed.notify_all()
