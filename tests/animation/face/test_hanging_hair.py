"""Hair below the jaw: whole above, at rest below, and only where it hangs."""

import numpy as np

from avatarify.animation.face.hanging_hair import LENGTH, HangingHair
from avatarify.animation.face.sheet import Sheet
from avatarify.geometry.average_face import face_in_the_middle
from avatarify.geometry.face_mesh import CHIN, FOREHEAD
from avatarify.geometry.face_motion import neck_joint
from avatarify.geometry.face_transfer import MovedFace
from avatarify.geometry.similarity import Similarity, rotation_from_vector
from tests.animation.face.round_heads import round_outline

SIZE = (480, 480)
FACE = np.asarray(face_in_the_middle(SIZE), np.float64)
HEIGHT = float(np.linalg.norm(FACE[FOREHEAD, :2] - FACE[CHIN, :2]))
ANGLES = np.linspace(0.0, 2.0 * np.pi, 36, endpoint=False)
RING = np.stack([np.sin(ANGLES), -np.cos(ANGLES), np.zeros(36)], axis=1)


def hanging(*numbers: int) -> HangingHair:
    hangs = np.zeros(36, np.bool_)
    hangs[list(numbers)] = True
    return HangingHair(RING, hangs, 1.0)


def test_hair_hangs_on_the_lowest_edge_of_each_side() -> None:
    assert hanging(10, 11, 12, -10).edges.tolist() == [[12, 13], [26, 25]]
    assert hanging(-11, -12).edges.tolist() == [[24, 23]]


def test_no_hair_hangs_where_there_is_none() -> None:
    none = hanging()
    assert none.rest.shape == (0, 3)
    assert none.triangles(0, 36).shape == (0, 3)


def test_strips_are_whole_and_reach_down() -> None:
    hair = hanging(10, -10)
    vertices, triangles = np.concatenate([RING, hair.rest]), hair.triangles(0, 36)
    corners = vertices[triangles][:, :, :2]
    one, two = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    area = np.abs(one[:, 0] * two[:, 1] - one[:, 1] * two[:, 0]).sum() / 2.0
    width = abs(RING[10, 0] - RING[11, 0])
    np.testing.assert_allclose(area, 2.0 * width * LENGTH)
    assert set(triangles.ravel()) == {10, 11, 26, 25, *range(36, len(vertices))}


def test_hair_turns_above_and_rests_below() -> None:
    outline = round_outline(FACE, SIZE, is_long=True)
    assert outline.hangs.any()
    sheet = Sheet(FACE, SIZE, outline)
    assert len(sheet.triangles) > len(Sheet(FACE, SIZE, round_outline(FACE, SIZE)).triangles)
    hair = HangingHair(RING * HEIGHT, outline.hangs, HEIGHT)
    rotation, joint = rotation_from_vector(np.array([0.0, 0.3, 0.0])), neck_joint(FACE)
    head = Similarity(1.0, rotation, joint - rotation @ joint)
    moved = hair.moved(head, hair.rest)
    low = np.isclose(hair.rest[:, 1], hair.rest[:, 1].max(), atol=0.1 * LENGTH * HEIGHT)
    way = np.linalg.norm(moved - hair.rest, axis=1)
    assert low.any()
    assert way[low].max() < 0.5 * way.max()
    still = MovedFace(FACE, Similarity(1.0, np.eye(3), np.zeros(3)))
    np.testing.assert_allclose(sheet.moved(still), sheet.rest, atol=1e-9)
