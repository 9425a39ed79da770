"""Faces of known shape for the tests of tracking: everything they measure is set here."""

from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from avatarify.frames import Image
from avatarify.tracking.face import BLENDSHAPE_NAMES, Face
from avatarify.tracking.landmarker import FaceLandmarker, LandmarkerMode

MakeFace = Callable[..., Face]


@pytest.fixture(scope="session")
def model_path(shared: Path) -> Path:
    return shared / "models" / "face_landmarker.task"


@pytest.fixture(scope="session")
def image_landmarker(model_path: Path) -> Iterator[FaceLandmarker]:
    with FaceLandmarker(model_path, LandmarkerMode.IMAGE) as landmarker:
        yield landmarker


@pytest.fixture(scope="session")
def still(shared: Path) -> Callable[[str], Image]:
    def read(name: str) -> Image:
        picture = cv2.imread(str(shared / "stills" / name))
        assert picture is not None
        return np.ascontiguousarray(picture[:, :, ::-1], dtype=np.uint8)

    return read


def _leaning_eyes(x: float, y: float, size: float, roll: float) -> np.ndarray:
    """(2, 2): the irises of a head that leans onto the person's left shoulder by some degrees."""
    way = 0.18 * size * np.array([np.cos(np.radians(roll)), np.sin(np.radians(roll))])
    return np.array([x, y - 0.15 * size]) + np.stack([-way, way])


@pytest.fixture(scope="session")
def make_face() -> MakeFace:
    """Faces with a given box centre, height, pose and gap between the lips in parts of the height;
    other keywords are blendshapes."""

    def make(
        x: float = 320,
        y: float = 240,
        size: float = 200,
        *,
        yaw: float = 0,
        pitch: float = 0,
        roll: float = 0,
        lips: float = 0,
        **blendshapes: float,
    ) -> Face:
        landmarks = _oval(x, y, size)
        landmarks[[13, 14], 0] = x
        landmarks[13, 1] = y + (0.25 - lips / 2) * size
        landmarks[14, 1] = y + (0.25 + lips / 2) * size
        landmarks[[468, 473], :2] = _leaning_eyes(x, y, size, roll)
        return Face(
            landmarks=landmarks,
            blendshapes=np.array(
                [blendshapes.get(name, 0.0) for name in BLENDSHAPE_NAMES], dtype=np.float32
            ),
            transform=_transform(yaw, pitch, roll),
        )

    return make


def _oval(x: float, y: float, size: float) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    """Points of an upright ellipse, `size` high and 0.8 as wide, with the irises at eye level."""
    angles = np.linspace(0, 2 * np.pi, 478 - 10)
    points = np.zeros((478, 3), dtype=np.float32)
    points[:468, 0] = x + 0.4 * size * np.cos(angles)
    points[:468, 1] = y + 0.5 * size * np.sin(angles)
    points[468:473, :2] = (x - 0.18 * size, y - 0.15 * size)
    points[473:478, :2] = (x + 0.18 * size, y - 0.15 * size)
    return points


def _transform(
    yaw: float, pitch: float, roll: float
) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    """Head 50 cm before the camera, turned to its own left, up, and onto its left shoulder."""
    vector_of = {"yaw": (0.0, yaw, 0.0), "pitch": (-pitch, 0.0, 0.0), "roll": (0.0, 0.0, -roll)}
    turns = [cv2.Rodrigues(np.radians(vector))[0] for vector in vector_of.values()]
    transform = np.eye(4, dtype=np.float32)
    transform[:3, :3] = turns[0] @ turns[1] @ turns[2]
    transform[:3, 3] = (0, 0, -50)
    return transform
