"""The nearest known pixel, against a search of all."""

import numpy as np
import pytest

from avatarify.geometry.nearest_known import nearest_known


@pytest.mark.parametrize("seed", range(4))
def test_none_is_nearer(seed: int) -> None:
    is_known = np.random.default_rng(seed).random((24, 31)) < 0.03
    known = np.argwhere(is_known)
    pixels = np.moveaxis(np.indices(is_known.shape), 0, 2)
    distances = np.linalg.norm(pixels[:, :, None] - known, axis=3).min(axis=2)
    found = nearest_known(is_known)
    assert is_known[tuple(np.moveaxis(found, 2, 0))].all()
    np.testing.assert_allclose(np.linalg.norm(pixels - found, axis=2), distances, atol=0.4)


def test_known_pixels_are_their_own() -> None:
    is_known = np.random.default_rng(0).random((20, 20)) < 0.5
    np.testing.assert_array_equal(nearest_known(is_known)[is_known], np.argwhere(is_known))


def test_where_nothing_is_known_it_is_the_first_pixel() -> None:
    np.testing.assert_array_equal(nearest_known(np.zeros((5, 7), np.bool_)), 0)
