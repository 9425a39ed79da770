from pathlib import Path

import numpy as np
import pytest

from avatarify.errors import ImageError, OutputError, VideoError
from avatarify.frames import Frame, Image
from avatarify.media.image_file import write_image
from avatarify.media.image_folder import ImageFolder, ImageFolderWriter, ImageSequence
from tests.full_disk import file_size_limit


def _plain(level: int) -> Image:
    return np.full((4, 6, 3), level, np.uint8)


def test_pictures_come_in_the_order_people_count(tmp_path: Path) -> None:
    for level, name in enumerate(["1.png", "2.png", "10.png", "b2x1.png", "b2x10.png"]):
        write_image(tmp_path / name, _plain(level))
    with ImageFolder(tmp_path) as folder:
        frames = list(iter(folder.read, None))
    assert [int(frame.image[0, 0, 0]) for frame in frames] == [0, 1, 2, 3, 4]
    assert [frame.index for frame in frames] == [0, 1, 2, 3, 4]


def test_times_follow_from_the_rate(tmp_path: Path) -> None:
    for index in range(3):
        write_image(tmp_path / f"{index}.png", _plain(index))
    with ImageFolder(tmp_path, fps=10) as folder:
        assert folder.fps == 10
        assert folder.frame_count == 3
        times_s = [frame.time_s for frame in iter(folder.read, None)]
    assert times_s == pytest.approx([0, 0.1, 0.2])


def test_other_and_hidden_files_are_left_out(tmp_path: Path) -> None:
    write_image(tmp_path / "a.PNG", _plain(1))
    (tmp_path / "._a.png").write_bytes(b"left by macOS")
    (tmp_path / "Thumbs.db").write_bytes(b"left by Windows")
    (tmp_path / "notes.txt").write_text("mine")
    with ImageFolder(tmp_path) as folder:
        assert folder.frame_count == 1


def test_an_empty_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(VideoError, match="holds no images"):
        ImageFolder(tmp_path)


def test_a_missing_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(VideoError, match="There is no folder"):
        ImageFolder(tmp_path / "missing")


def test_a_broken_picture_is_named(tmp_path: Path) -> None:
    write_image(tmp_path / "0.png", _plain(0))
    (tmp_path / "1.png").write_bytes((tmp_path / "0.png").read_bytes()[:-20])
    with ImageFolder(tmp_path) as folder:
        folder.read()
        with pytest.raises(ImageError, match=r"1\.png is damaged"):
            folder.read()


def test_a_sequence_without_pictures_is_the_callers_mistake() -> None:
    with pytest.raises(ValueError, match="needs pictures"):
        ImageSequence("nothing", [])


def test_written_frames_come_back_unchanged(tmp_path: Path) -> None:
    images = [np.random.default_rng(i).integers(0, 255, (5, 7, 3), np.uint8) for i in range(12)]
    with ImageFolderWriter(tmp_path / "out") as writer:
        for index, image in enumerate(images):
            writer.write(Frame(image, index / 25, index))
    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert names == [f"{index:06d}.png" for index in range(12)]
    with ImageFolder(tmp_path / "out") as folder:
        for image, frame in zip(images, iter(folder.read, None), strict=True):
            np.testing.assert_array_equal(frame.image, image)


def test_frames_that_lie_there_are_never_mixed_with_new_ones(tmp_path: Path) -> None:
    write_image(tmp_path / "000000.png", _plain(1))
    with pytest.raises(OutputError, match="already holds frames"):
        ImageFolderWriter(tmp_path)


def test_a_folder_made_for_nothing_disappears(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    ImageFolderWriter(tmp_path / "there").close()
    ImageFolderWriter(tmp_path / "new").close()
    assert [path.name for path in tmp_path.iterdir()] == ["there"]


def test_a_file_in_the_way_is_told(tmp_path: Path) -> None:
    (tmp_path / "out").touch()
    with pytest.raises(OutputError, match="is a file"):
        ImageFolderWriter(tmp_path / "out")


def test_a_missing_parent_is_told(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="does not exist"):
        ImageFolderWriter(tmp_path / "missing" / "out")


def test_a_full_disk_leaves_whole_pictures_only(tmp_path: Path) -> None:
    with ImageFolderWriter(tmp_path / "out") as writer:
        writer.write(Frame(_plain(1), 0.0, 0))
        full = pytest.raises(OutputError, match=r"000001\.png. The disk is full")
        with file_size_limit(50), full:
            writer.write(Frame(_plain(2), 0.1, 1))
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["000000.png"]
