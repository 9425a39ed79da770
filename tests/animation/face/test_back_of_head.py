"""What is behind a head, on heads of plain colours."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from avatarify.animation.face.back_of_head import BackOfHead, back_of_head
from avatarify.animation.face.head_outline import head_outline
from avatarify.geometry.average_face import face_in_the_middle
from avatarify.geometry.face_mesh import CHIN, FOREHEAD, OVAL
from tests.animation.face.round_heads import HAIR, SKIN, oval_of, round_head

SIZE = (480, 480)
FACE = np.asarray(face_in_the_middle(SIZE), np.float64)


def _behind(person: NDArray[np.uint8], face: NDArray[np.float64] = FACE) -> BackOfHead:
    outline = head_outline(face, person)
    oval = face[list(OVAL)]
    front, hides = (outline.at(oval, sizes) for sizes in (outline.front, outline.hides))
    return back_of_head(person, front, hides, face)


def _seen(behind: BackOfHead, point: NDArray[np.float64]) -> NDArray[np.uint8]:
    x, y = np.round(point[:2] - behind.corner).astype(int)
    return behind.person[y, x]


def _is_shaded_skin(colour: NDArray[np.integer]) -> bool:
    light = colour[:3] / np.array(SKIN)
    return bool(colour[3] > 250 and 0.65 < light.min() < 1.05 and np.ptp(light) < 0.08)


@pytest.mark.parametrize("has_ears", [False, True])
def test_behind_the_face_there_is_hair_and_no_ear(has_ears: bool) -> None:
    behind = _behind(round_head(FACE, SIZE, has_ears=has_ears))
    for point in (FOREHEAD, 127, 356, 6):
        colour = _seen(behind, FACE[point]).astype(int)
        assert colour[3] > 250
        assert np.abs(colour[:3] - HAIR).max() < 30


def test_behind_the_jaw_there_is_the_neck() -> None:
    behind = _behind(round_head(FACE, SIZE))
    colour = _seen(behind, FACE[CHIN] - (0.0, 1.0, 0.0)).astype(int)
    assert colour[3] > 250
    assert np.abs(colour[:3] - SKIN).max() < 12


def test_above_a_dark_neck_there_is_the_jaw_s_underside() -> None:
    """A chin that is raised shows more of it, not more of the shadow that falls on the neck."""
    person = round_head(FACE, SIZE)
    neck = round(float(FACE[CHIN, 1])) + 1
    is_skin = (person[neck:, :, :3] == SKIN).all(axis=2)
    person[neck:][is_skin] = (*(np.array(SKIN) // 4), 255)
    behind = _behind(person)
    below, above = (_seen(behind, FACE[CHIN] - (0.0, y, 0.0)).astype(int) for y in (0.0, 25.0))
    assert below[0] < 0.4 * SKIN[0]
    assert _is_shaded_skin(above)


def test_behind_a_beard_the_neck_stays_as_it_is() -> None:
    person = round_head(FACE, SIZE, beard=1.1)
    seen = _seen(_behind(person), FACE[CHIN] - (0.0, 10.0, 0.0))
    np.testing.assert_allclose(seen, (*SKIN, 255), atol=3)


def test_a_collar_does_not_climb_behind_the_jaw() -> None:
    low = np.add(FACE, (0.0, 60.0, 0.0))
    person = round_head(low, SIZE)
    person[round(low[CHIN, 1]) + 4 :] = (240, 240, 250, 255)  # the collar touches the jaw
    person[:, : round(low[CHIN, 0])][round(low[CHIN, 1]) + 4 :] = (*SKIN, 255)  # on one side
    behind = _behind(person, low)
    for side in (-10.0, 25.0):
        colour = _seen(behind, low[CHIN] + (side, -14.0, 0.0)).astype(int)
        assert np.abs(colour[:3] - SKIN).max() < 40


def test_where_no_hair_is_beside_the_cheeks_none_is_behind_them() -> None:
    brows = float(FACE[[105, 334], 1].mean())
    behind = _behind(round_head(FACE, SIZE, hair_ends=brows))
    for side in (-60.0, 0.0, 60.0):
        colour = _seen(behind, np.add(FACE[4], (side, 0.0, 0.0))).astype(int)
        assert _is_shaded_skin(colour)
    assert np.abs(_seen(behind, FACE[FOREHEAD] + (0.0, 5.0, 0.0))[:3].astype(int) - HAIR).max() < 30


def test_on_either_side_hair_ends_where_it_does() -> None:
    brows = float(FACE[[105, 334], 1].mean())
    person, long = round_head(FACE, SIZE, hair_ends=brows), round_head(FACE, SIZE)
    middle = round(float(FACE[list(OVAL), 0].mean()))
    person[:, middle:] = long[:, middle:]
    behind = _behind(person)
    eyes = float(FACE[[33, 263], 1].mean()) + 18.0
    left, right = (_seen(behind, np.array([x, eyes])) for x in (middle - 70.0, middle + 70.0))
    assert _is_shaded_skin(left)
    assert np.abs(right[:3].astype(int) - HAIR).max() < 40


def test_a_speck_of_the_room_below_the_hair_does_not_lengthen_it() -> None:
    brows = float(FACE[[105, 334], 1].mean())
    person = round_head(FACE, SIZE, hair_ends=brows)
    lobes = round(float(FACE[[132, 361], 1].mean()))
    right = round(float(FACE[list(OVAL), 0].max()))
    person[lobes - 9 : lobes - 4, right + 6 : right + 26] = (*HAIR, 255)
    assert _is_shaded_skin(_seen(_behind(person), np.add(FACE[4], (60.0, 0.0, 0.0))))


def test_a_collar_of_the_hair_s_colour_is_no_hair() -> None:
    low = np.add(FACE, (0.0, 60.0, 0.0))
    brows = float(low[[105, 334], 1].mean())
    person = round_head(low, SIZE, hair_ends=brows)
    beside = np.abs(np.arange(SIZE[1]) - low[CHIN, 0]) > 40.0  # below the chin there is skin
    person[round(low[CHIN, 1]) - 20 :, beside & (person[round(low[4, 1]), :, 3] > 0)] = (*HAIR, 255)
    face = np.zeros(SIZE, np.uint8)
    cv2.fillPoly(face, [oval_of(low)], 1)
    person[face > 0] = (*SKIN, 255)
    behind = _behind(person, low)
    for side in (-55.0, 55.0):
        colour = _seen(behind, low[4] + (side, 20.0, 0.0)).astype(int)
        assert np.abs(colour[:3] - SKIN).max() < 60


def test_outside_of_the_front_the_person_is_as_it_was() -> None:
    person = round_head(FACE, SIZE)
    behind = _behind(person)
    left, top = behind.corner
    height, width = behind.person.shape[:2]
    same = person[top : top + height, left : left + width]
    np.testing.assert_array_equal(behind.person[-10:], same[-10:])
    np.testing.assert_array_equal(behind.person[:4], same[:4])


def test_where_the_portrait_shows_the_room_there_is_nothing() -> None:
    person = round_head(FACE, SIZE)
    hole = np.round(FACE[FOREHEAD, :2]).astype(int) - (0, 25)
    person[hole[1] - 8 : hole[1] + 8, hole[0] - 8 : hole[0] + 8] = 0
    assert _seen(_behind(person), np.array([*hole, 0.0]))[3] == 0


@pytest.mark.parametrize("shift", [(-230.0, 0.0), (300.0, 0.0), (0.0, -260.0), (0.0, 400.0)])
def test_a_head_at_the_edge_of_the_picture_has_a_back(shift: tuple[float, float]) -> None:
    face = np.add(FACE, (*shift, 0.0))
    person = round_head(face, SIZE)
    behind = _behind(person, face)
    (left, top), (height, width) = behind.corner, behind.person.shape[:2]
    assert 0 <= left < left + width <= SIZE[1]
    assert 0 <= top < top + height <= SIZE[0]
    is_room = person[top : top + height, left : left + width, 3] == 0
    assert behind.person[is_room][:, 3].max(initial=0) == 0


def test_hair_that_a_matte_half_sees_beside_a_jaw_goes_on_up_to_it() -> None:
    """A strip of the room between cheek and hair would be a rim of its colour."""
    person = round_head(FACE, SIZE, hair_ends=float(SIZE[0]))
    clears = _clears(person)
    is_beside = (person[..., 3] > 0) & (_inside(clears) == 0)
    person[is_beside] = np.round(0.3 * np.array([*HAIR, 255])).astype(np.uint8)
    soft = cv2.dilate(
        _inside(clears) - cv2.erode(_inside(clears), np.ones((9, 9))), np.ones((3, 3))
    )
    person[soft > 0] = np.round(0.3 * np.array([*HAIR, 255])).astype(np.uint8)
    behind = back_of_head(person, clears, clears, FACE)
    for y in FACE[[361, 132], 1]:
        row = behind.person[round(float(y)) - behind.corner[1]].astype(int)
        seen = np.flatnonzero(row[:, 3] > 0)
        assert row[seen[0] : seen[-1] + 1, 3].min() > 40, "nowhere the room in between"


def test_what_is_filled_in_has_no_hard_edge() -> None:
    lobes, (x, chin) = float(FACE[[361, 132], 1].mean()), np.round(FACE[CHIN, :2]).astype(int)
    x -= 50
    person = round_head(FACE, SIZE)
    scarf = np.zeros(SIZE, np.bool_)
    scarf[round(lobes) - 5 : chin + 20, x - 3 : x + 4] = True
    scarf &= _inside(oval_of(FACE)) == 0
    person[scarf] = (20, 60, 40, 255)
    clears = _clears(person)
    behind = back_of_head(person, clears, clears, FACE)
    edge = round(lobes) + int(np.flatnonzero(_inside(clears)[round(lobes) :, x])[-1])
    column = behind.person[edge - 6 - behind.corner[1] :, x - behind.corner[0], 0].astype(int)[:12]
    assert np.ptp(column) > 100, "a scarf, and skin behind the face"
    assert np.abs(np.diff(column)).max() < 0.6 * np.ptp(column)


def _clears(person: NDArray[np.uint8]) -> NDArray[np.floating]:
    outline = head_outline(FACE, person)
    return outline.at(FACE[list(OVAL)], outline.hides)


def _inside(outline: NDArray[np.floating] | NDArray[np.int32]) -> NDArray[np.uint8]:
    mask = np.zeros(SIZE, np.uint8)
    cv2.fillPoly(mask, [np.round(outline).astype(np.int32)], 1)
    return mask
