"""Words for backgrounds."""

from pathlib import Path

import numpy as np
import pytest

from avatarify.animation.face.scenery import GREEN
from avatarify.errors import ImageError, SettingsError
from avatarify.media.image_file import write_image
from avatarify.session.avatars.backgrounds import read_background


@pytest.mark.parametrize("text", ["", "own"])
def test_the_own_room(text: str) -> None:
    assert read_background(text).kind == "own"


def test_words_and_colours() -> None:
    assert read_background("blur").kind == "blur"
    assert read_background("green").colour == GREEN
    assert read_background("#204060").colour == (0x20, 0x40, 0x60)
    assert read_background("#AbCdEf").colour == (0xAB, 0xCD, 0xEF)


def test_a_picture(tmp_path: Path) -> None:
    write_image(tmp_path / "wall.png", np.full((3, 5, 3), 9, np.uint8))
    scenery = read_background(str(tmp_path / "wall.png"))
    assert scenery.kind == "picture"
    assert scenery.picture is not None
    assert scenery.picture.shape == (3, 5, 3)


@pytest.mark.parametrize("text", ["#20406", "#20406g", "grean", "nowhere/wall.png"])
def test_what_is_none_is_told(text: str) -> None:
    with pytest.raises(SettingsError, match="own, blur, green"):
        read_background(text)


def test_a_file_that_is_no_picture_is_told(tmp_path: Path) -> None:
    (tmp_path / "wall.png").write_text("no picture")
    with pytest.raises(ImageError, match=r"wall\.png"):
        read_background(str(tmp_path / "wall.png"))
