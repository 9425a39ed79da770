"""Reader and writer in threads of their own lose, reorder and hide nothing."""

import numpy as np
import pytest

from avatarify.errors import OutputError, VideoError
from avatarify.frames import Frame
from avatarify.session.offline.overlap import reading_ahead, writing_behind


def _frame(index: int) -> Frame:
    return Frame(np.zeros((2, 2, 3), dtype=np.uint8), index / 25, index)


def test_all_frames_come_in_order() -> None:
    frames = iter([*map(_frame, range(20)), None])
    with reading_ahead(lambda: next(frames), capacity=3) as ahead:
        assert [frame.index for frame in ahead] == list(range(20))


def test_a_broken_file_is_noticed_after_its_good_frames() -> None:
    def read() -> Frame | None:
        if len(handed) == 2:
            raise VideoError("the rest is damaged")
        handed.append(1)
        return _frame(len(handed) - 1)

    seen: list[int] = []
    handed: list[int] = []

    def watch() -> None:
        with reading_ahead(read) as ahead:
            for frame in ahead:
                seen.append(frame.index)

    with pytest.raises(VideoError, match="damaged"):
        watch()
    assert seen == [0, 1]


def test_leaving_early_ends_the_reader() -> None:
    read: list[int] = []

    def endless() -> Frame:
        read.append(1)
        return _frame(len(read))

    with reading_ahead(endless, capacity=2) as ahead:
        next(ahead)
    before = len(read)
    assert before <= 5
    assert len(read) == before


def test_the_end_waits_for_the_last_frame() -> None:
    written: list[int] = []
    with writing_behind(lambda frame: written.append(frame.index), capacity=2) as write:
        for index in range(20):
            write(_frame(index))
    assert written == list(range(20))


def test_what_was_offered_before_an_interruption_is_written() -> None:
    written: list[int] = []

    def interrupted() -> None:
        with writing_behind(lambda frame: written.append(frame.index)) as write:
            write(_frame(0))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert written == [0]


def _onto_a_full_disk(frames: int) -> None:
    def write_nothing(frame: Frame) -> None:
        raise OutputError("the disk is full")

    with writing_behind(write_nothing, capacity=1) as write:
        for index in range(frames):
            write(_frame(index))


@pytest.mark.parametrize("frames", [1, 100])
def test_a_full_disk_is_noticed_meanwhile_or_at_the_end(frames: int) -> None:
    with pytest.raises(OutputError, match="full"):
        _onto_a_full_disk(frames)
