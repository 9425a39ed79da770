"""An avatar before another background, and as motion models see it."""

import numpy as np
import pytest

from avatarify.animation.face.scenery import Scenery
from avatarify.session.avatars.avatar import SQUARE_SIDE, Avatar
from avatarify.session.avatars.portrait_file import read_portrait
from tests.drivers import AVATARS, landmarks_of


@pytest.fixture(scope="module")
def maya() -> Avatar:
    return read_portrait(AVATARS / "maya.png")


def test_its_own_room_leaves_it_as_it_is(maya: Avatar) -> None:
    assert maya.before(Scenery()) is maya


def test_before_green_the_person_stays_and_the_room_is_green(maya: Avatar) -> None:
    green = maya.before(Scenery("colour", (0, 177, 64)))
    assert maya.matte is not None
    assert green.backdrop is not None
    assert (green.backdrop == (0, 177, 64)).all()
    np.testing.assert_array_equal(green.image[maya.matte == 0], green.backdrop[maya.matte == 0])
    solid = maya.matte == 255
    np.testing.assert_array_equal(green.image[solid], maya.image[solid])


def test_a_room_is_filled_in_once(maya: Avatar) -> None:
    known = maya.with_room()
    assert known.backdrop is not None
    assert known.with_room() is known
    assert maya.matte is not None
    seen = maya.matte == 0
    np.testing.assert_array_equal(known.backdrop[seen], maya.image[seen])


def test_an_unknown_person_stays_in_its_room() -> None:
    wall = Avatar("wall", np.full((40, 60, 3), 90, np.uint8))
    assert wall.before(Scenery("blur")) is wall
    assert wall.with_room() is wall


def test_as_a_square_the_face_is_in_the_middle(maya: Avatar) -> None:
    square = maya.as_square()
    assert not square.has_face
    assert square.image.shape == (SQUARE_SIDE, SQUARE_SIDE, 3)
    low, high = landmarks_of("maya")[:, :2].min(axis=0), landmarks_of("maya")[:, :2].max(axis=0)
    x, y = np.round((low + high) / 2).astype(int)
    there = maya.image[y - 4 : y + 4, x - 4 : x + 4].reshape(-1, 3).mean(axis=0)
    middle = SQUARE_SIDE // 2
    here = square.image[middle - 4 : middle + 4, middle - 4 : middle + 4].reshape(-1, 3)
    assert np.abs(there - here.mean(axis=0)).max() < 12


def test_what_does_not_belong_together_is_refused(maya: Avatar) -> None:
    with pytest.raises(ValueError, match="RGB"):
        Avatar("flat", np.zeros((4, 4), np.uint8))
    with pytest.raises(ValueError, match="together"):
        Avatar("half", maya.image, maya.landmarks)
    with pytest.raises(ValueError, match="matte is"):
        Avatar("torn", maya.image, maya.landmarks, np.zeros((4, 4), np.uint8))
