from pathlib import Path

import numpy as np
import pytest

from avatarify.geometry.average_face import face_in_the_middle
from avatarify.media.image_file import read_image
from avatarify.session.avatars.avatar import SQUARE_SIDE
from avatarify.session.avatars.portrait_intake import by_hand, take_in


def test_without_the_tracker_the_middle_is_cut_and_that_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("avatarify.session.avatars.portrait_intake.find_tracker", lambda: None)
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
    monkeypatch.setattr("avatarify.session.avatars.portrait_intake.find_tracker", lambda: broken)
    assert take_in(np.zeros((60, 60, 3), np.uint8)).is_usable


def test_a_portrait_is_cut_around_its_face(shared: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    task = shared / "models" / "face_landmarker.task"
    monkeypatch.setattr("avatarify.session.avatars.portrait_intake.find_tracker", lambda: task)
    portrait = read_image(shared / "stills" / "s9.jpg")
    intake = take_in(portrait)
    assert intake.is_usable
    assert intake.layers is not None
    assert intake.layers.matte.shape == intake.picture.shape[:2]
    wall = take_in(np.full((300, 400, 3), 180, np.uint8))
    assert "No human face" in wall.findings[0].text
    assert wall.is_usable
    assert wall.points is None
    assert wall.picture.shape == (SQUARE_SIDE, SQUARE_SIDE, 3)


def test_a_face_pointed_out_by_hand_is_cut_and_matted() -> None:
    image = np.full((600, 2000, 3), 40, np.uint8)
    points = face_in_the_middle((600, 2000)).astype(np.float32)
    points[:, 0] += 400
    image[40:600, 1250:1550] = (200, 160, 140)  # somebody
    intake = by_hand(image, points)
    assert intake.is_usable
    assert intake.layers is not None
    height, width = intake.picture.shape[:2]
    assert width / height <= 16 / 9 + 0.01
    x, y = intake.layers.landmarks[1, :2].round().astype(int)  # the tip of the nose
    assert tuple(intake.picture[y, x]) == (200, 160, 140)
    assert intake.layers.matte[y, x] == 255
    np.testing.assert_array_equal(intake.points, points)
