"""Rims whose true mixture is known."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from avatarify.animation.face.matte_rim import shared_rim
from avatarify.frames import Image

PERSON, ROOM = (200, 150, 130), (40, 90, 220)
FACE_HEIGHT = 200.0


def _disc(radius: int) -> NDArray[np.uint8]:
    matte = np.zeros((300, 300), np.uint8)
    cv2.circle(matte, (150, 150), radius, 255, -1)
    return matte


def _soft_disc() -> NDArray[np.float64]:
    return np.asarray(cv2.GaussianBlur(_disc(97), (0, 0), 1.5), np.float64) / 255.0


def _mixed(
    share: NDArray[np.float64], person: tuple[int, int, int], room: tuple[int, int, int]
) -> Image:
    mixed = share[..., None] * np.array(person) + (1.0 - share[..., None]) * np.array(room)
    return np.round(mixed).astype(np.uint8)


def test_the_room_gets_its_share_of_the_rim() -> None:
    true = _soft_disc()
    generous = _disc(101)
    found = shared_rim(_mixed(true, PERSON, ROOM), generous, FACE_HEIGHT)
    before = np.abs(generous / 255.0 - true)[generous > 0]
    after = np.abs(found / 255.0 - true)[generous > 0]
    assert after.sum() < 0.35 * before.sum()
    assert (found <= generous).all()
    assert (found[generous > 0] > 0).all(), "what was the person's stays so, if only a little"


def test_the_person_gets_hers() -> None:
    """What stayed behind would be a ghost when she moves."""
    true = cv2.GaussianBlur(_disc(100), (0, 0), 2.0) / 255.0
    tight = _disc(98)
    found = shared_rim(_mixed(true.astype(np.float64), PERSON, ROOM), tight, FACE_HEIGHT)
    is_outside = (tight == 0) & (true > 0.1)
    assert is_outside.sum() > 500
    assert np.abs(found / 255.0 - true)[is_outside].mean() < 0.3 * true[is_outside].mean()
    assert (found >= tight)[tight == 0].all()


def test_what_the_room_has_is_left_to_it() -> None:
    """A lamp beside a head is brighter than the wall, but not towards the person's colour."""
    picture = _mixed(_disc(100) / 255.0, (60, 40, 30), (180, 180, 180))
    cv2.rectangle(picture, (252, 100), (290, 200), (255, 255, 255), -1)
    np.testing.assert_array_equal(shared_rim(picture, _disc(100), FACE_HEIGHT)[:, 252:], 0)


def test_nothing_changes_farther_in() -> None:
    true = _disc(100) / 255.0
    picture = _mixed(true, PERSON, ROOM)
    cv2.circle(picture, (150, 150), 60, ROOM, -1)  # a scarf in the room's colour
    found = shared_rim(picture, _disc(100), FACE_HEIGHT)
    np.testing.assert_array_equal(found[_disc(93) > 0], 255)


@pytest.mark.parametrize("room", [PERSON, (204, 152, 128)])
def test_colours_that_do_not_differ_say_nothing(room: tuple[int, int, int]) -> None:
    true = _soft_disc()
    found = shared_rim(_mixed(true, PERSON, room), _disc(101), FACE_HEIGHT)
    assert found[_disc(101) > 0].min() > 240


@pytest.mark.parametrize("value", [0, 255])
def test_all_or_nothing_stays(value: int) -> None:
    picture = np.random.default_rng(0).integers(0, 256, (40, 60, 3)).astype(np.uint8)
    matte = np.full((40, 60), value, np.uint8)
    np.testing.assert_array_equal(shared_rim(picture, matte, 1000.0), matte)
