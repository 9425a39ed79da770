"""How long the next piece of work will take, by what the last ones took."""

from collections import deque

REMEMBERED = 9
"""Pieces of work that count: a longer memory would be slow to see that a machine has slowed."""


class ExpectedTime:
    """Quartiles of the last times, so that one that was interrupted does not count.

    One thread adds; the same one, or one that holds the lock under which it is added, asks.
    """

    def __init__(self) -> None:
        """Expect nothing yet: 0 s."""
        self._last: deque[float] = deque(maxlen=REMEMBERED)
        self._sorted: list[float] = []

    def add(self, seconds: float) -> None:
        """Remember what a piece of work took."""
        self._last.append(seconds)
        self._sorted = sorted(self._last)

    @property
    def at_least_s(self) -> float:
        """What three of four take; 0 before the first."""
        return self._sorted[len(self._sorted) // 4] if self._sorted else 0.0

    @property
    def at_most_s(self) -> float:
        """What one of four takes; 0 before the first."""
        return self._sorted[(3 * len(self._sorted)) // 4] if self._sorted else 0.0
