"""A recording has a fixed rate whatever the output did, and ends cleanly when the disk is full."""

from collections.abc import Callable
from threading import Event
from time import sleep
from typing import Any

from avatarify.errors import OutputError
from avatarify.frames import Frame, Image
from avatarify.streaming.recording import Recorder


def test_each_moment_shows_the_picture_of_its_time(
    sink: Any, plain: Callable[[int], Image]
) -> None:
    ends: list[Exception | None] = []
    recorder = Recorder(sink, fps=10, at_end=ends.append)
    recorder.offer(plain(1), 50.0)
    recorder.offer(plain(2), 50.3)  # three periods later
    recorder.offer(plain(3), 50.34)  # within the same period: not shown
    recorder.offer(plain(4), 50.5)
    recorder.finish()
    assert recorder.join(10)
    assert [int(frame.image[0, 0, 0]) for frame in sink.frames] == [1, 1, 1, 2, 3, 4]
    assert [round(frame.time_s, 6) for frame in sink.frames] == [0, 0.1, 0.2, 0.3, 0.4, 0.5]
    assert ends == [None]
    assert sink.is_closed


def test_a_full_disk_ends_the_recording_with_its_error(plain: Callable[[int], Image]) -> None:
    ends: list[Exception | None] = []

    class FullDisk:
        def write(self, frame: Frame) -> None:
            raise OutputError("The disk is full. Free some space.")

        def close(self) -> None:
            raise OutputError("The disk is full. Free some space.")

    recorder = Recorder(FullDisk(), fps=10, at_end=ends.append)
    recorder.offer(plain(1), 0.0)
    assert recorder.join(10)
    recorder.offer(plain(1), 0.1)  # harmless
    assert isinstance(ends[0], OutputError)
    assert len(ends) == 1


def test_what_was_shown_is_written_however_long_it_takes(plain: Callable[[int], Image]) -> None:
    levels: list[int] = []

    class BusyMachine:
        def write(self, frame: Frame) -> None:
            sleep(0.05)
            levels.append(int(frame.image[0, 0, 0]))

        def close(self) -> None:
            pass

    recorder = Recorder(BusyMachine(), fps=10, at_end=lambda error: None)
    for number in range(12):
        recorder.offer(plain(number), number / 10)
    recorder.finish()
    assert recorder.join(0.3)  # for each picture, not for all
    assert levels == list(range(12))


def test_a_machine_that_is_too_slow_repeats_nothing_and_keeps_the_time(
    plain: Callable[[int], Image],
) -> None:
    may_go_on, written = Event(), list[tuple[int, float]]()

    class SlowMachine:
        keeps_times = True

        def write(self, frame: Frame) -> None:
            may_go_on.wait(10)
            written.append((int(frame.image[0, 0, 0]), round(frame.time_s, 6)))

        def close(self) -> None:
            pass

    recorder = Recorder(SlowMachine(), fps=10, at_end=lambda error: None, capacity=2)
    for number in range(60):
        recorder.offer(plain(number), number / 10)
    may_go_on.set()
    while len(written) < 2:
        sleep(0.01)
    recorder.offer(plain(60), 6.0)
    recorder.finish()
    assert recorder.join(10)
    assert recorder.skipped > 50
    assert len(written) < 6
    assert written[-1] == (60, 6.0)
    assert recorder.written == 61


def test_a_disk_that_hangs_is_not_waited_for(plain: Callable[[int], Image]) -> None:
    release = Event()

    class HungDisk:
        def write(self, frame: Frame) -> None:
            release.wait(10)

        def close(self) -> None:
            pass

    recorder = Recorder(HungDisk(), fps=10, at_end=lambda error: None)
    recorder.offer(plain(1), 0.0)
    recorder.finish()
    assert not recorder.join(0.05)
    release.set()
    assert recorder.join(10)


def test_a_slow_disk_never_holds_the_output_up(plain: Callable[[int], Image]) -> None:
    release, began = Event(), Event()
    levels: list[int] = []

    class SlowDisk:
        def write(self, frame: Frame) -> None:
            began.set()
            release.wait(10)
            levels.append(int(frame.image[0, 0, 0]))

        def close(self) -> None:
            pass

    recorder = Recorder(SlowDisk(), fps=10, at_end=lambda error: None, capacity=2)
    recorder.offer(plain(0), 0.0)
    began.wait(10)
    for number in range(1, 11):
        recorder.offer(plain(number), number / 10)
    assert recorder.skipped == 8
    release.set()
    recorder.finish()
    recorder.join(10)
    assert levels == [0, 1, 2]
