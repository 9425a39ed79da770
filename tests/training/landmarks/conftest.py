"""Two prepared faces of the built-in avatars: a still, and a clip whose mouth opens."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from avatarify.media.image_file import read_image
from avatarify.tracking.landmark_crops import Square, cut
from avatarify.tracking.landmarker import FaceLandmarker, LandmarkerMode
from avatarify.training.landmarks.prepare import write_cuts

AVATARS = Path(__file__).resolve().parents[3] / "assets" / "avatars"


@pytest.fixture
def tracker(shared: Path) -> Path:
    """mediapipe's file."""
    return shared / "models" / "face_landmarker.task"


@pytest.fixture(scope="session")
def prepared_crops(tmp_path_factory: pytest.TempPathFactory, shared: Path) -> Path:
    """Made once, with mediapipe."""
    folder = tmp_path_factory.mktemp("prepared") / "crops"
    tracker = shared / "models" / "face_landmarker.task"
    with FaceLandmarker(tracker, LandmarkerMode.IMAGE) as landmarker:
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


@pytest.fixture
def crops(tmp_path: Path, prepared_crops: Path) -> Path:
    """A still, and a clip whose mouth opens: the second frame is the first one's jaw let down."""
    return Path(shutil.copytree(prepared_crops, tmp_path / "crops"))


def whole(name: str) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    height, width = read_image(AVATARS / f"{name}.png").shape[:2]
    return Square(width / 2, height / 2, min(height, width), 0.0).to_square()
