from pathlib import Path

import numpy as np
import pytest

from avatarify.media.image_file import read_image
from avatarify.session.avatars.avatar import SQUARE_SIDE
from avatarify.session.avatars.portrait_intake import take_in


def test_without_the_tracker_the_middle_is_cut_and_that_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("avatarify.session.avatars.portrait_intake.find", lambda _: None)
    image = np.zeros((60, 100, 3), np.uint8)
    image[:, 20:80] = 200
    intake = take_in(image)
    assert intake.picture.shape == (SQUARE_SIDE, SQUARE_SIDE, 3)
    assert intake.picture[:, 8:-8].min() == 200
    assert intake.is_usable
    assert "not checked" in intake.findings[0].text


def test_a_broken_tracker_file_is_no_obstacle(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "face_landmarker.task"
    broken.write_bytes(b"broken")
    monkeypatch.setattr("avatarify.session.avatars.portrait_intake.find", lambda _: broken)
    assert take_in(np.zeros((60, 60, 3), np.uint8)).is_usable


def test_a_portrait_is_cut_around_its_face(shared: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    task = shared / "models" / "face_landmarker.task"
    monkeypatch.setattr("avatarify.session.avatars.portrait_intake.find", lambda _: task)
    portrait = read_image(shared / "stills" / "s9.jpg")
    intake = take_in(portrait)
    assert intake.is_usable
    assert intake.layers is not None
    assert intake.layers.matte.shape == intake.picture.shape[:2]
    wall = np.full((300, 400, 3), 180, np.uint8)
    assert "No face" in take_in(wall).findings[0].text
    assert not take_in(wall).is_usable
