"""What every `FrameSink` promises, whatever stands behind it.

A new kind of sink adds a `SinkCase` to `CASES`.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from avatarify.frames import Frame, FrameSink
from avatarify.media.alpha_video import AlphaVideoWriter
from avatarify.media.file_choice import open_source
from avatarify.media.image_folder import ImageFolderWriter
from avatarify.media.video_writer import VideoWriter
from avatarify.media.virtual_camera import VirtualCamera
from tests.linux_session import LinuxSession, missing_packages
from tests.pipewire_session import PIPEWIRE_PACKAGES


@dataclass(frozen=True, slots=True)
class SinkCase:
    """One kind of sink."""

    kind: str
    """Names the case in the test report."""

    open: Callable[[Path], FrameSink]
    """Opens the sink for frames of 64x48; may skip the test. The path is a folder to work in."""

    written: str | None = None
    """Name in that folder of what can be read back; None for a device."""

    marks: tuple[pytest.MarkDecorator, ...] = ()
    """Such as `pytest.mark.camera`."""


class _PipeWireCamera(VirtualCamera):
    """Our camera in a PipeWire of its own, closed together."""

    def __init__(self, folder: Path) -> None:
        if missing := missing_packages(PIPEWIRE_PACKAGES):
            pytest.skip(f"needs the packages {missing}")
        self._session = LinuxSession(folder)
        self._session.start_bus()
        self._session.start_pipewire()
        with pytest.MonkeyPatch.context() as patch:
            for name in ("XDG_RUNTIME_DIR", "PIPEWIRE_RUNTIME_DIR"):
                patch.setenv(name, self._session.environment[name])
            super().__init__(size=(48, 64), backend="pipewire")

    def close(self) -> None:
        super().close()
        self._session.close()


CASES = [
    SinkCase("video writer", lambda folder: VideoWriter(folder / "a.mp4", 25), "a.mp4"),
    SinkCase(
        "alpha video writer", lambda folder: AlphaVideoWriter(folder / "a.webm", 25), "a.webm"
    ),
    SinkCase("image folder writer", lambda folder: ImageFolderWriter(folder / "out"), "out"),
    SinkCase("virtual camera", _PipeWireCamera, marks=(pytest.mark.camera,)),
]


@pytest.fixture(params=[pytest.param(case, id=case.kind, marks=case.marks) for case in CASES])
def case(request: pytest.FixtureRequest) -> SinkCase:
    chosen: SinkCase = request.param
    return chosen


@pytest.fixture
def sink(case: SinkCase, tmp_path: Path) -> Iterator[FrameSink]:
    opened = case.open(tmp_path)
    yield opened
    opened.close()


def _frame(index: int) -> Frame:
    image = np.random.default_rng(index).integers(0, 255, (48, 64, 3), np.uint8)
    return Frame(image, index / 25, index)


def test_frames_are_left_as_they_are(sink: FrameSink) -> None:
    frame = _frame(0)
    before = frame.image.copy()
    sink.write(frame)
    sink.write(_frame(1))
    np.testing.assert_array_equal(frame.image, before)


def test_frames_that_may_not_be_changed_are_taken(sink: FrameSink) -> None:
    frame = _frame(0)
    frame.image.flags.writeable = False
    sink.write(frame)


def test_as_many_frames_lie_there_as_were_written(case: SinkCase, tmp_path: Path) -> None:
    if case.written is None:
        pytest.skip("a device keeps nothing")
    sink = case.open(tmp_path)
    for index in range(7):
        sink.write(_frame(index))
    sink.close()
    source = open_source(tmp_path / case.written)
    assert len(list(iter(source.read, None))) == 7
    source.close()


def test_closing_twice_does_nothing_more(sink: FrameSink) -> None:
    sink.write(_frame(0))
    sink.close()
    sink.close()


def test_closing_before_the_first_frame_is_fine(sink: FrameSink) -> None:
    sink.close()
