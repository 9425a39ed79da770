from pathlib import Path

import numpy as np
import pytest

from avatarify.errors import OutputError, VideoError
from avatarify.frames import Frame
from avatarify.media.file_choice import open_sink, open_source
from avatarify.media.image_file import write_image
from avatarify.media.image_folder import ImageFolder, ImageFolderWriter, ImageSequence
from avatarify.media.motion_file import Motion, write_motion
from avatarify.media.motion_source import MotionSource
from avatarify.media.video_file import VideoFile
from avatarify.media.video_writer import VideoWriter

FACES, SHAPES = np.ones((2, 478, 3), np.float32), np.zeros((2, 52), np.float32)
GREY = np.full((32, 32, 3), 127, np.uint8)


def test_a_path_tells_what_is_read(tmp_path: Path) -> None:
    write_image(tmp_path / "a.png", GREY)
    with VideoWriter(tmp_path / "a.mp4", 30) as writer:
        writer.write(Frame(GREY, 0.0, 0))
    write_motion(tmp_path / "a.npz", Motion(FACES, SHAPES, np.array([0.0, 0.04]), (48, 64)))
    assert isinstance(open_source(tmp_path / "a.npz"), MotionSource)
    assert isinstance(open_source(tmp_path), ImageFolder)
    with open_source(tmp_path / "a.mp4") as video:
        assert isinstance(video, VideoFile)
    still = open_source(tmp_path / "a.png", fps=5)
    assert type(still) is ImageSequence
    assert still.frame_count == 1
    assert still.fps == 5


def test_a_missing_path_is_told(tmp_path: Path) -> None:
    with pytest.raises(VideoError, match="There is no video"):
        open_source(tmp_path / "missing.png")


@pytest.mark.parametrize("name", ["out/", "out", "there"])
def test_pictures_go_to_a_folder(tmp_path: Path, name: str) -> None:
    (tmp_path / "there").mkdir()
    assert isinstance(open_sink(f"{tmp_path}/{name}", 25), ImageFolderWriter)


@pytest.mark.parametrize("name", ["a.mp4", "a.MP4", "a.mov"])
def test_a_video_goes_to_a_file(tmp_path: Path, name: str) -> None:
    sink = open_sink(f"{tmp_path}/{name}", 25)
    assert isinstance(sink, VideoWriter)
    sink.close()


def test_another_ending_is_told(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"neither an \.mp4 or \.webm file nor a folder"):
        open_sink(f"{tmp_path}/a.avi", 25)
