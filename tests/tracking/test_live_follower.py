import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from avatarify.frames import Image
from avatarify.tracking.face import Face
from avatarify.tracking.landmarker import FaceLandmarker
from avatarify.tracking.live_follower import LiveFollower
from avatarify.tracking.mesh_networks import compiled_networks
from avatarify.tracking.search import Window


@pytest.fixture(scope="module")
def picture(still: Callable[[str], Image]) -> Image:
    return still("s7.jpg")


@pytest.fixture(scope="module")
def face(image_landmarker: FaceLandmarker, picture: Image) -> Face:
    found = image_landmarker.find(picture)
    assert found is not None
    return found


@pytest.fixture
def follower(model_path: Path) -> Iterator[LiveFollower]:
    follower = LiveFollower(model_path.read_bytes())
    yield follower
    follower.close()
    follower.close()


def follow_soon(follower: LiveFollower, picture: Image, face: Face) -> Face:
    whole = Window(0, 0, picture.shape[1], picture.shape[0])
    for index in range(400):
        found = follower.follow(picture, whole, face, index / 30)
        if found is not None:
            return found
        time.sleep(0.05)
    pytest.fail("nobody follows the face")


def test_openvino_follows_as_soon_as_it_is_ready(
    follower: LiveFollower, picture: Image, face: Face
) -> None:
    found = follow_soon(follower, picture, face)
    assert not follower.may_change_faces
    away = np.linalg.norm(found.landmarks[:, :2] - face.landmarks[:, :2], axis=1).mean()
    assert away < 0.03 * face.interocular


def test_without_openvino_mediapipe_follows(
    model_path: Path, picture: Image, face: Face, monkeypatch: pytest.MonkeyPatch
) -> None:
    compiled_networks.cache_clear()
    monkeypatch.setitem(sys.modules, "openvino", None)
    follower = LiveFollower(model_path.read_bytes())
    found = follow_soon(follower, picture, face)
    assert follower.may_change_faces
    assert found.box.center == pytest.approx(face.box.center, abs=4)
    assert follower.confirm(picture, face) is face
    follower.close()


def test_networks_that_see_something_else_are_given_up(
    follower: LiveFollower, picture: Image, face: Face
) -> None:
    follow_soon(follower, picture, face)
    nowhere = Face(face.landmarks * np.float32(0.3), face.blendshapes)
    for _ in range(3):
        assert follower.confirm(picture, nowhere) is nowhere
    assert follower.may_change_faces
    assert follow_soon(follower, picture, face).box.center == pytest.approx(face.box.center, abs=4)
