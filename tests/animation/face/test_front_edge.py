import cv2
import numpy as np
import pytest

from avatarify.animation.face.front_edge import FrontEdge, PlaneMap
from avatarify.animation.face.puppet import FacePuppet
from avatarify.geometry.average_face import face_in_the_middle
from avatarify.geometry.face_mesh import CHIN, MESH_COUNT, OVAL, face_triangles
from avatarify.geometry.face_motion import neck_joint
from avatarify.geometry.face_transfer import MovedFace
from avatarify.geometry.similarity import Similarity, rotation_from_vector
from tests.animation.face.round_heads import round_outline

SIZE = (400, 400)
FACE = np.asarray(face_in_the_middle(SIZE), np.float64)
STILL = PlaneMap(np.eye(2), np.zeros(2))
SKIN, ROOM = (230, 170, 150), (20, 40, 60)


def turned(yaw: float) -> np.ndarray:
    joint = neck_joint(FACE)
    return np.asarray((FACE - joint) @ rotation_from_vector(np.array([0.0, yaw, 0.0])).T + joint)


def edge_of(face: np.ndarray) -> tuple[FrontEdge, np.ndarray]:
    outline, oval = round_outline(face, SIZE), face[list(OVAL)]
    ring = np.column_stack([outline.at(oval, outline.front), oval[:, 2]])
    edge = FrontEdge(outline, oval, face[:MESH_COUNT], ring, MESH_COUNT)
    vertices = np.concatenate([face[:MESH_COUNT], ring])
    return edge, vertices[edge.vertices, :2]


def silhouette(face: np.ndarray) -> np.ndarray:
    mask = np.zeros(SIZE, np.uint8)
    for corners in face[face_triangles()][:, :, :2]:
        cv2.fillConvexPoly(mask, np.round(corners).astype(np.int32), 255)
    return mask


@pytest.mark.parametrize("yaw", [0.0, 0.6, -0.6])
def test_at_rest_the_front_hides_what_it_hides(yaw: float) -> None:
    edge, ends = edge_of(turned(yaw))
    assert edge.left(ends, STILL, 1.0).max() <= 1e-6


@pytest.mark.parametrize("yaw", [0.6, -0.6])
def test_a_cheek_that_looks_away_hides_up_to_its_silhouette(yaw: float) -> None:
    face = turned(yaw)
    edge, _ = edge_of(face)
    is_cheek = edge.vertices < MESH_COUNT
    assert is_cheek.sum() > 3
    away = np.asarray(cv2.distanceTransform(silhouette(face), cv2.DIST_L2, 5))
    x, y = np.round(edge.hides[is_cheek]).astype(int).T
    assert away[y, x].max() < 3.0
    side = np.sign(edge.hides[is_cheek, 0] - face[CHIN, 0])
    assert (side == side[0]).all()


def test_a_frontal_face_hides_up_to_its_front() -> None:
    edge, ends = edge_of(FACE)
    assert (edge.vertices >= MESH_COUNT).all()
    outline = round_outline(FACE, SIZE)
    np.testing.assert_allclose(edge.hides, outline.at(FACE[list(OVAL)], outline.hides))
    far = edge.left(ends - np.array([0.0, 10.0]), STILL, 1.0)
    assert far.max() == pytest.approx(10.0, abs=1.0)


@pytest.mark.parametrize("yaw", [0.6, -0.6])
def test_no_skin_stays_where_a_cheek_was(yaw: float) -> None:
    face = turned(yaw)
    mask = silhouette(face)
    picture = np.where(mask[..., None] > 0, SKIN, ROOM).astype(np.uint8)
    puppet = FacePuppet(picture, face, mask, np.full((*SIZE, 3), ROOM, np.uint8))
    joint = neck_joint(face)
    rotation = rotation_from_vector(np.array([-0.3, 0.0, 0.0]))  # the chin goes up
    head = Similarity(1.0, rotation, joint - rotation @ joint)
    moved = MovedFace(head.apply(face), head)
    found = puppet.motion(moved)
    uncovered = puppet.uncovered(found, head)
    assert uncovered is not None
    linear, shift = puppet.sheet.rolled(head)
    stays = cv2.erode(mask, np.ones((5, 5), np.uint8))  # turned with what is behind
    stays = cv2.warpAffine(stays, np.column_stack([linear, shift]), SIZE)
    rows, columns = np.indices(found.label.shape)
    y = np.minimum(found.top + 2 * rows + 1, SIZE[0] - 1)
    x = np.minimum(found.left + 2 * columns + 1, SIZE[1] - 1)
    was_cheek = (stays[y, x] > 0) & (found.label >= puppet.sheet.front_count)
    assert was_cheek.sum() > 500
    assert (uncovered.hidden[was_cheek] > 0).mean() > 0.99
