from pathlib import Path

import numpy as np
import pytest

from avatarify.errors import SettingsError
from avatarify.media.image_file import read_image
from avatarify.tracking.landmark_crops import Square, cut
from avatarify.tracking.landmarker import FaceLandmarker, LandmarkerMode
from avatarify.training.landmarks.face_crops import join_crops, mouth_opening
from avatarify.training.landmarks.moved import Moving, move_faces
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
    assert names == ["m_s_nia"]  # nobody else could move the clip's own person
    faces = join_crops(crops, ())
    still = mouth_opening(faces.points[faces.names == "s_nia"])[0]
    moved = mouth_opening(faces.points[faces.names == "m_s_nia"])
    assert len(moved) == 12
    assert moved.min() == pytest.approx(still, abs=0.03)
    assert moved.max() > still + 0.05


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
