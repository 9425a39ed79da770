"""Saved motion as frames: as fast as wanted, by the clock, and in loops."""

from dataclasses import replace

import numpy as np
import pytest

from avatarify.media import realtime
from avatarify.media.motion_file import Motion
from avatarify.media.motion_source import MotionFrame, MotionSource
from avatarify.media.realtime import RealTimeSource
from tests.made_clock import Clock


def motion(lost: tuple[int, ...] = ()) -> Motion:
    """Ten moments, a tenth of a second apart from 5 s on; in number n everything lies at n."""
    landmarks = np.zeros((10, 478, 3), np.float32) + np.arange(10, dtype=np.float32)[:, None, None]
    blendshapes = np.zeros((10, 52), np.float32) + np.arange(10, dtype=np.float32)[
        :, None
    ] / np.float32(10)
    landmarks[list(lost)] = np.nan
    return Motion(landmarks, blendshapes, 5.0 + np.arange(10) / 10, (48, 64))


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(realtime, "time", clock)
    return clock


def places(source: MotionSource | RealTimeSource, count: int) -> list[float | None]:
    """Where the landmarks of the next frames lie."""
    frames = [source.read() for _ in range(count)]
    assert all(isinstance(frame, MotionFrame) for frame in frames)
    return [
        None if frame.landmarks is None else float(frame.landmarks[0, 0])
        for frame in frames
        if isinstance(frame, MotionFrame)
    ]


def test_as_fast_as_it_is_read() -> None:
    source = MotionSource("a.npz", motion())
    frames = list(iter(source.read, None))
    np.testing.assert_allclose([frame.time_s for frame in frames], np.arange(10) / 10)
    assert [frame.index for frame in frames] == list(range(10))
    assert frames[3].blendshapes is not None
    np.testing.assert_allclose(frames[3].blendshapes, np.full(52, 0.3, np.float32))
    assert source.fps == pytest.approx(10)
    assert (source.name, source.frame_count, source.has_sound) == ("a.npz", 10, False)


def test_the_picture_is_grey_and_as_large_as_the_drivers() -> None:
    frame = MotionSource("a.npz", motion()).read()
    assert frame is not None
    assert frame.image.shape == (48, 64, 3)
    assert set(np.unique(frame.image)) == {127}


def test_a_face_that_was_not_seen_is_none() -> None:
    source = MotionSource("a.npz", motion(lost=(1, 2)))
    assert places(source, 4) == [0.0, None, None, 3.0]


def test_what_a_frame_carries_belongs_to_its_reader() -> None:
    saved = motion()
    frame = MotionSource("a.npz", saved).read()
    assert frame is not None
    assert frame.landmarks is not None
    frame.landmarks[:] = 99
    assert saved.landmarks[0].max() == 0


def test_by_the_clock_it_comes_when_it_is_due(clock: Clock) -> None:
    source = RealTimeSource(lambda: MotionSource("a.npz", motion()))
    first, second = source.read(), source.read()
    assert isinstance(second, MotionFrame)
    assert first is not None
    assert second.time_s - first.time_s == pytest.approx(0.1)
    clock.sleep(0.35)  # it is 0.45 s: moments 2 and 3 are past
    assert places(source, 1) == [4.0]


def test_a_loop_goes_on_without_a_pause(clock: Clock) -> None:
    source = RealTimeSource(lambda: MotionSource("a.npz", motion()), loop=True)
    assert places(source, 12) == [*map(float, range(10)), 0.0, 1.0]
    assert clock.now_s == pytest.approx(101.1)
    frame = source.read()
    assert frame is not None
    assert frame.index == 12


def test_closing_ends_it() -> None:
    with MotionSource("a.npz", motion()) as source:
        assert source.read() is not None
    assert source.read() is None


def test_a_frame_can_be_changed_like_any_other() -> None:
    frame = MotionSource("a.npz", motion()).read()
    assert frame is not None
    later = replace(frame, time_s=9.0)
    assert later.landmarks is frame.landmarks
