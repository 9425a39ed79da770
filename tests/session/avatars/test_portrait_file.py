from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pillow

from avatarify.session.avatars.portrait_file import read_portrait


def test_of_an_animated_portrait_the_first_picture_is_taken_and_that_is_said(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    red, green = (Pillow.new("RGB", (64, 64), colour) for colour in ("#c02020", "#20c020"))
    red.save(tmp_path / "a.webp", save_all=True, append_images=[green], lossless=True)
    avatar = read_portrait(tmp_path / "a.webp")
    assert np.abs(avatar.image.mean(axis=(0, 1)) - (0xC0, 0x20, 0x20)).max() < 3
    assert "a.webp holds 2 pictures. The first one is taken." in caplog.text
