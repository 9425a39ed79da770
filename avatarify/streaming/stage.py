"""A stage of the stream: takes the newest item, turns it into another, hands that on."""

import time
from collections.abc import Callable
from threading import Event
from typing import Generic, TypeVar

from avatarify.streaming.expected_time import ExpectedTime
from avatarify.streaming.hand_over import LatestFrame, StreamEnded

In = TypeVar("In")
Out = TypeVar("Out")

POLL_S = 0.02
"""How long an idle stage may keep a stop or a command waiting."""


class Stage(Generic[In, Out]):
    """The loop of one worker between two hand-overs.

    It takes an item, the newest one, no earlier than its result is wanted: see `TimelyFrame`.

    An error of the giving side is raised here, and what is raised here (or by `work`) ends the
    worker, whose `at_end` closes the next hand-over with it.
    """

    def __init__(
        self,
        taken_from: LatestFrame[In],
        work: Callable[[In], Out | None],
        given_to: LatestFrame[Out],
        between: Callable[[], None] | None = None,
    ) -> None:
        """Connect a stage.

        Args:
            taken_from: Where items come from.
            work: Makes a result, or None when there is nothing to hand on.
            given_to: Where results go.
            between: Called between items, and while there are none, in the same thread.
        """
        self._taken_from = taken_from
        self._work = work
        self._given_to = given_to
        self._between = between
        self._expected = ExpectedTime()
        self._is_idle = Event()
        self._is_idle.set()

    @property
    def is_idle(self) -> bool:
        """Nothing waits to be taken and nothing is being worked on."""
        return self._taken_from.is_empty and self._is_idle.is_set()

    def __call__(self, stopping: Event) -> None:
        """Work until `stopping` is set or the giving side has ended."""
        while not stopping.is_set():
            if self._between is not None:
                self._between()
            self._is_idle.set()
            if not (self._taken_from.wait(POLL_S) and self._is_wanted()):
                continue
            try:
                item = self._taken_from.take(0, before_taking=self._is_idle.clear)
            except StreamEnded:
                return
            if item is None:
                continue
            began_s = time.monotonic()
            result = self._work(item)
            self._expected.add(time.monotonic() - began_s)
            if result is not None:
                self._given_to.put(result)

    def _is_wanted(self) -> bool:
        """Whether a result of what waits is wanted now, or within the time of a poll."""
        newer_s = self._taken_from.newer_s
        return self._given_to.wait_until_wanted(self._expected.at_most_s, newer_s, POLL_S)
