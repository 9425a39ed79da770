"""Colours that mean the same everywhere."""

import numpy as np

from avatarify.animation.flow_colours import (
    BACKGROUND,
    colour_flow,
    colour_wheel,
    keypoint_colours,
    mix_masks,
    tile,
)


def test_what_stands_still_is_white() -> None:
    assert colour_flow(np.zeros((2, 2, 2), np.float32), 1.0).min() == 1.0


def test_right_is_red_and_left_is_its_opposite() -> None:
    flow = np.array([[[1.0, 0.0], [-1.0, 0.0]]], np.float32)
    coloured = colour_flow(flow, 1.0)
    np.testing.assert_allclose(coloured[0, 0], [1.0, 0.0, 0.0], atol=1e-6)
    np.testing.assert_allclose(coloured[0, 1], [0.0, 1.0, 1.0], atol=1e-6)


def test_half_the_length_has_half_the_colour() -> None:
    coloured = colour_flow(np.array([[[0.5, 0.0]]], np.float32), 1.0)
    np.testing.assert_allclose(coloured[0, 0], [1.0, 0.5, 0.5], atol=1e-6)


def test_the_wheel_is_a_disc_with_white_in_its_middle() -> None:
    wheel = colour_wheel(65)
    assert wheel[0, 0, 3] == 0.0
    np.testing.assert_allclose(wheel[32, 32], 1.0)
    np.testing.assert_allclose(wheel[32, 64, :3], [1.0, 0.0, 0.0], atol=1e-6)  # right


def test_every_keypoint_has_its_own_colour() -> None:
    assert len(np.unique(keypoint_colours(20), axis=0)) == 20


def test_the_strongest_mask_gives_the_colour() -> None:
    masks = np.array([[[0.6, 0.1]], [[0.4, 0.9]]], np.float32)
    mixed = mix_masks(masks)
    np.testing.assert_allclose(mixed[0, 0], BACKGROUND)
    np.testing.assert_allclose(mixed[0, 1], keypoint_colours(1)[0])


def test_tiles_are_put_in_rows_with_gaps() -> None:
    sheet = tile(np.zeros((3, 4, 5, 3), np.float32), columns=2, gap=1)
    assert sheet.shape == (9, 11, 3)
    assert sheet[4].min() == 1.0  # the gap
    assert sheet[5:, 6:].min() == 1.0  # the missing fourth one
    assert sheet[:4, :5].max() == 0.0
