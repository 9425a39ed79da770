from pathlib import Path

import numpy as np
import pytest

from avatarify.errors import SettingsError
from avatarify.media.image_file import read_image, write_image
from avatarify.tracking.landmarker import FaceLandmarker, LandmarkerMode
from avatarify.training.landmarks.face_crops import join_crops, read_empty
from avatarify.training.landmarks.prepare import (
    EMPTY_FILE,
    EMPTY_SIDE,
    SIDE,
    FacePreparation,
    prepare_faces,
)

ASSETS = Path(__file__).resolve().parents[3] / "assets"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A portrait in the middle of a wide grey picture, and a picture of nobody."""
    picture = np.full((720, 1600, 3), 110, np.uint8)
    picture[:, 440:1160] = read_image(ASSETS / "avatars" / "nia.png")[:, 280:1000]
    write_image(tmp_path / "nia.png", picture)
    write_image(tmp_path / "nobody.png", np.full((200, 300, 3), 60, np.uint8))
    return tmp_path


def test_faces_are_cut_with_the_points_of_the_cut(
    folder: Path, tmp_path: Path, shared: Path
) -> None:
    crops = tmp_path / "crops"
    tracker = shared / "models" / "face_landmarker.task"
    names: list[str] = []
    skipped = prepare_faces([folder], FacePreparation(crops, tracker), names.append)
    assert names == ["nia", "nobody"]
    assert skipped == [f"{folder / 'nobody.png'}: no face was found."]
    faces = join_crops(crops, ())
    assert faces.images.shape == (1, SIDE, SIDE, 3)
    with FaceLandmarker(tracker, LandmarkerMode.IMAGE) as landmarker:
        face = landmarker.find(np.ascontiguousarray(faces.images[0]))
    assert face is not None
    np.testing.assert_allclose(faces.points[0], face.landmarks, atol=0.01)
    # The cut is 1.75 times as large as the face.
    side = np.ptp(faces.points[0, :, :2], axis=0).max()
    assert side == pytest.approx(SIDE / 1.75, rel=0.05)
    empty = read_empty(crops / EMPTY_FILE)
    assert empty.shape[1:] == (EMPTY_SIDE, EMPTY_SIDE, 3)


def test_files_that_are_done_are_left_alone(folder: Path, tmp_path: Path, shared: Path) -> None:
    settings = FacePreparation(tmp_path / "crops", shared / "models" / "face_landmarker.task")
    prepare_faces([folder], settings, lambda _name: None)
    names: list[str] = []
    prepare_faces([folder], settings, names.append)
    assert names == ["nobody"]


def test_empty_folder_is_said(tmp_path: Path, shared: Path) -> None:
    settings = FacePreparation(tmp_path / "crops", shared / "models" / "face_landmarker.task")
    with pytest.raises(SettingsError, match="holds no videos or pictures"):
        prepare_faces([tmp_path], settings, lambda _name: None)
