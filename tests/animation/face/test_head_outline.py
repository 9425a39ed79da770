"""Where a head's front ends, on heads of plain colours whose ends are known."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from avatarify.animation.face.head_outline import head_outline
from avatarify.geometry.average_face import face_in_the_middle
from avatarify.geometry.face_mesh import OVAL
from tests.animation.face.round_heads import BEYOND, HAIR, SKIN, oval_of, round_head

SIZE = (480, 480)
FACE = np.asarray(face_in_the_middle(SIZE), np.float64)
UPPER = [0, 1, 2, 3, 33, 34, 35]
EAR = [7, 29]
LOW = [14, 18, 22]
LOBES = [93, 323]


def add_lobes(person: NDArray[np.uint8]) -> None:
    for point in LOBES:
        x, y = (round(float(v)) for v in FACE[point, :2])
        cv2.circle(person, (x, y), 26, (*SKIN, 255), -1)


def test_hair_ends_where_the_matte_does() -> None:
    outline = head_outline(FACE, round_head(FACE, SIZE))
    np.testing.assert_allclose(outline.edge[UPPER], BEYOND, atol=0.03)
    assert (outline.front[UPPER] < outline.edge[UPPER]).all()
    assert (outline.front[UPPER] > BEYOND - 0.12).all()


@pytest.mark.parametrize("jaw", [0.965, 1.0, 1.035])
def test_the_front_ends_where_the_jaw_s_skin_does(jaw: float) -> None:
    """What it took along from beyond would be a dark edge of hair, or a flap of the neck."""
    person = round_head(FACE, SIZE, is_long=True, jaw=jaw)
    add_lobes(person)  # so that no lock hangs there
    outline = head_outline(FACE, person)
    assert (outline.jaw[LOW] == 1.0).all()
    x, y = oval_of(FACE, jaw + 0.03).T
    is_hair = (person[y, x, :3] == HAIR).all(axis=-1) & (outline.jaw == 1.0)
    assert is_hair.sum() >= 4
    np.testing.assert_allclose(outline.front[is_hair], jaw, atol=0.015)


def test_ears_belong_to_the_front_whole() -> None:
    """Hair keeps a soft edge behind; an ear that stayed behind would be a second ear."""
    person = round_head(FACE, SIZE, has_ears=True)
    outline = head_outline(FACE, person)
    assert (outline.front[EAR] >= outline.edge[EAR]).all()
    without = head_outline(FACE, round_head(FACE, SIZE))
    assert (without.front[EAR] < without.edge[EAR]).all()


def test_a_rim_of_hair_in_a_room_of_the_skin_s_colour_is_no_ear() -> None:
    """Where a pixel is both hair and room, it may look like skin."""
    person = round_head(FACE, SIZE)
    for size, colour in ((1.2, (0, 0, 0, 0)), (1.17, (*SKIN, 255))):
        within = np.zeros(SIZE, np.uint8)
        cv2.fillPoly(within, [oval_of(FACE, size)], 1)
        is_hair = (person[..., :3] == HAIR).all(axis=2) & (person[..., 3] > 0)
        person[is_hair & (within == 0)] = colour
    outline = head_outline(FACE, person)
    assert (outline.front[EAR] < outline.edge[EAR]).all()


@pytest.mark.parametrize("end", [0.98, 1.04])
def test_a_jaw_before_the_room_ends_with_the_person(end: float) -> None:
    person = round_head(FACE, SIZE)
    jaw = np.zeros(SIZE, np.uint8)
    cv2.fillPoly(jaw, [oval_of(FACE, end)], 1)
    middle = round(float(FACE[list(OVAL), 1].mean()))
    person[middle:] = jaw[middle:, :, None] * np.array([*SKIN, 255], np.uint8)  # and no neck
    outline = head_outline(FACE, person)
    beside = [12, 13, 16, 18, 20, 23, 24]
    np.testing.assert_allclose(outline.front[beside], end, atol=0.015)
    np.testing.assert_allclose(outline.neck[beside], 1.0)


def test_a_beard_goes_with_the_jaw() -> None:
    outline = head_outline(FACE, round_head(FACE, SIZE, beard=1.2))
    assert outline.front[18] == pytest.approx(1.25, abs=0.06)
    assert outline.jaw[18] == 1.0


def test_long_hair_beside_the_jaw_hangs_before_and_behind() -> None:
    outline = head_outline(FACE, round_head(FACE, SIZE, is_long=True))
    hangs = outline.front > outline.hides + 0.05
    assert hangs.any()
    number = np.flatnonzero(hangs)
    assert set(np.minimum(number, len(OVAL) - number)) <= {10, 11, 12, 13}
    assert (outline.jaw[hangs] == 0.0).all()
    assert len(outline.locks) == 2


def test_hair_behind_an_ear_does_not_hang_before_the_jaw() -> None:
    person = round_head(FACE, SIZE, is_long=True)
    add_lobes(person)
    outline = head_outline(FACE, person)
    assert not (outline.front > outline.hides + 0.05).any()


def test_a_beard_is_no_long_hair() -> None:
    person = round_head(FACE, SIZE, beard=1.25)
    mask = np.zeros(SIZE, np.uint8)
    cv2.fillPoly(mask, [oval_of(FACE, 1.25)], 1)
    cv2.fillPoly(mask, [oval_of(FACE, 0.9)], 0)
    mask[: round(float(FACE[LOBES[1], 1]))] = 0
    person[mask > 0] = (*HAIR, 255)
    assert head_outline(FACE, person).locks == ()


def test_a_margin_moves_nothing() -> None:
    person = round_head(FACE, SIZE, has_ears=True)
    wide = np.pad(person, ((40, 40), (40, 40), (0, 0)))
    here, there = head_outline(FACE, person), head_outline(FACE, wide, 40)
    assert here.locks == there.locks == ()
    for one, other in zip(here[:-1], there[:-1], strict=True):
        np.testing.assert_allclose(one, other, atol=1e-6)


def test_a_head_that_fills_the_picture_has_an_outline() -> None:
    full = np.full((*SIZE, 4), 255, np.uint8)
    empty = np.zeros((*SIZE, 4), np.uint8)
    for person in (full, empty):
        outline = head_outline(FACE, person)
        assert np.isfinite(outline.front).all()
        assert (outline.front > 0.9).all()
