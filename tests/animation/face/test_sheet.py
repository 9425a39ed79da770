"""The mesh around a face: what keeps its width, and what turns."""

import cv2
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
    mesh = moved[:MESH_COUNT]
    np.testing.assert_allclose(mesh, face.head.apply(sheet.rest[:MESH_COUNT]), atol=1e-6)
    inner = [1, 4, 33, 61, 168, 263, 291, 50, 280]
    np.testing.assert_array_equal(mesh[inner], face.landmarks[inner])
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


def areas(points: np.ndarray, triangles: np.ndarray) -> np.ndarray:
    corners = points[triangles][:, :, :2]
    one, two = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    return np.asarray(one[:, 0] * two[:, 1] - one[:, 1] * two[:, 0])


@pytest.mark.parametrize("jaw", [0.96, 1.0, 1.04])
def test_the_mesh_ends_with_the_jaw_and_folds_nowhere(jaw: float) -> None:
    outline = round_outline(FACE, SIZE, is_long=True, jaw=jaw)
    sheet = Sheet(FACE, SIZE, outline)
    front, last = sheet.triangles[: sheet.front_count], MESH_COUNT + RINGS * len(OVAL)
    face = front[(front < MESH_COUNT).all(axis=1)]
    rings = front[(front >= MESH_COUNT).any(axis=1) & (front < last).all(axis=1)]
    ways = np.sign(areas(FACE, face)) == np.sign(areas(sheet.rest, face))
    assert ways.mean() > 0.995
    sizes = areas(sheet.rest, rings)
    ways = np.sign(sizes[np.abs(sizes) > 1e-6])
    assert len(ways) > 2 * len(OVAL)
    assert (ways == np.median(ways)).mean() > 0.98
    first = sheet.rest[MESH_COUNT : MESH_COUNT + len(OVAL)]
    is_jaw = outline.jaw > 0.0
    assert is_jaw.sum() > 5
    np.testing.assert_allclose(first[is_jaw], sheet.rest[list(OVAL)][is_jaw])  # one band, not three
    sizes = np.linalg.norm(sheet.rest[list(OVAL), :2] - outline.center[:2], axis=1)
    sizes /= np.linalg.norm(FACE[list(OVAL), :2] - outline.center[:2], axis=1)
    assert (sizes < np.maximum(outline.front, 0.99) + 1e-6).all()
    assert (sizes <= 1.0 + 1e-9).all()


def hidden(sheet: Sheet, face: MovedFace) -> np.ndarray:
    left = sheet.left(face.head, sheet.moved(face)[sheet.triangles])
    return sheet.edge.hidden(sheet.rolled(face.head), left, 4.0)


def test_what_the_front_hides_is_told_inside_of_it_while_it_stands_there() -> None:
    sheet = Sheet(FACE, SIZE, OUTLINE)
    edge = hidden(sheet, turned(0.0, 0.0, 0.0))
    np.testing.assert_allclose(np.linalg.norm(edge - sheet.edge.hides, axis=1), 4.0, atol=1e-6)
    assert all(
        cv2.pointPolygonTest(sheet.edge.hides.astype(np.float32), p, False) > 0 for p in edge
    )


def test_where_the_jaw_has_left_its_soft_edge_is_cleared() -> None:
    """Where it is still, nothing is: the portrait's own pixels are right there."""
    sheet, face = Sheet(FACE, SIZE, OUTLINE), turned(0.0, 30.0, 0.0)
    edge, center = hidden(sheet, face), OUTLINE.center[:2]
    beyond = np.linalg.norm(edge - center, axis=1) - np.linalg.norm(
        sheet.edge.hides - center, axis=1
    )
    way = face.head.apply(FACE)[CHIN, 0] - FACE[CHIN, 0]
    side = np.sign(way) * (sheet.edge.hides[:, 0] - center[0])
    is_jaw = OUTLINE.neck == 1.0
    has_left = is_jaw & (side < -0.3 * np.abs(side).max())
    is_there = is_jaw & (side > 0.3 * np.abs(side).max())
    assert has_left.any()
    assert is_there.any()
    assert (beyond[has_left] > 2.0).all()
    np.testing.assert_allclose(beyond[is_there], -4.0, atol=1e-6)


def test_a_chin_that_is_raised_leaves_nothing_of_it_below() -> None:
    sheet, face = Sheet(FACE, SIZE, OUTLINE), turned(0.0, 0.0, 0.0)
    shut = face.landmarks.copy()
    shut[FACE[:, 1] > FACE[17, 1], 1] -= 12.0
    edge = hidden(sheet, MovedFace(shut, face.head))
    chin = list(OVAL).index(CHIN)
    assert edge[chin, 1] > sheet.edge.hides[chin, 1] + 2.0
    np.testing.assert_allclose(edge[[0, 3, 33]], hidden(sheet, face)[[0, 3, 33]], atol=1e-6)


def test_what_is_cleared_grows_without_a_jump() -> None:
    sheet = Sheet(FACE, SIZE, OUTLINE)
    edges = np.stack([hidden(sheet, turned(0.0, a, 0.0)) for a in np.arange(0.0, 30.0)])
    assert np.abs(np.diff(edges, axis=0)).max() < 4.0
