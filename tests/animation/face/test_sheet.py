"""The mesh around a face: what keeps its width, and what turns."""

import numpy as np
import pytest

from avatarify.animation.face.sheet import Sheet
from avatarify.geometry.average_face import face_in_the_middle
from avatarify.geometry.face_mesh import CHIN, MESH_COUNT, OVAL
from avatarify.geometry.face_motion import neck_joint
from avatarify.geometry.face_transfer import MovedFace
from avatarify.geometry.similarity import Similarity, rotation_from_vector
from tests.animation.face.round_heads import round_outline

SIZE = (400, 400)
FACE = np.asarray(face_in_the_middle(SIZE), np.float64)
OUTLINE = round_outline(FACE, SIZE)
RINGS = 3


def turned(*degrees: float) -> MovedFace:
    """The head turned about its neck by pitch, yaw and roll."""
    rotation, joint = rotation_from_vector(np.radians(degrees)), neck_joint(FACE)
    head = Similarity(1.0, rotation, joint - rotation @ joint)
    return MovedFace(head.apply(FACE), head)


def rings(points: np.ndarray) -> np.ndarray:
    return points[MESH_COUNT : MESH_COUNT + RINGS * len(OVAL)]


def behind(points: np.ndarray) -> np.ndarray:
    return points[MESH_COUNT + RINGS * len(OVAL) :]


@pytest.mark.parametrize("degrees", [(0.0, 30.0, 0.0), (25.0, 0.0, 0.0), (-20.0, 15.0, 0.0)])
def test_what_is_behind_a_head_stands_still_when_it_turns_and_nods(
    degrees: tuple[float, float, float],
) -> None:
    sheet = Sheet(FACE, SIZE, OUTLINE)
    moved = sheet.moved(turned(*degrees))
    spread = np.ptp(behind(sheet.rest)[:, :2], axis=0)
    np.testing.assert_allclose(np.ptp(behind(moved)[:, :2], axis=0), spread, rtol=0.02)
    if degrees[0] == 0.0:
        np.testing.assert_allclose(behind(moved)[:, :2], behind(sheet.rest)[:, :2], atol=1e-6)


def test_what_is_behind_a_head_tilts_with_it_and_rests_on_the_lower_edge() -> None:
    sheet, face = Sheet(FACE, SIZE, OUTLINE), turned(0.0, 0.0, 20.0)
    rest, moved = behind(sheet.rest), behind(sheet.moved(face))
    is_head = rest[:, 1] < FACE[CHIN, 1]
    rigid = face.head.apply(rest)[:, :2]
    np.testing.assert_allclose(moved[is_head, :2], rigid[is_head], atol=1e-6)
    is_low = rest[:, 1] > SIZE[0]
    assert is_low.any()
    np.testing.assert_allclose(moved[is_low, :2], rest[is_low, :2], atol=1e-6)


@pytest.mark.parametrize("degrees", [(0.0, 30.0, 0.0), (0.0, 0.0, 20.0), (15.0, 0.0, 0.0)])
def test_the_front_turns_in_space_as_one(degrees: tuple[float, float, float]) -> None:
    sheet, face = Sheet(FACE, SIZE, OUTLINE), turned(*degrees)
    moved = sheet.moved(face)
    np.testing.assert_array_equal(moved[:MESH_COUNT], face.landmarks[:MESH_COUNT])
    np.testing.assert_allclose(rings(moved), face.head.apply(rings(sheet.rest)), atol=1e-6)


def test_hair_reaches_from_the_face_back_to_the_neck_s_axis() -> None:
    sheet = Sheet(FACE, SIZE, OUTLINE)
    depth = rings(sheet.rest)[:, 2].reshape(RINGS, len(OVAL))
    upper = [0, 3, 5, 31, 33]
    assert (np.diff(depth[:, upper], axis=0) > 0).all()
    assert (depth[-1, upper] <= neck_joint(FACE)[2] + 1e-6).all()


def test_a_jaw_that_opens_takes_the_skin_below_it_along_and_leaves_the_neck() -> None:
    sheet, face = Sheet(FACE, SIZE, OUTLINE), turned(0.0, 0.0, 0.0)
    opened = face.landmarks.copy()
    opened[CHIN, 1] += 10.0
    moved = sheet.moved(MovedFace(opened, face.head))
    chin = list(OVAL).index(CHIN)
    way = (rings(moved) - rings(sheet.rest)).reshape(RINGS, len(OVAL), 3)[:, chin, 1]
    np.testing.assert_allclose(way, 10.0)
    np.testing.assert_allclose(behind(moved), behind(sheet.rest))
