"""What is raised behind a jaw, column by column."""

import numpy as np
from numpy.typing import NDArray

from avatarify.animation.face.head_colours import HeadColours, in_lab
from avatarify.animation.face.hidden_neck import raised_neck

SKIN, HAT, FAIR, COLLAR = (220, 170, 140), (20, 20, 25), (200, 185, 60), (60, 110, 80)
JAW = 80
"""The row in which the front ends."""


def _colours() -> HeadColours:
    skin, hat = in_lab(np.array([SKIN, HAT], np.uint8))
    return HeadColours(skin, hat)


def _raised(beside: tuple[int, int, int], *, goes_on: bool) -> NDArray[np.float32]:
    """A chin above a dark neck, and beside it something that goes on above the jaw, or does not."""
    person = np.full((120, 120, 4), (*SKIN, 255), np.uint8)
    person[JAW:, :, :3] = np.array(SKIN) // 5
    person[(slice(None) if goes_on else slice(JAW - 20, None)), :40, :3] = beside
    front = np.zeros((120, 120), np.bool_)
    front[10:JAW] = True
    front[JAW - 20 : JAW, :40] = False  # the chin is lower
    has_hair = np.zeros(120, np.bool_)
    return raised_neck(person, front, _colours(), 20.0, has_hair, face_height=80.0)


def test_fair_hair_below_a_dark_hat_goes_on_up() -> None:
    """Not of the hat's colour, it is not known for hair; a dark neck would lie over it."""
    seen = _raised(FAIR, goes_on=True)[JAW - 24, 15, :3]
    assert np.abs(seen - FAIR).max() < 25


def test_a_collar_does_not() -> None:
    seen = _raised(COLLAR, goes_on=False)[JAW - 24, 15, :3]
    assert seen[0] > seen[1], "redder than green cloth"
