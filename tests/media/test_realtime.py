from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest

from avatarify.frames import Frame
from avatarify.media import realtime
from avatarify.media.realtime import RealTimeSource
from avatarify.media.video_file import VideoFile
from avatarify.media.video_writer import VideoWriter
from tests.made_clock import Clock


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(realtime, "time", clock)
    return clock


@dataclass
class TenFrames:
    """Ten frames, a tenth of a second apart; frame n is n grey levels bright."""

    clock: Clock
    decoding_s: float = 0.0
    name: str = "ten"
    fps: float = 10.0
    is_closed: bool = False
    _next: Iterator[int] = field(default_factory=lambda: iter(range(10)))

    def read(self) -> Frame | None:
        self.clock.sleep(self.decoding_s)
        index = next(self._next, None)
        if index is None:
            return None
        return Frame(np.full((8, 8, 3), index, np.uint8), index / 10, index)

    def close(self) -> None:
        self.is_closed = True


def indices(source: RealTimeSource, count: int) -> list[int]:
    frames = [source.read() for _ in range(count)]
    return [frame.index for frame in frames if frame is not None]


def test_frames_come_when_they_are_due(clock: Clock) -> None:
    source = RealTimeSource(lambda: TenFrames(clock))
    frames = [source.read() for _ in range(10)]
    assert [frame and frame.index for frame in frames] == list(range(10))
    times = [frame.time_s for frame in frames if frame is not None]
    np.testing.assert_allclose(times, 100 + np.arange(10) / 10)
    assert source.read() is None
    assert source.read() is None


def test_the_clock_starts_with_the_first_read(clock: Clock) -> None:
    source = RealTimeSource(lambda: TenFrames(clock))
    clock.sleep(60)
    assert indices(source, 3) == [0, 1, 2]


def test_a_late_reader_misses_what_is_past(clock: Clock) -> None:
    source = RealTimeSource(lambda: TenFrames(clock))
    assert indices(source, 2) == [0, 1]
    clock.sleep(0.35)  # now 0.45: frames 2 and 3 are past, 4 is the newest that is due
    frame = source.read()
    assert frame is not None
    assert (frame.index, frame.image[0, 0, 0]) == (4, 4)
    assert frame.time_s == pytest.approx(100.45)
    assert indices(source, 1) == [5]


def test_a_loop_goes_on_without_pause_or_repetition(clock: Clock) -> None:
    rounds: list[TenFrames] = []

    def open_next() -> TenFrames:
        rounds.append(TenFrames(clock))
        return rounds[-1]

    source = RealTimeSource(open_next, loop=True)
    frames = [source.read() for _ in range(25)]
    assert [frame and frame.index for frame in frames] == list(range(25))
    assert [frame.image[0, 0, 0] for frame in frames[10:12] if frame] == [0, 1]
    np.testing.assert_allclose([f.time_s for f in frames if f], 100 + np.arange(25) / 10)
    assert [played.is_closed for played in rounds] == [True, True, False]
    source.close()
    assert rounds[-1].is_closed


def test_a_file_that_decodes_too_slowly_plays_slowly_but_plays(clock: Clock) -> None:
    source = RealTimeSource(lambda: TenFrames(clock, decoding_s=0.15), loop=True)
    seen = indices(source, 6)
    assert len(seen) == 6
    assert np.all(np.diff(seen) >= 1)


def test_after_closing_nothing_comes(clock: Clock) -> None:
    source = RealTimeSource(lambda: TenFrames(clock), loop=True)
    source.read()
    source.close()
    source.close()
    assert source.read() is None


def test_a_real_video_plays_with_its_name_and_rate(tmp_path: Path) -> None:
    with VideoWriter(tmp_path / "short.mp4", 50) as writer:
        for index in range(5):
            writer.write(Frame(np.full((48, 64, 3), 40 * index, np.uint8), index / 50, index))
    with RealTimeSource(lambda: VideoFile(tmp_path / "short.mp4"), loop=True) as source:
        assert (source.name, source.fps) == ("short.mp4", 50.0)
        frames = [source.read() for _ in range(8)]
    assert all(frame is not None for frame in frames)
