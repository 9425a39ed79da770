"""One face through all the shapes of a stream, by arithmetic."""

import numpy as np
import pytest
from numpy.typing import NDArray

from avatarify.tracking.placed_face import PlacedFace

Points = NDArray[np.float32]

FACE = np.array([[100, 50, 0], [140, 50, 4], [120, 90, -4]], np.float32)


def place(placed: PlacedFace, face: Points, size: tuple[int, int], turn: int = 0) -> Points:
    found = placed.place(face, size, turn)
    assert found is not None
    return found


def test_pictures_of_one_shape_are_left_alone() -> None:
    placed = PlacedFace()
    for shift in (0, 7, -300):
        np.testing.assert_array_equal(place(placed, FACE + shift, (480, 640)), FACE + shift)
    assert placed.size == (480, 640)


@pytest.mark.parametrize(("size", "turn"), [((960, 1280), 0), ((640, 480), 0), ((480, 640), 180)])
def test_a_face_goes_on_where_it_was_and_moves_in_its_own_measure(
    size: tuple[int, int], turn: int
) -> None:
    placed = PlacedFace()
    placed.place(FACE, (480, 640), 0)
    larger = 2 * FACE + np.array([31, -9, 0], np.float32)
    np.testing.assert_allclose(place(placed, larger, size, turn), FACE, atol=1e-4)
    np.testing.assert_allclose(placed.as_now(larger + 10), FACE + 5, atol=1e-4)
    assert placed.place(None, size, turn) is None
    np.testing.assert_allclose(place(placed, FACE, (480, 640)), FACE, atol=1e-4)


def test_the_first_face_in_another_shape_is_in_the_middle_if_it_is_there() -> None:
    placed = PlacedFace()
    assert placed.place(None, (480, 640), 0) is None
    centred = np.array([[350, 640, 0], [370, 640, 0]], np.float32)
    there = place(placed, centred, (1280, 720))
    np.testing.assert_allclose(there, [[316.25, 240, 0], [323.75, 240, 0]], atol=1e-4)
