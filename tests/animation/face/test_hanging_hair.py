"""Hair below the jaw: whole above, at rest below, and only where it hangs."""

import numpy as np
import pytest

from avatarify.animation.face.hair_locks import HairLock
from avatarify.animation.face.hanging_hair import HangingHair
from avatarify.animation.face.sheet import Sheet
from avatarify.geometry.average_face import face_in_the_middle
from avatarify.geometry.face_motion import neck_joint
from avatarify.geometry.face_transfer import MovedFace
from avatarify.geometry.similarity import Similarity, rotation_from_vector
from tests.animation.face.round_heads import round_outline

SIZE = (480, 480)
FACE = np.asarray(face_in_the_middle(SIZE), np.float64)
ANGLES = np.linspace(0.0, 2.0 * np.pi, 36, endpoint=False)
RING = 100.0 * np.stack([np.sin(ANGLES), -np.cos(ANGLES), 0.3 * np.ones(36)], axis=1)
NUMBERS = np.array([10, 11, 12, 13])
TURN = Similarity(1.0, rotation_from_vector(np.array([0.0, 0.4, 0.0])), np.zeros(3))


def lock(length: float, *, rests: float = 0.0, side: int = 1) -> HairLock:
    """Straight down from the ring, as wide as it is there."""
    numbers = side * NUMBERS % 36
    top = RING[numbers]
    rows = np.linspace(top[0, 1], top[-1, 1] + length, 20)
    sides = np.tile(top[[0, -1], 0], (20, 1))
    return HairLock(numbers, rows, sides, rests or float(rows[-1]))


def area(vertices: np.ndarray, triangles: np.ndarray) -> np.ndarray:
    corners = vertices[triangles][:, :, :2]
    one, two = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    return np.asarray(one[:, 0] * two[:, 1] - one[:, 1] * two[:, 0]) / 2.0


def test_no_hair_hangs_where_there_is_none() -> None:
    none = HangingHair(RING, ())
    assert none.rest.shape == (0, 3)
    assert none.triangles(0, 36).shape == (0, 3)
    assert none.moved(TURN, none.rest).shape == (0, 3)


def test_locks_are_whole_and_reach_down_to_their_ends() -> None:
    locks = lock(50.0), lock(90.0, side=-1)
    hair = HangingHair(RING, locks)
    vertices, triangles = np.concatenate([RING, hair.rest]), hair.triangles(0, 36)
    half = len(triangles) // 2
    for part, one in ((triangles[:half], locks[0]), (triangles[half:], locks[1])):
        areas = area(vertices, part)
        assert (areas > 0).all() or (areas < 0).all()
        top, low = RING[one.numbers], float(one.rows[-1])
        below = low - 0.5 * (top[1:, 1] + top[:-1, 1])
        np.testing.assert_allclose(abs(areas.sum()), below @ np.abs(np.diff(top[:, 0])))
    used = set(triangles.ravel())
    assert used == {10, 11, 12, 26, 25, 24, *range(36, len(vertices))}


def test_the_neck_beside_a_lock_stays_where_it_is() -> None:
    """Hair ends between two points of the jaw; what is beyond belongs to the neck."""
    wide = lock(60.0)
    ends = 0.5 * (RING[12, 0] + RING[13, 0])
    hair = HangingHair(RING, (wide._replace(sides=wide.sides * (1, 0) + (0.0, ends)),))
    assert hair.rest[:, 0].min() == pytest.approx(ends, abs=1.0)
    first = hair.rest[0]
    edge, way = RING[13] - RING[12], first - RING[12]
    np.testing.assert_allclose(np.cross(edge, way), 0.0, atol=1e-9)  # no gap opens there


def test_hair_turns_above_and_rests_below() -> None:
    hair = HangingHair(RING, (lock(80.0),))
    way = np.linalg.norm(hair.moved(TURN, hair.rest) - hair.rest, axis=1)[1:].reshape(-1, 4)
    turned = np.linalg.norm(TURN.apply(hair.rest) - hair.rest, axis=1)[1:].reshape(-1, 4)
    np.testing.assert_allclose(way[-1], 0.0, atol=1e-9)
    np.testing.assert_allclose(way[0], turned[0], rtol=0.05)
    assert (np.diff(way, axis=0) < 1e-9).all()


def test_hair_that_rests_on_nothing_turns_down_to_its_end() -> None:
    hair = HangingHair(RING, (lock(20.0, rests=2e3),))
    np.testing.assert_allclose(hair.moved(TURN, hair.rest), TURN.apply(hair.rest), atol=1.0)


def test_long_hair_hangs_on_both_sides_of_a_head_down_to_its_collar() -> None:
    outline = round_outline(FACE, SIZE, is_long=True)
    assert len(outline.locks) == 2
    sheet, bare = Sheet(FACE, SIZE, outline), Sheet(FACE, SIZE, round_outline(FACE, SIZE))
    assert len(sheet.triangles) > len(bare.triangles)
    still = MovedFace(FACE, Similarity(1.0, np.eye(3), np.zeros(3)))
    np.testing.assert_allclose(sheet.moved(still), sheet.rest, atol=1e-9)
    rotation, joint = rotation_from_vector(np.array([0.0, 0.3, 0.0])), neck_joint(FACE)
    head = Similarity(1.0, rotation, joint - rotation @ joint)
    start = sheet.triangles[: sheet.front_count].max() + 1
    count = sum(1 + 8 * len(one.numbers) for one in outline.locks)
    moved = sheet.moved(MovedFace(head.apply(FACE), head))[start - count : start]
    rest = sheet.rest[start - count : start]
    is_low = rest[:, 1] > max(one.rests for one in outline.locks) - 1.0
    assert is_low.any()
    np.testing.assert_allclose(moved[is_low, :2], rest[is_low, :2], atol=1.0)
