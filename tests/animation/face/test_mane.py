"""Which colours are those of long hair."""

import numpy as np
from numpy.typing import NDArray

from avatarify.animation.face.head_colours import HeadColours, in_lab
from avatarify.animation.face.mane import Mane

SKIN, ABOVE = (225, 175, 150), (120, 80, 50)
DARK, BRIGHT, DIM_NECK = (60, 38, 25), (205, 120, 50), (125, 90, 68)


def pixels(*colours: tuple[int, int, int]) -> NDArray[np.uint8]:
    return np.array([(*colour, 255) for colour in colours], np.uint8)


def of(*beside: NDArray[np.uint8], neck: NDArray[np.uint8] | None = None) -> Mane:
    skin, hair = in_lab(pixels(SKIN, ABOVE))
    return Mane(
        HeadColours(skin, hair), beside, np.empty((0, 4), np.uint8) if neck is None else neck
    )


def pixels_of(colour: tuple[int, int, int]) -> NDArray[np.uint8]:
    return np.repeat(pixels(colour), 9, axis=0)


def test_hair_in_other_light_than_above_is_hair() -> None:
    side = np.concatenate([pixels_of(DARK), pixels_of(BRIGHT)])
    seen = pixels(ABOVE, DARK, BRIGHT, SKIN)
    assert of(side).is_hair(seen).tolist() == [True, True, True, False]
    assert of().is_hair(pixels(BRIGHT)).tolist() == [False]


def test_skin_and_room_beside_the_temples_tell_nothing() -> None:
    """Ears and a bald head are there, or the picture ends."""
    nothing = np.zeros((9, 4), np.uint8)
    seen = pixels(SKIN, (210, 160, 136), (2, 2, 2))
    assert not of(pixels_of(SKIN), nothing).is_hair(seen).any()


def test_a_neck_in_shadow_is_no_hair() -> None:
    seen = pixels(DIM_NECK)
    assert of().is_hair(seen).tolist() == [True]
    assert of(neck=pixels_of(DIM_NECK)).is_hair(seen).tolist() == [False]


def test_hair_before_the_neck_is_hair() -> None:
    assert of(neck=pixels_of(ABOVE)).is_hair(pixels(ABOVE)).tolist() == [True]
