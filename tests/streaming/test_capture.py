"""Capturing survives everything a device can do, except a file that stays broken."""

from collections.abc import Callable
from threading import Event, Timer
from typing import ClassVar

import numpy as np
import pytest

from avatarify.errors import CameraError, VideoError
from avatarify.frames import Frame, FrameSource
from avatarify.streaming.capture import Capture
from avatarify.streaming.hand_over import LatestFrame
from avatarify.streaming.statistics import StreamStatistics


class ScriptedCamera:
    """Delivers, raises or ends as its script says; then ends."""

    def __init__(self, script: list[Frame | Exception]) -> None:
        self._script = script
        self.is_closed = False

    name = "scripted"
    fps = 30.0

    def read(self) -> Frame | None:
        if not self._script:
            return None
        step = self._script.pop(0)
        if isinstance(step, Exception):
            raise step
        return step

    def close(self) -> None:
        self.is_closed = True


class Diary:
    """A listener that writes down what it hears."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.delivered = 0

    def camera_opened(self, name: str, fps: float) -> None:
        self.lines.append("opened")

    def camera_delivered(self) -> None:
        self.delivered += 1

    def camera_lost(self, error: Exception) -> None:
        self.lines.append(f"lost: {error}")

    def camera_released(self) -> None:
        self.lines.append("released")

    def camera_ended(self) -> None:
        self.lines.append("ended")

    def camera_failed(self, error: Exception) -> None:
        self.lines.append(f"failed: {error}")


@pytest.fixture
def frame() -> Callable[[int], Frame]:
    return lambda index: Frame(np.zeros((4, 4, 3), np.uint8), index / 30, index)


def capture(cameras: list[ScriptedCamera | Exception], diary: Diary) -> LatestFrame[Frame]:
    """Run a capture over the cameras, which open one after the other, until the last ends."""
    frames: LatestFrame[Frame] = LatestFrame()

    def open_next() -> FrameSource:
        camera = cameras.pop(0)
        if isinstance(camera, Exception):
            raise camera
        return camera

    loop = Capture(
        open_next,
        frames,
        diary,
        StreamStatistics(()),
        is_final=lambda error: isinstance(error, VideoError),
    )
    loop(Event())
    return frames


def test_frames_arrive_and_the_end_is_told(frame: Callable[[int], Frame]) -> None:
    diary, camera = Diary(), ScriptedCamera([frame(0), frame(1)])
    frames = capture([camera], diary)
    assert diary.lines == ["opened", "ended"]
    assert camera.is_closed
    latest = frames.take(0)
    assert latest is not None
    assert latest.index == 1
    assert frames.dropped == 1


def test_a_lost_camera_is_opened_again(frame: Callable[[int], Frame]) -> None:
    diary = Diary()
    first = ScriptedCamera([frame(0), CameraError("unplugged")])
    capture([first, CameraError("busy"), ScriptedCamera([frame(1)])], diary)
    assert diary.lines == ["opened", "lost: unplugged", "lost: busy", "opened", "ended"]
    assert first.is_closed


def test_any_exception_of_a_driver_is_a_loss(frame: Callable[[int], Frame]) -> None:
    diary = Diary()
    capture([ScriptedCamera([RuntimeError("driver")]), ScriptedCamera([frame(0)])], diary)
    assert diary.lines == ["lost: driver", "opened", "ended"]


def test_a_broken_file_is_given_up() -> None:
    diary = Diary()
    capture([VideoError("no frames")], diary)
    assert diary.lines == ["failed: no frames"]


def test_a_camera_that_nobody_wants_is_closed_and_opened_for_who_does(
    frame: Callable[[int], Frame],
) -> None:
    diary, wanted = Diary(), Event()
    wanted.set()

    class Fading(ScriptedCamera):
        def read(self) -> Frame | None:
            wanted.clear()
            return super().read()

    first, second = Fading([frame(0), frame(1)]), ScriptedCamera([frame(2)])
    cameras: list[FrameSource] = [first, second]
    frames: LatestFrame[Frame] = LatestFrame()
    loop = Capture(
        lambda: cameras.pop(0), frames, diary, StreamStatistics(()), is_wanted=wanted.is_set
    )
    Timer(0.2, wanted.set).start()
    loop(Event())
    assert diary.lines == ["opened", "released", "opened", "ended"]
    assert first.is_closed
    assert second.is_closed


def test_frames_that_nobody_looks_at_go_by_undecoded(frame: Callable[[int], Frame]) -> None:
    class Sparing(ScriptedCamera):
        read_indices: ClassVar[list[int]] = []
        skipped = 0

        def read(self) -> Frame | None:
            read = super().read()
            if read is not None:
                self.read_indices.append(read.index)
            return read

        def skip(self) -> None:
            self.skipped += 1
            super().read()

    diary, camera = Diary(), Sparing([frame(index) for index in range(6)])
    frames: LatestFrame[Frame] = LatestFrame()
    loop = Capture(
        lambda: camera, frames, diary, StreamStatistics(()),
        is_looked_at=lambda: camera.skipped >= 3,
    )  # fmt: skip
    loop(Event())
    assert camera.read_indices == [0, 4, 5]
    assert frames.dropped == 2
    assert diary.delivered == 6
    assert diary.lines == ["opened", "ended"]


def test_stopping_ends_the_wait_for_somebody_who_wants_pictures() -> None:
    stopping = Event()
    stopping.set()
    diary = Diary()
    loop = Capture(
        lambda: ScriptedCamera([]), LatestFrame(), diary, StreamStatistics(()),
        is_wanted=lambda: False,
    )  # fmt: skip
    loop(stopping)
    assert diary.lines == []
