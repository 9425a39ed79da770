"""Where a head's front ends, on heads of plain colours whose ends are known."""

import cv2
import numpy as np
import pytest

from avatarify.animation.face.head_outline import head_outline
from avatarify.geometry.average_face import face_in_the_middle
from avatarify.geometry.face_mesh import OVAL
from tests.animation.face.round_heads import BEYOND, SKIN, oval_of, round_head

SIZE = (480, 480)
FACE = np.asarray(face_in_the_middle(SIZE), np.float64)
UPPER = [0, 1, 2, 3, 33, 34, 35]
EAR = [7, 29]
LOW = [14, 18, 22]


def test_hair_ends_where_the_matte_does() -> None:
    outline = head_outline(FACE, round_head(FACE, SIZE))
    np.testing.assert_allclose(outline.edge[UPPER], BEYOND, atol=0.03)
    assert (outline.front[UPPER] < outline.edge[UPPER]).all()
    assert (outline.front[UPPER] > BEYOND - 0.12).all()


def test_the_front_ends_at_the_jaw() -> None:
    outline = head_outline(FACE, round_head(FACE, SIZE))
    assert (outline.jaw[LOW] == 1.0).all()
    assert (outline.front[LOW] < 1.1).all()
    np.testing.assert_array_equal(outline.hides, outline.front)


def test_ears_belong_to_the_front_whole() -> None:
    """Hair keeps a soft edge behind; an ear that stayed behind would be a second ear."""
    person = round_head(FACE, SIZE, has_ears=True)
    outline = head_outline(FACE, person)
    assert (outline.front[EAR] >= outline.edge[EAR]).all()
    without = head_outline(FACE, round_head(FACE, SIZE))
    assert (without.front[EAR] < without.edge[EAR]).all()


def test_a_jaw_before_the_room_leaves_no_rim_behind() -> None:
    """The hidden part begins some pixels inside of the front's edge: the jaw must end before."""
    person = round_head(FACE, SIZE)
    jaw = np.zeros(SIZE, np.uint8)
    cv2.fillPoly(jaw, [oval_of(FACE, 1.05)], 1)
    middle = round(float(FACE[list(OVAL), 1].mean()))
    person[middle:] = jaw[middle:, :, None] * np.array([*SKIN, 255], np.uint8)  # and no neck
    outline = head_outline(FACE, person)
    beside = [11, 12, 13, 23, 24, 25]
    assert (outline.jaw[beside] > 0.5).all()
    assert (outline.hides[beside] > 1.08).all()
    with_neck = head_outline(FACE, round_head(FACE, SIZE))
    assert with_neck.hides[LOW] == pytest.approx(1.04)


def test_a_beard_goes_with_the_jaw() -> None:
    outline = head_outline(FACE, round_head(FACE, SIZE, beard=1.2))
    assert outline.front[18] == pytest.approx(1.25, abs=0.06)
    assert outline.jaw[18] == 1.0


def test_long_hair_beside_the_jaw_hangs_before_and_behind() -> None:
    outline = head_outline(FACE, round_head(FACE, SIZE, is_long=True))
    hangs = outline.front > outline.hides + 0.05
    assert hangs.any()
    number = np.flatnonzero(hangs)
    assert set(np.minimum(number, len(OVAL) - number)) <= {10, 11, 12}
    assert (outline.jaw[hangs] == 0.0).all()


def test_a_margin_moves_nothing() -> None:
    person = round_head(FACE, SIZE, has_ears=True)
    wide = np.pad(person, ((40, 40), (40, 40), (0, 0)))
    for one, other in zip(head_outline(FACE, person), head_outline(FACE, wide, 40), strict=True):
        np.testing.assert_allclose(one.astype(float), other.astype(float), atol=1e-6)


def test_a_head_that_fills_the_picture_has_an_outline() -> None:
    full = np.full((*SIZE, 4), 255, np.uint8)
    empty = np.zeros((*SIZE, 4), np.uint8)
    for person in (full, empty):
        outline = head_outline(FACE, person)
        assert np.isfinite(outline.front).all()
        assert (outline.front >= 1.0).all()
