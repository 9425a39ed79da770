"""A slot whose giver waits until an item is wanted. Stages and threads are real, work is sleep."""

import threading
import time
from collections.abc import Callable
from threading import Event

import numpy as np
import pytest

from avatarify.streaming.hand_over import LatestFrame, StreamEnded
from avatarify.streaming.stage import POLL_S, Stage
from avatarify.streaming.timely_frame import PATIENCE_S, TimelyFrame
from avatarify.streaming.worker import Worker


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


class Taken:
    """A slot whose taker needs 40 ms for each item, and has just taken one."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.slot: TimelyFrame[int] = TimelyFrame(self.clock)
        for number in range(5):
            self.take(number)
            self.clock.now_s += 0.04
        self.take(5)

    def take(self, number: int) -> None:
        assert self.slot.take(0) is None
        self.slot.put(number)
        assert self.slot.take(0) == number

    def take_what_waits(self) -> None:
        self.clock.now_s += 0.005
        assert self.slot.take(0) is not None

    def is_wanted(self, after_s: float, lead_s: float) -> bool:
        self.clock.now_s += after_s
        return self.slot.wait_until_wanted(lead_s, self.clock.now_s, 0.0)


def test_a_taker_that_waits_wants_an_item_at_once() -> None:
    slot: TimelyFrame[int] = TimelyFrame()
    assert slot.wait_until_wanted(0.0, 0.0, 0.0)
    assert slot.take(0) is None
    assert slot.wait_until_wanted(0.0, 0.0, 0.0)


def test_none_is_wanted_while_one_waits_but_for_one_that_has_grown_old() -> None:
    clock = Clock()
    slot: TimelyFrame[int] = TimelyFrame(clock)
    slot.put(1)
    assert not slot.wait_until_wanted(0.0, 0.0, 0.0)
    clock.now_s += 1.01 * PATIENCE_S
    assert slot.wait_until_wanted(0.0, 0.0, 0.0)
    slot.put(2)
    assert slot.take(0) == 2


def test_the_next_is_wanted_as_early_as_it_takes_to_make_it() -> None:
    taken = Taken()
    assert not taken.is_wanted(after_s=0.0, lead_s=0.01)
    assert not taken.is_wanted(after_s=0.029, lead_s=0.01)
    assert taken.is_wanted(after_s=0.002, lead_s=0.01)
    assert Taken().is_wanted(after_s=0.0, lead_s=0.041)  # as slow as the taker: never waits


def test_one_is_made_for_each_that_is_taken() -> None:
    taken = Taken()
    assert taken.is_wanted(after_s=0.031, lead_s=0.01)
    taken.slot.put(6)
    assert not taken.is_wanted(after_s=0.005, lead_s=0.01)
    taken.take_what_waits()
    assert not taken.is_wanted(after_s=0.01, lead_s=0.01)


def test_nothing_waits_where_nothing_newer_will_have_come() -> None:
    taken = Taken()
    now_s = taken.clock.now_s
    assert not taken.slot.wait_until_wanted(0.01, now_s + 0.02, 0.0)
    assert taken.slot.wait_until_wanted(0.01, now_s + 0.035, 0.0)
    taken.slot.put(6)
    assert not taken.slot.wait_until_wanted(0.01, now_s + 0.02, 0.0)


def test_what_was_made_too_early_is_made_again_when_it_is_time() -> None:
    taken = Taken()
    taken.slot.put(6)
    assert not taken.is_wanted(after_s=0.02, lead_s=0.01)
    assert taken.is_wanted(after_s=0.011, lead_s=0.01)


def test_a_taker_that_is_late_gets_a_fresh_one() -> None:
    taken = Taken()
    taken.clock.now_s += 0.039
    taken.slot.put(6)  # in time
    assert not taken.is_wanted(after_s=0.02, lead_s=0.01)
    assert taken.is_wanted(after_s=PATIENCE_S, lead_s=0.01)


def test_a_taker_that_is_done_early_is_heard() -> None:
    slot = Taken().slot  # by its clock the taker goes on for ever
    heard: list[bool] = []
    maker = threading.Thread(target=lambda: heard.append(slot.wait_until_wanted(0.0, 0.0, 30.0)))
    maker.start()
    assert slot.take(0.01) is None
    maker.join(10.0)
    assert heard == [True]


def test_the_wait_ends_with_the_slot() -> None:
    slot = Taken().slot
    slot.close()
    assert slot.wait_until_wanted(0.0, 0.0, 0.0)
    with pytest.raises(StreamEnded):
        slot.take(0)


class Line:
    """Camera, maker and taker: three threads and two slots, as in a live session."""

    def __init__(self, every_s: float, make_s: float, take_s: float) -> None:
        self.frames: LatestFrame[float] = LatestFrame()
        self.made: TimelyFrame[float] = TimelyFrame()
        self.shown: LatestFrame[float] = LatestFrame()
        self.every_s, self.make_s, self.take_s = every_s, make_s, take_s
        self.makings = 0
        self.calls: list[Callable[[], None]] = []
        self.ages_s: list[float] = []
        self.latencies_s: list[float] = []
        self.workers = (
            Worker("avatarify-camera", self.film),
            Worker("avatarify-make", Stage(self.frames, self.make, self.made, self.between)),
            Worker("avatarify-take", Stage(self.made, self.show, self.shown)),
        )

    def run(self, seconds: float) -> None:
        for worker in self.workers:
            worker.start()
        time.sleep(seconds)
        for worker in self.workers:
            worker.stop()
        for worker in self.workers:
            assert worker.join(5.0)
            assert worker.error is None

    def film(self, stopping: Event) -> None:
        while not stopping.wait(self.every_s):
            self.frames.put(time.monotonic())

    def between(self) -> None:
        for call in self.calls:
            call()

    def make(self, captured_s: float) -> float:
        self.ages_s.append(time.monotonic() - captured_s)
        self.makings += 1
        time.sleep(self.make_s)
        return captured_s

    def show(self, captured_s: float) -> float:
        time.sleep(self.take_s)
        self.latencies_s.append(time.monotonic() - captured_s)
        return captured_s


def test_a_fast_maker_makes_no_more_than_is_taken_and_nothing_old() -> None:
    line = Line(every_s=0.002, make_s=0.004, take_s=0.02)
    line.run(1.0)
    taken = len(line.latencies_s)
    assert taken > 15
    assert line.makings <= taken * 1.3 + 3
    assert float(np.median(line.ages_s)) < 0.01  # the newest frame, not one that waited
    assert float(np.median(line.latencies_s)) < 0.002 + 0.004 + 0.02 + 0.015


def test_a_slow_maker_never_waits() -> None:
    line = Line(every_s=0.002, make_s=0.02, take_s=0.004)
    line.run(1.0)
    assert len(line.latencies_s) > 27


def test_both_work_at_the_same_time() -> None:
    line = Line(every_s=0.002, make_s=0.02, take_s=0.02)
    line.run(1.0)
    assert len(line.latencies_s) > 28  # 25 if one waited for the other


def test_a_camera_that_is_slower_than_both_is_followed_frame_by_frame() -> None:
    line = Line(every_s=0.033, make_s=0.008, take_s=0.016)
    line.run(1.0)
    assert len(line.latencies_s) > 20
    assert line.frames.dropped <= 5
    assert float(np.median(line.latencies_s)) < 0.008 + 0.016 + 0.012


def test_calls_are_made_and_a_stop_is_heard_while_nothing_is_wanted() -> None:
    line = Line(every_s=0.002, make_s=0.001, take_s=1.0)
    called_s: list[float] = []
    line.calls.append(lambda: called_s.append(time.monotonic()))
    begun_s = time.monotonic()
    line.run(0.5)
    assert time.monotonic() - begun_s < 0.5 + 1.0 + 0.5
    assert float(np.diff(called_s).max()) < 8 * POLL_S
    assert 3 <= line.makings <= 0.5 / PATIENCE_S + 3  # followed all the while, but less often
