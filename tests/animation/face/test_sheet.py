"""The mesh around a face: what keeps its width, and what turns."""

import numpy as np
import pytest

from avatarify.animation.face.sheet import Sheet
from avatarify.geometry.average_face import face_in_the_middle
from avatarify.geometry.face_mesh import MESH_COUNT, OVAL
from avatarify.geometry.face_motion import neck_joint
from avatarify.geometry.face_transfer import MovedFace
from avatarify.geometry.similarity import Similarity, rotation_from_vector

SIZE = (400, 400)
FACE = np.asarray(face_in_the_middle(SIZE), np.float64)


def turned(*degrees: float) -> MovedFace:
    """The head turned about its neck by pitch, yaw and roll."""
    rotation, joint = rotation_from_vector(np.radians(degrees)), neck_joint(FACE)
    head = Similarity(1.0, rotation, joint - rotation @ joint)
    return MovedFace(head.apply(FACE), head)


def ring(points: np.ndarray, number: int) -> np.ndarray:
    start = MESH_COUNT + number * len(OVAL)
    return points[start : start + len(OVAL)]


def test_a_skull_keeps_its_width_when_it_turns_aside() -> None:
    sheet = Sheet(FACE, SIZE)
    moved = sheet.moved(turned(0.0, 30.0, 0.0))
    upper = ring(sheet.rest, 5)[:, 1] < FACE[:, 1].min()  # above the face all of it follows
    rest, after = ring(sheet.rest, 5)[upper, 0], ring(moved, 5)[upper, 0]
    np.testing.assert_allclose(np.diff(after), np.diff(rest), atol=1e-6)


def test_the_face_itself_turns_as_it_is() -> None:
    face = turned(0.0, 30.0, 0.0)
    moved = Sheet(FACE, SIZE).moved(face)
    np.testing.assert_array_equal(moved[:MESH_COUNT], face.landmarks[:MESH_COUNT])


@pytest.mark.parametrize("degrees", [(0.0, 0.0, 20.0), (15.0, 0.0, 0.0)])
def test_rings_tilt_and_nod_with_the_head(degrees: tuple[float, float, float]) -> None:
    sheet, face = Sheet(FACE, SIZE), turned(*degrees)
    moved = sheet.moved(face)
    upper = ring(sheet.rest, 3)[:, 1] < FACE[:, 1].min()
    rigid = face.head.apply(ring(sheet.rest, 3))
    np.testing.assert_allclose(ring(moved, 3)[upper, :2], rigid[upper, :2], atol=1e-6)
