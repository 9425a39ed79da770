"""What every `FrameSource` promises, whatever stands behind it.

A new kind of source adds a `SourceCase` to `CASES`.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from avatarify.frames import Frame, FrameSource, SparingSource
from avatarify.media.image_file import write_image
from avatarify.media.image_folder import ImageFolder, ImageSequence
from avatarify.media.motion_file import Motion
from avatarify.media.motion_source import MotionSource
from avatarify.media.network_stream import NetworkStream
from avatarify.media.realtime import RealTimeSource
from avatarify.media.screen import ScreenSource
from avatarify.media.turned_source import TurnedSource
from avatarify.media.video_file import VideoFile
from avatarify.media.video_writer import VideoWriter
from avatarify.media.webcam import Webcam
from tests.linux_session import LinuxSession
from tests.media.mjpeg_server import MjpegServer


@dataclass(frozen=True, slots=True)
class SourceCase:
    """One kind of source."""

    kind: str
    """Names the case in the test report."""

    open: Callable[[Path], FrameSource]
    """Opens a source that gives at least three frames; may skip the test. The path is a folder
    to work in."""

    is_live: bool = False
    """Whether it never ends and may drop frames."""

    marks: tuple[pytest.MarkDecorator, ...] = ()
    """Such as `pytest.mark.camera`."""


def _frame(index: int) -> Frame:
    return Frame(np.full((48, 64, 3), 20 * index, np.uint8), index / 25, index)


def _video_file(folder: Path) -> FrameSource:
    with VideoWriter(folder / "a.mp4", 25) as writer:
        for index in range(4):
            writer.write(_frame(index))
    return VideoFile(folder / "a.mp4")


def _image_folder(folder: Path) -> FrameSource:
    for index in range(4):
        write_image(folder / f"{index}.png", _frame(index).image)
    return ImageFolder(folder)


def _image_sequence(folder: Path) -> FrameSource:
    write_image(folder / "a.png", _frame(0).image)
    return ImageSequence("still", [folder / "a.png"] * 3)


def _turned(folder: Path) -> FrameSource:
    _video_file(folder).close()
    return TurnedSource(VideoFile(folder / "a.mp4"), 90)


def _saved_motion(_folder: Path) -> FrameSource:
    landmarks, blendshapes = np.ones((4, 478, 3), np.float32), np.zeros((4, 52), np.float32)
    motion = Motion(landmarks, blendshapes, 7.0 + np.arange(4) / 25, (48, 64))
    return MotionSource("motion.npz", motion)


class _Together:
    """A source and what it looks at, closed together."""

    def __init__(self, source: FrameSource, close_other: Callable[[], None]) -> None:
        self._source = source
        self._close_other = close_other

    @property
    def name(self) -> str:
        return self._source.name

    @property
    def fps(self) -> float:
        return self._source.fps

    def read(self) -> Frame | None:
        return self._source.read()

    def close(self) -> None:
        self._source.close()
        self._close_other()


def _real_time(folder: Path) -> FrameSource:
    _video_file(folder).close()
    return RealTimeSource(lambda: VideoFile(folder / "a.mp4"), loop=True)


def _network_stream(_folder: Path) -> FrameSource:
    phone = MjpegServer(repeat_after_s=0.01)
    phone.show(*[_frame(index).image for index in range(5)])
    return _Together(NetworkStream(f"{phone.address}/video"), phone.close)


def _screen(folder: Path) -> FrameSource:
    if shutil.which("Xvfb") is None:
        pytest.skip("needs the package xvfb")
    session = LinuxSession(folder)
    session.start_display()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DISPLAY", session.environment["DISPLAY"])
        patch.delenv("WAYLAND_DISPLAY", raising=False)
        return _Together(ScreenSource(fps=100), session.close)


def _webcam(_folder: Path) -> FrameSource:
    if "pw-v4l2" not in os.environ.get("LD_PRELOAD", ""):
        pytest.skip("test_webcam.py runs this case where PipeWire's cameras are V4L2 devices")
    return Webcam("Test webcam")


CASES = [
    SourceCase("video file", _video_file),
    SourceCase("image folder", _image_folder),
    SourceCase("image sequence", _image_sequence),
    SourceCase("turned video file", _turned),
    SourceCase("saved motion", _saved_motion),
    SourceCase("file in real time", _real_time, is_live=True),
    SourceCase("network stream", _network_stream, is_live=True),
    SourceCase("screen", _screen, is_live=True),
    SourceCase("webcam", _webcam, is_live=True, marks=(pytest.mark.camera,)),
]


@pytest.fixture(params=[pytest.param(case, id=case.kind, marks=case.marks) for case in CASES])
def case(request: pytest.FixtureRequest) -> SourceCase:
    chosen: SourceCase = request.param
    return chosen


@pytest.fixture
def source(case: SourceCase, tmp_path: Path) -> Iterator[FrameSource]:
    opened = case.open(tmp_path)
    yield opened
    opened.close()


def _read_three(source: FrameSource) -> list[Frame]:
    frames = [source.read() for _ in range(3)]
    assert all(frame is not None for frame in frames)
    return [frame for frame in frames if frame is not None]


def test_it_has_a_name_and_a_rate(source: FrameSource) -> None:
    assert source.name
    assert source.fps > 0


def test_frames_are_contiguous_rgb_bytes(source: FrameSource) -> None:
    for frame in _read_three(source):
        assert frame.image.dtype == np.uint8
        assert frame.image.ndim == 3
        assert frame.image.shape[2] == 3
        assert frame.image.flags.c_contiguous


def test_indices_and_times_grow(source: FrameSource) -> None:
    frames = _read_three(source)
    assert all(np.diff([frame.index for frame in frames]) >= 1)
    assert all(np.diff([frame.time_s for frame in frames]) > 0)


def test_files_count_every_frame_from_the_first(case: SourceCase, source: FrameSource) -> None:
    if case.is_live:
        pytest.skip("a live source may drop frames, and its clock is the machine's")
    frames = _read_three(source)
    assert [frame.index for frame in frames] == [0, 1, 2]
    assert frames[0].time_s == 0.0


def test_a_frame_belongs_to_its_reader(source: FrameSource) -> None:
    first, *_ = frames = _read_three(source)
    before = first.image.copy()
    source.read()
    np.testing.assert_array_equal(first.image, before)
    assert not np.shares_memory(first.image, frames[1].image)


def test_files_end_and_stay_at_their_end(case: SourceCase, source: FrameSource) -> None:
    if case.is_live:
        pytest.skip("a live source never ends")
    assert len(list(iter(source.read, None))) >= 3
    assert source.read() is None


def test_frames_that_go_by_are_counted(source: FrameSource) -> None:
    if not isinstance(source, SparingSource):
        pytest.skip("this source makes a picture of every frame")
    before = source.read()
    for _ in range(3):
        source.skip()
    after = source.read()
    assert before is not None
    assert after is not None
    assert after.index >= before.index + 4
    assert after.time_s > before.time_s


def test_closing_twice_does_nothing_more(source: FrameSource) -> None:
    source.read()
    source.close()
    source.close()


def test_closing_before_the_first_frame_is_fine(source: FrameSource) -> None:
    source.close()
