"""Rooms from which somebody is taken out."""

import numpy as np
from numpy.typing import NDArray

from avatarify.animation.face.backdrop import fill_backdrop
from avatarify.animation.face.backdrop_fill import mirrored_fill, pyramid_fill


def _block(size: int, near: int, far: int) -> NDArray[np.uint8]:
    matte = np.zeros((size, size), np.uint8)
    matte[near:far, near:far] = 255
    return matte


def test_room_outside_of_the_matte_is_untouched() -> None:
    picture = np.random.default_rng(0).integers(0, 255, (64, 64, 3), np.uint8)
    matte = _block(64, 20, 44)
    filled = fill_backdrop(picture, matte)
    np.testing.assert_array_equal(filled[matte == 0], picture[matte == 0])
    assert filled.dtype == np.uint8


def test_person_leaves_no_trace_on_a_plain_wall() -> None:
    picture = np.full((96, 96, 3), (180, 170, 160), np.uint8)
    picture[30:66, 30:66] = 20
    matte = _block(96, 31, 65)
    filled = fill_backdrop(picture, matte)
    inside = filled[matte > 0].astype(int)
    assert np.abs(inside - (180, 170, 160)).max() <= 2, (
        "the dark rim outside of the matte is not used"
    )


def test_gradient_goes_on_behind_the_person() -> None:
    ramp = np.linspace(60.0, 200.0, 128)
    picture = np.repeat(np.tile(ramp, (128, 1))[..., None], 3, axis=2).astype(np.uint8)
    truth = picture.copy()
    matte = _block(128, 44, 84)
    picture[matte > 0] = 0
    error = fill_backdrop(picture, matte).astype(int) - truth
    assert np.abs(error).max() < 25
    assert np.abs(error[matte > 0]).mean() < 10


def test_picture_of_nothing_but_a_person_is_filled() -> None:
    picture = np.full((32, 32, 3), 90, np.uint8)
    filled = fill_backdrop(picture, np.full((32, 32), 255, np.uint8))
    np.testing.assert_array_equal(filled, picture)


def test_pyramid_keeps_what_is_known() -> None:
    colours = np.random.default_rng(1).random((20, 24, 3)).astype(np.float32)
    known = np.ones((20, 24), np.float32)
    known[5:15, 5:15] = 0.0
    filled = pyramid_fill(colours, known)
    np.testing.assert_allclose(filled[known > 0], colours[known > 0], atol=1e-5)
    assert filled.min() >= -0.2
    assert filled.max() <= 1.2


def test_mirror_repeats_what_is_in_front_of_it() -> None:
    """Left of column 10 is the room: column 10 + n shows column 9 − n or so."""
    colours = np.tile(np.arange(30, dtype=np.float32), (30, 1))[..., None]
    hole = np.zeros((30, 30), bool)
    hole[:, 10:] = True
    mirrored, trust = mirrored_fill(colours, hole)
    assert abs(float(mirrored[15, 12, 0]) - 6.5) < 1.6
    assert trust[15, 12] > 0.5
    assert trust[15, 25] == 0.0, "its mirror image would lie beyond the picture"


def test_no_step_at_the_outline_tells_where_the_person_was() -> None:
    """A shelf's shadow crosses the outline, dark within a few pixels."""
    x = np.arange(480.0)
    shade = np.round(130 + 70 * np.sin(2 * np.pi * x / 70)).astype(np.uint8)
    picture = np.repeat(np.tile(shade, (480, 1))[..., None], 3, axis=2)
    matte = _block(480, 156, 330)
    picture[matte > 0] = 0
    filled = fill_backdrop(picture, matte)[170:310].astype(int)
    slope = np.abs(np.diff(shade.astype(int))).max()
    for inside, outside in ((156, 155), (329, 330)):
        step = np.abs(filled[:, inside] - filled[:, outside])
        assert step.mean() <= slope + 4
