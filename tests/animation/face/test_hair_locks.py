"""Locks of hair, painted onto plain people, and followed down."""

import numpy as np
import pytest
from numpy.typing import NDArray

from avatarify.animation.face.hair_locks import HairLock, hair_locks
from avatarify.animation.face.head_colours import HeadColours, in_lab
from avatarify.animation.face.mane import Mane

SKIN, HAIR, CLOTH = (225, 175, 150), (70, 45, 30), (240, 240, 250)
CENTER, RADIUS = np.array([200.0, 160.0]), 100.0
ANGLES = np.linspace(0.0, 2.0 * np.pi, 36, endpoint=False)
EDGE = CENTER + RADIUS * np.stack([np.sin(ANGLES), -np.cos(ANGLES)], axis=1)
LEFT, RIGHT = 272, 296
"""Sides of the painted lock: beside the jaw at point 13, and a little inside of point 10."""

NO_PIXELS = np.empty((0, 4), np.uint8)
SKIN_LAB, HAIR_LAB = in_lab(np.array([(*SKIN, 255), (*HAIR, 255)], np.uint8))
MANE = Mane(HeadColours(SKIN_LAB, HAIR_LAB), (), NO_PIXELS)


def person(
    end: int, *, below: tuple[int, int, int] | None = CLOTH, inner: int = LEFT
) -> NDArray[np.uint8]:
    """RGBA: a neck, and beside it hair down to a row; below there is cloth, or the room."""
    picture = np.zeros((500, 400, 4), np.uint8)
    picture[200:, 140:inner] = (*SKIN, 255)
    if below is not None:
        picture[end:] = (*below, 255)
    picture[150:end, inner:RIGHT] = (*HAIR, 255)
    return picture


def followed(picture: NDArray[np.uint8]) -> tuple[HairLock, ...]:
    hangs = np.zeros(36, np.bool_)
    hangs[10:13] = True
    return hair_locks(EDGE, hangs, picture, 0, MANE)


@pytest.mark.parametrize("end", [270, 330, 410])
def test_a_lock_is_as_long_as_its_hair_and_rests_where_it_ends(end: int) -> None:
    (lock,) = followed(person(end))
    assert lock.numbers.tolist() == [9, 10, 11, 12, 13]
    assert lock.rows[-1] == pytest.approx(end, abs=6)
    assert lock.rests == lock.rows[-1]
    outer, inner = lock.sides[len(lock.sides) // 2 :].T
    np.testing.assert_allclose(outer, RIGHT, atol=4)
    np.testing.assert_allclose(inner, LEFT, atol=4)


def test_hair_that_ends_in_the_air_rests_on_nothing() -> None:
    (lock,) = followed(person(260, below=None))
    assert lock.rows[-1] == pytest.approx(260, abs=6)
    assert lock.rests > lock.rows[0] + RADIUS


def test_a_coat_of_the_hair_s_colour_is_no_hair() -> None:
    picture = person(300, below=HAIR)
    picture[:300, :LEFT] = (*SKIN, 255)
    (lock,) = followed(picture)
    width = np.ptp(lock.sides, axis=1)
    assert width[lock.rows < 300].max() < 1.8 * (RIGHT - LEFT)
    assert (np.diff(width) <= 5.0).all()


def test_there_is_no_lock_without_hair() -> None:
    assert followed(person(300, inner=RIGHT)) == ()
    assert hair_locks(EDGE, np.zeros(36, np.bool_), person(300), 0, MANE) == ()


@pytest.mark.parametrize("shift", [(0.0, -400.0), (900.0, 0.0), (0.0, 900.0), (-900.0, 0.0)])
def test_a_lock_outside_of_the_picture_is_none(shift: tuple[float, float]) -> None:
    hangs = np.zeros(36, np.bool_)
    hangs[[10, 11, -10, -11]] = True
    for lock in hair_locks(EDGE + shift, hangs, person(300), 0, MANE):
        assert np.isfinite(lock.sides).all()


def test_a_margin_moves_nothing() -> None:
    picture = person(330)
    wide = np.pad(picture, ((40, 40), (40, 40), (0, 0)))
    (one,) = followed(picture)
    hangs = np.zeros(36, np.bool_)
    hangs[10:13] = True
    (other,) = hair_locks(EDGE, hangs, wide, 40, MANE)
    np.testing.assert_allclose(other.rows[[0, -1]], one.rows[[0, -1]], atol=3)
    np.testing.assert_allclose(other.sides[-1], one.sides[-1], atol=3)
