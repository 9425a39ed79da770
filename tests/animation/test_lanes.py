"""Work that overlaps ends in order, with its errors in their places."""

import threading
from collections.abc import Iterator
from typing import cast

import pytest

from avatarify.animation.engine import Engine
from avatarify.animation.lanes import Lanes


class Counter:
    """Stands for an engine; notices when two threads use it at once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.calls = 0

    def square(self, number: int) -> int:
        assert self._lock.acquire(blocking=False), "an engine belongs to one piece of work"
        try:
            self.calls += 1
            if number < 0:
                raise ArithmeticError(f"{number} is negative")
            return number * number
        finally:
            self._lock.release()


def _square(engine: Engine, number: int) -> int:
    return cast(Counter, engine).square(number)


def _lanes(count: int) -> tuple[Lanes, list[Counter]]:
    counters = [Counter() for _ in range(count)]
    return Lanes(cast(list[Engine], counters)), counters


@pytest.mark.parametrize("count", [1, 2, 3])
def test_results_come_in_order(count: int) -> None:
    lanes, counters = _lanes(count)
    with lanes:
        assert list(lanes.each(_square, range(50))) == [number**2 for number in range(50)]
    assert sum(counter.calls for counter in counters) == 50


def test_all_engines_work_at_once() -> None:
    meeting = threading.Barrier(2, timeout=10)
    with _lanes(2)[0] as lanes:
        list(lanes.each(lambda *_: meeting.wait(), range(4)))


def test_two_steps_share_the_lanes() -> None:
    lanes, counters = _lanes(2)
    with lanes:
        squares = lanes.each(_square, range(20))
        assert list(lanes.each(_square, squares)) == [number**4 for number in range(20)]
    assert sum(counter.calls for counter in counters) == 40


@pytest.mark.parametrize("count", [1, 2])
def test_what_fails_is_raised_after_the_results_before_it(count: int) -> None:
    lanes, _ = _lanes(count)
    seen: list[int] = []

    def collect() -> None:
        with lanes:
            for number in lanes.each(_square, [1, 2, -3, 4]):
                seen.append(number)

    with pytest.raises(ArithmeticError, match="-3"):
        collect()
    assert seen == [1, 4]


@pytest.mark.parametrize("count", [1, 2])
def test_items_that_end_in_an_error_are_finished_first(count: int) -> None:
    def broken() -> Iterator[int]:
        yield from (1, 2, 3)
        raise OSError("the rest is damaged")

    seen: list[int] = []

    def collect() -> None:
        with _lanes(count)[0] as lanes:
            for number in lanes.each(_square, broken()):
                seen.append(number)

    with pytest.raises(OSError, match="damaged"):
        collect()
    assert seen == [1, 4, 9]


def test_only_a_few_items_are_read_ahead() -> None:
    read: list[int] = []

    def endless() -> Iterator[int]:
        while True:
            read.append(len(read))
            yield read[-1]

    with _lanes(2)[0] as lanes:
        results = lanes.each(_square, endless())
        for _ in range(10):
            next(results)
    assert len(read) <= 14
