"""What stands behind a person: a disc on stripes is one before a room that a reader can see."""

import numpy as np
import pytest

from avatarify.animation.face.scenery import GREEN, Scenery, set_before
from avatarify.frames import Image

SIZE = (120, 200)


def _room() -> Image:
    """Grey stripes of 10 pixels, upright."""
    stripes = np.where(np.arange(SIZE[1]) // 10 % 2, 180, 90).astype(np.uint8)
    return np.repeat(np.repeat(stripes[None, :, None], SIZE[0], axis=0), 3, axis=2)


def _matte() -> np.ndarray:
    y, x = np.mgrid[: SIZE[0], : SIZE[1]]
    away = np.hypot(y - 60, x - 100)
    return np.clip(255 * (41 - away) / 2, 0, 255).astype(np.uint8)  # soft from 39 to 41 pixels


def _portrait(room: Image) -> Image:
    share = _matte()[..., None] / 255.0
    red = np.array([200, 40, 30])
    return np.round(share * red + (1 - share) * room).astype(np.uint8)


def test_the_own_room_stays_as_it_is() -> None:
    room = _room()
    assert Scenery().backdrop(room) is room


def test_a_colour_is_that_colour_everywhere() -> None:
    backdrop = Scenery("colour", (10, 20, 30)).backdrop(_room())
    assert backdrop.shape == (*SIZE, 3)
    assert (backdrop == (10, 20, 30)).all()


def test_a_blur_keeps_the_rooms_light_and_takes_its_edges() -> None:
    wide = np.repeat(np.repeat(_room(), 4, axis=0), 4, axis=1)  # stripes of 40 in 480 pixels
    fine = np.repeat(np.repeat(_room()[:, ::5], 20, axis=1), 4, axis=0)
    for room in (wide, fine):
        soft = Scenery("blur").backdrop(room)
        assert soft.shape == room.shape
        assert soft.mean() == pytest.approx(room.mean(), abs=2)
        step = np.abs(np.diff(soft.astype(int), axis=1)).max()
        assert step < 0.2 * np.abs(np.diff(room.astype(int), axis=1)).max()


@pytest.mark.parametrize("shape", [(30, 50), (300, 900), (900, 300), (1, 1)])
def test_a_picture_covers_the_whole_backdrop(shape: tuple[int, int]) -> None:
    picture = np.full((*shape, 3), 77, np.uint8)
    backdrop = Scenery("picture", picture=picture).backdrop(_room())
    assert backdrop.shape == (*SIZE, 3)
    assert (backdrop == 77).all()


def test_a_pictures_longer_edges_are_cut_evenly() -> None:
    picture = np.zeros((100, 1000, 3), np.uint8)
    picture[:, 500:] = 255  # its middle stays the middle
    backdrop = Scenery("picture", picture=picture).backdrop(_room())
    assert (backdrop[:, :95] < 128).all()
    assert (backdrop[:, 105:] > 128).all()


def test_the_person_keeps_its_pixels_before_another_scenery() -> None:
    room, matte = _room(), _matte()
    picture, green = _portrait(room), np.full_like(room, GREEN)
    image = set_before(picture, matte, room, green)
    np.testing.assert_array_equal(image[matte == 255], picture[matte == 255])
    np.testing.assert_array_equal(image[matte == 0], green[matte == 0])


def test_nothing_of_the_old_room_shines_through_the_edge() -> None:
    """Half a pixel of red before grey becomes half red, half green."""
    room, green = _room(), np.full_like(_room(), (0, 200, 0))
    image = set_before(_portrait(room), _matte(), room, green)
    assert np.abs(image.astype(int) - _portrait(green)).max() <= 1


def test_the_old_room_is_there_again_when_it_is_put_behind() -> None:
    room = _room()
    again = set_before(_portrait(room), _matte(), room, room)
    assert np.abs(again.astype(int) - _portrait(room)).max() <= 1


def test_a_choice_that_means_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="picture"):
        Scenery("picture")
    with pytest.raises(ValueError, match="picture"):
        Scenery("blur", picture=_room())
    with pytest.raises(ValueError, match="255"):
        Scenery("colour", (0, 256, 0))
