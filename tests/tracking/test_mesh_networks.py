import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from avatarify.frames import Image
from avatarify.tracking.face import Face
from avatarify.tracking.landmarker import FaceLandmarker
from avatarify.tracking.mediapipe_graph import MediapipeGraph
from avatarify.tracking.mesh_networks import (
    MeshNetworks,
    MeshReader,
    compiled_networks,
    to_picture,
)
from avatarify.tracking.search import Window


@pytest.fixture(scope="module")
def reader(model_path: Path) -> MeshReader:
    return MeshReader(compiled_networks(model_path.read_bytes()))


@pytest.fixture(scope="module")
def driver(image_landmarker: FaceLandmarker, still: Callable[[str], Image]) -> tuple[Image, Face]:
    picture = still("s7.jpg")
    face = image_landmarker.find(picture)
    assert face is not None
    return picture, face


def test_a_face_that_is_followed_is_where_mediapipe_follows_it(
    reader: MeshReader, driver: tuple[Image, Face], model_path: Path
) -> None:
    """Of a driver who sits still: there mediapipe's smoothing changes nothing in the end."""
    picture, _ = driver
    whole = Window(0, 0, picture.shape[1], picture.shape[0])
    graph = MediapipeGraph(model_path.read_bytes(), is_video=True, most_faces=1)
    theirs = [graph.find(picture, whole, index / 30)[0] for index in range(60)]
    graph.close()
    ours = [theirs[0]]
    for _ in range(59):
        face = reader.read(picture, ours[-1].landmarks)
        assert face is not None
        ours.append(face)

    away = np.abs(ours[-1].landmarks - theirs[-1].landmarks).max(axis=0)
    assert away.max() < 0.004 * theirs[-1].interocular
    np.testing.assert_allclose(ours[-1].blendshapes, theirs[-1].blendshapes, atol=0.02)
    for pose in ("yaw_deg", "pitch_deg", "roll_deg"):
        assert getattr(ours[-1], pose) == pytest.approx(getattr(theirs[-1], pose), abs=3.0)


def test_expression_is_that_of_the_points(reader: MeshReader, driver: tuple[Image, Face]) -> None:
    picture, face = driver
    found = reader.read(picture, face.landmarks)
    assert found is not None
    assert found.jaw_open == pytest.approx(face.jaw_open, abs=0.05)
    assert found.smile == pytest.approx(face.smile, abs=0.05)


def test_a_face_that_went_is_lost(reader: MeshReader, driver: tuple[Image, Face]) -> None:
    picture, face = driver
    assert reader.read(np.full_like(picture, 120), face.landmarks) is None
    aside = face.landmarks + np.array([picture.shape[1], 0, 0], np.float32)
    assert reader.read(picture, aside) is None


def test_square_is_level_with_the_eyes_and_half_as_large_again_as_the_face(
    driver: tuple[Image, Face],
) -> None:
    points = driver[1].landmarks
    matrix = to_picture(points)
    along = points[263, :2] - points[33, :2]
    np.testing.assert_allclose(matrix[:, 0] / np.hypot(*matrix[:, 0]), along / np.hypot(*along))
    assert 256 * np.hypot(*matrix[:, 0]) == pytest.approx(1.5 * driver[1].box.larger_side)
    np.testing.assert_allclose(matrix @ (128, 128, 1), driver[1].box.center, rtol=1e-5)


def test_what_are_not_mediapipes_networks_is_refused() -> None:
    with pytest.raises(ValueError, match="not an archive"):
        MeshNetworks(b"no archive")
    empty = io.BytesIO()
    with zipfile.ZipFile(empty, "w") as archive:
        archive.writestr("face_landmarks_detector.tflite", b"no network")
    with pytest.raises((ValueError, RuntimeError)):
        MeshNetworks(empty.getvalue())
    huge = io.BytesIO()
    with zipfile.ZipFile(huge, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("face_landmarks_detector.tflite", bytes(33 << 20))
    with pytest.raises(ValueError, match="too large"):
        MeshNetworks(huge.getvalue())
