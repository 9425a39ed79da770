from pathlib import Path

import numpy as np
import pytest

from avatarify.errors import SettingsError
from avatarify.media.image_file import read_image
from avatarify.tracking.landmark_crops import Square, cut
from avatarify.tracking.landmarker import FaceLandmarker, LandmarkerMode
from avatarify.training.landmarks.face_crops import join_crops, mouth_opening
from avatarify.training.landmarks.moved import Moving, move_faces, purse
from avatarify.training.landmarks.prepare import write_cuts

AVATARS = Path(__file__).resolve().parents[3] / "assets" / "avatars"


@pytest.fixture
def crops(tmp_path: Path, shared: Path) -> Path:
    """A still, and a clip whose mouth opens: the second frame is the first one's jaw let down."""
    folder = tmp_path / "crops"
    with FaceLandmarker(tracker(shared), LandmarkerMode.IMAGE) as landmarker:
        for name, target in (("nia", "s_nia"), ("leo", "c_leo")):
            picture = cut(read_image(AVATARS / f"{name}.png"), whole(name), 288)
            face = landmarker.find(picture)
            assert face is not None
            write_cuts(folder / f"{target}.npz", [(picture, face)])
    clip = dict(np.load(folder / "c_leo.npz"))
    clip = {key: np.repeat(value, 2, axis=0) for key, value in clip.items()}
    clip["points"][1, [14, 87, 317, 17, 84, 314, 152, 148, 377], 1] += 14.0
    np.savez(folder / "c_leo.npz", **clip)
    return folder


def tracker(shared: Path) -> Path:
    return shared / "models" / "face_landmarker.task"


def whole(name: str) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    height, width = read_image(AVATARS / f"{name}.png").shape[:2]
    return Square(width / 2, height / 2, min(height, width), 0.0).to_square()


def test_a_still_opens_its_mouth_like_the_clip(crops: Path, shared: Path) -> None:
    names: list[str] = []
    move_faces(Moving(crops, tracker(shared), per_face=12), names.append)
    assert names == ["m_c_leo", "p_c_leo", "m_s_nia", "p_s_nia"]
    assert not (crops / "m_c_leo.npz").exists()  # nobody else could move the clip's own person
    faces = join_crops(crops, ())
    still = mouth_opening(faces.points[faces.names == "s_nia"])[0]
    moved = mouth_opening(faces.points[faces.names == "m_s_nia"])
    assert len(moved) == 12
    assert moved.min() == pytest.approx(still, abs=0.03)
    assert moved.max() > still + 0.05


def test_pursed_lips_are_narrow_and_stay_closed(crops: Path, shared: Path) -> None:
    move_faces(Moving(crops, tracker(shared), per_face=24), lambda _name: None)
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


def test_what_is_there_and_what_is_left_out_stays(crops: Path, shared: Path) -> None:
    settings = Moving(crops, tracker(shared), per_face=2, left_out=("s_nia",))
    names: list[str] = []
    move_faces(settings, names.append)
    assert not list(crops.glob("m_*.npz"))
    move_faces(Moving(crops, tracker(shared), per_face=2), names.append)
    names.clear()
    move_faces(Moving(crops, tracker(shared), per_face=2), names.append)
    assert "m_s_nia" not in names


def test_stills_alone_move_nothing(crops: Path, shared: Path) -> None:
    (crops / "c_leo.npz").unlink()
    with pytest.raises(SettingsError, match="there are none"):
        move_faces(Moving(crops, tracker(shared)), lambda _name: None)
