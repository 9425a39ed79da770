"""Offline runs of the face engine on saved motion: no tracker, no picture of a driver."""

from pathlib import Path
from threading import Event

import numpy as np
import pytest

from avatarify.errors import OutputError, SettingsError, TrackerError
from avatarify.frames import Frame
from avatarify.media.image_file import read_image
from avatarify.media.motion_file import write_motion
from avatarify.media.video_file import VideoFile
from avatarify.media.video_writer import VideoWriter
from avatarify.session.avatars.portrait_file import read_portrait
from avatarify.session.offline.face_animation import FaceAnimation
from avatarify.session.offline.settings import OfflineSettings, Stage
from tests.drivers import made_motion, write_small_portrait


class Listener:
    def __init__(self) -> None:
        self.stages: list[Stage] = []

    def notice(self, text: str) -> None:
        pass

    def begin(self, stage: Stage, total: int | None) -> None:
        self.stages.append(stage)

    def advance(self) -> None:
        pass


@pytest.fixture
def motion(tmp_path: Path) -> Path:
    path = tmp_path / "motion.npz"
    write_motion(path, made_motion(6, missing=(3,)))
    return path


def animation(motion: Path, output: str, **changes: object) -> FaceAnimation:
    avatar = write_small_portrait(motion.with_name("maya.png"))
    settings = OfflineSettings(avatar, motion, output, **changes)  # type: ignore[arg-type]
    return FaceAnimation(settings, read_portrait(avatar), None, Listener(), Event())


def test_saved_motion_moves_a_portrait_without_a_tracker(motion: Path, tmp_path: Path) -> None:
    output = tmp_path / "out.mp4"
    assert animation(motion, str(output)).run() == 6
    with VideoFile(output) as video:
        frames = list(iter(video.read, None))
    assert len(frames) == 6
    assert frames[0].image.shape == (360, 640, 3)
    assert np.abs(frames[0].image.astype(int) - frames[-1].image).mean() > 0.5


def test_a_lost_face_holds_its_last_motion(motion: Path, tmp_path: Path) -> None:
    animation(motion, f"{tmp_path}/png/").run()
    pictures = [read_image(path).astype(int) for path in sorted((tmp_path / "png").iterdir())]
    held = np.abs(pictures[3] - pictures[2]).mean()
    moved = np.abs(pictures[5] - pictures[2]).mean()
    assert held < 0.6 * moved  # only the smoothing still settles


def test_the_height_can_be_chosen(motion: Path, tmp_path: Path) -> None:
    animation(motion, f"{tmp_path}/png/", size=180).run()
    assert read_image(next((tmp_path / "png").iterdir())).shape == (180, 320, 3)


def test_portrait_driver_and_result_stand_side_by_side(motion: Path, tmp_path: Path) -> None:
    animation(motion, f"{tmp_path}/png/", size=180, is_side_by_side=True).run()
    row = read_image(next((tmp_path / "png").iterdir()))
    assert row.shape == (180, 3 * 320, 3)
    assert row[:, 320:640].std() > 0  # the driver's points, for there is no picture


def test_a_reference_without_a_face_is_refused(motion: Path, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="shows no face"):
        animation(motion, f"{tmp_path}/png/", reference=3).run()


def test_a_video_needs_a_tracker(tmp_path: Path) -> None:
    clip = tmp_path / "clip.mp4"
    with VideoWriter(clip, 30) as writer:
        writer.write(Frame(np.zeros((64, 64, 3), np.uint8), 0.0, 0))
    with pytest.raises(TrackerError, match="saved motion"):
        animation(clip, f"{tmp_path}/png/").run()


def test_what_is_read_is_not_overwritten(motion: Path, tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="what is read"):
        animation(motion, str(motion)).run()
