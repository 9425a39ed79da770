"""A camera from memory, at its own rate, showing a clip at the clip's pace."""

from pathlib import Path

import numpy as np
import pytest

from avatarify.frames import Frame
from avatarify.media.video_writer import VideoWriter
from avatarify.session.bench import tireless_camera
from avatarify.session.bench.tireless_camera import CAMERA_FPS, TirelessCamera
from tests.made_clock import Clock


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(tireless_camera, "time", clock)
    return clock


@pytest.fixture
def camera(tmp_path: Path, clock: Clock) -> TirelessCamera:
    """Three pictures at 60 fps, ever brighter."""
    with VideoWriter(tmp_path / "a.mp4", 60) as writer:
        for index in range(3):
            writer.write(Frame(np.full((32, 32, 3), 80 * index, np.uint8), index / 60, index))
    return TirelessCamera(tmp_path / "a.mp4")


def _shown(camera: TirelessCamera) -> int:
    frame = camera.read()
    assert frame is not None
    return round(float(frame.image.mean()) / 80)


def test_each_picture_comes_several_times(camera: TirelessCamera, clock: Clock) -> None:
    # 240 frames a second of 60 pictures a second: four of each, and round again.
    assert [_shown(camera) for _ in range(14)] == [0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 0, 0]
    assert clock.now_s == pytest.approx(100 + 13 / CAMERA_FPS)


def test_a_late_reader_does_not_wait(camera: TirelessCamera, clock: Clock) -> None:
    camera.read()
    clock.sleep(1.0)
    frame = camera.read()
    assert clock.now_s == pytest.approx(101.0)
    assert frame is not None
    assert frame.index == CAMERA_FPS
