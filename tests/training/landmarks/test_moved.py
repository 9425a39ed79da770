from pathlib import Path

import numpy as np
import pytest

from avatarify.errors import SettingsError
from avatarify.training.landmarks.face_crops import join_crops, mouth_opening
from avatarify.training.landmarks.moved import Moving, move_faces, purse


def test_a_still_opens_its_mouth_like_the_clip(crops: Path, tracker: Path) -> None:
    names: list[str] = []
    move_faces(Moving(crops, tracker, per_face=12), names.append)
    assert names == ["m_c_leo", "p_c_leo", "m_s_nia", "p_s_nia"]
    assert not (crops / "m_c_leo.npz").exists()  # nobody else could move the clip's own person
    faces = join_crops(crops, ())
    still = mouth_opening(faces.points[faces.names == "s_nia"])[0]
    moved = mouth_opening(faces.points[faces.names == "m_s_nia"])
    assert len(moved) == 12
    assert moved.min() == pytest.approx(still, abs=0.03)
    assert moved.max() > still + 0.05


def test_pursed_lips_are_narrow_and_stay_closed(crops: Path, tracker: Path) -> None:
    move_faces(Moving(crops, tracker, per_face=24), lambda _name: None)
    faces = join_crops(crops, ())
    (still,) = faces.points[faces.names == "s_nia"]
    pursed = faces.points[faces.names == "p_s_nia"]
    assert len(pursed) == 8
    widths = np.linalg.norm(pursed[:, 61, :2] - pursed[:, 291, :2], axis=1)
    assert widths.min() < 0.8 * np.linalg.norm(still[61, :2] - still[291, :2])
    assert mouth_opening(pursed).max() < mouth_opening(still[None])[0] + 0.03


def test_purse_scales_the_mouth_and_leaves_what_is_far(crops: Path) -> None:
    points = join_crops(crops, ()).points[0].astype(np.float64)
    moved = purse(points, 0.6, 1.3)
    before, after = (np.linalg.norm(p[61, :2] - p[291, :2]) for p in (points, moved))
    assert after == pytest.approx(0.6 * before, rel=0.01)
    before, after = (np.linalg.norm(p[0, :2] - p[17, :2]) for p in (points, moved))
    assert after == pytest.approx(1.3 * before, rel=0.02)
    far = [33, 263, 10, 468, 473]
    np.testing.assert_allclose(moved[far], points[far], atol=0.01)
    np.testing.assert_array_equal(moved[:, 2], points[:, 2])


def test_what_is_there_and_what_is_left_out_stays(crops: Path, tracker: Path) -> None:
    settings = Moving(crops, tracker, per_face=2, left_out=("s_nia",))
    names: list[str] = []
    move_faces(settings, names.append)
    assert not list(crops.glob("m_*.npz"))
    move_faces(Moving(crops, tracker, per_face=2), names.append)
    names.clear()
    move_faces(Moving(crops, tracker, per_face=2), names.append)
    assert "m_s_nia" not in names


def test_stills_alone_move_nothing(crops: Path, tracker: Path) -> None:
    (crops / "c_leo.npz").unlink()
    with pytest.raises(SettingsError, match="there are none"):
        move_faces(Moving(crops, tracker), lambda _name: None)
