"""A clip on its side, turned; what all sources promise stands in `test_source_contract.py`."""

from pathlib import Path

import numpy as np
import pytest

from avatarify.frames import Frame
from avatarify.media.file_choice import open_source
from avatarify.media.image_file import write_image
from avatarify.media.video_writer import VideoWriter


def _striped(index: int) -> Frame:
    """Bright at the top."""
    image = np.zeros((48, 64, 3), np.uint8)
    image[:16] = 200
    return Frame(image, index / 25, index)


@pytest.mark.parametrize(
    ("degrees", "bright"),
    [(90, np.s_[:, -14:]), (180, np.s_[-14:]), (270, np.s_[:, :14])],
)
@pytest.mark.parametrize("name", ["a.mp4", "a.png", "folder"])
def test_pictures_are_turned_clockwise(
    degrees: int, bright: tuple[slice, ...], name: str, tmp_path: Path
) -> None:
    path = tmp_path / name
    if name == "a.mp4":
        with VideoWriter(path, 25) as writer:
            for index in range(3):
                writer.write(_striped(index))
    elif name == "a.png":
        write_image(path, _striped(0).image)
    else:
        path.mkdir()
        write_image(path / "0.png", _striped(0).image)
    with open_source(path, rotation=degrees) as turned, open_source(path) as plain:
        assert (turned.name, turned.fps, turned.frame_count, turned.has_sound) == (
            plain.name, plain.fps, plain.frame_count, plain.has_sound,
        )  # fmt: skip
        frames, originals = list(iter(turned.read, None)), list(iter(plain.read, None))
    assert [(f.time_s, f.index) for f in frames] == [(f.time_s, f.index) for f in originals]
    for frame in frames:
        assert frame.image.shape[:2] == ((64, 48) if degrees != 180 else (48, 64))
        assert frame.image[bright].min() > 150
        assert frame.image.mean() < 90
