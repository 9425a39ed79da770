import gc
import threading
import weakref
from collections.abc import Iterator
from typing import ClassVar

import pytest
from pytestqt.qtbot import QtBot

from avatarify.gui.pieces.collector import Collector


class Cycle:
    """Refers to itself, so that only a collector frees it; says in which thread that happened."""

    freed_by: ClassVar[list[int]] = []

    def __init__(self) -> None:
        self.itself = self

    def __del__(self) -> None:
        self.freed_by.append(threading.get_ident())


@pytest.fixture
def collector(qtbot: QtBot) -> Iterator[Collector]:
    collector = Collector()
    yield collector
    collector.stop()
    assert gc.isenabled()


def test_garbage_of_any_thread_is_collected_in_the_windows(
    qtbot: QtBot, collector: Collector
) -> None:
    Cycle.freed_by.clear()

    def litter() -> None:
        Cycle()
        _ = [[] for _ in range(100_000)]  # would set off Python's own collector

    worker = threading.Thread(target=litter)
    worker.start()
    worker.join()
    assert not Cycle.freed_by
    qtbot.waitUntil(lambda: bool(Cycle.freed_by), timeout=10_000)
    assert Cycle.freed_by == [threading.get_ident()]


def test_old_garbage_is_collected_in_time(collector: Collector) -> None:
    cycle = Cycle()
    for _ in range(3):
        gc.collect()  # it is old now
    gone = weakref.ref(cycle)
    del cycle
    for _ in range(100):
        collector.collect()
    assert gone() is None
