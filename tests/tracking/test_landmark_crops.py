import numpy as np
import pytest

from avatarify.networks.landmark_points import MOUTH_POINTS
from avatarify.tracking.landmark_crops import (
    FACE_SIDE,
    FaceFrame,
    Points,
    Square,
    apply,
    cut,
    frame_of,
    inverse,
)
from avatarify.tracking.landmark_reader import in_frame


@pytest.fixture
def mean() -> Points:
    return np.random.default_rng(0).normal(size=(478, 3)).astype(np.float32)


def test_upright_square_ends_at_one() -> None:
    matrix = Square(10.0, 20.0, 8.0, 0.0).to_square()
    corners = np.array([[6, 16], [14, 24], [10, 20]], np.float32)
    np.testing.assert_allclose(apply(matrix, corners), [[-1, -1], [1, 1], [0, 0]], atol=1e-6)


def test_square_turned_by_a_right_angle_has_its_right_side_at_the_bottom() -> None:
    matrix = Square(0.0, 0.0, 2.0, np.pi / 2).to_square()
    np.testing.assert_allclose(apply(matrix, np.array([[0, 1]], np.float32)), [[1, 0]], atol=1e-6)


def test_mirrored_square_swaps_left_and_right() -> None:
    matrix = Square(10.0, 20.0, 8.0, 0.0).to_square(mirrored=True)
    np.testing.assert_allclose(apply(matrix, np.array([[6, 24]], np.float32)), [[1, 1]], atol=1e-6)


def test_inverse_comes_back() -> None:
    matrix = Square(3.0, 5.0, 7.0, 0.3).to_square(mirrored=True)
    points = np.array([[1, 2], [3, 4]], np.float32)
    np.testing.assert_allclose(apply(inverse(matrix), apply(matrix, points)), points, atol=1e-5)


def test_frame_of_a_turned_mean_face(mean: Points) -> None:
    angle, unit = 0.4, 60.0
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    points = (mean[:, :2] @ turn.T * unit + (320, 200)).astype(np.float32)
    frame = frame_of(points, mean)
    np.testing.assert_allclose(frame, (320, 200, 60, 0.4), rtol=1e-4)


def test_frame_does_not_follow_the_lips(mean: Points) -> None:
    opened = mean * 50.0
    opened[list(MOUTH_POINTS), 1] += 40.0
    np.testing.assert_allclose(frame_of(opened, mean), (0, 0, 50, 0), atol=1e-3)


def test_mouth_square_is_as_wide_as_told_and_lies_on_the_lips(mean: Points) -> None:
    points = mean * 50.0
    square = FaceFrame(7.0, 9.0, 50.0, 0.2).mouth_square(points, 1.8)
    middle = points[list(MOUTH_POINTS[:20]), :2].mean(axis=0)
    np.testing.assert_allclose(square, (*middle, 90.0, 0.2), rtol=1e-5)


def test_points_in_the_frame_lie_as_if_face_and_picture_were_level(mean: Points) -> None:
    turn = np.array([[np.cos(0.7), np.sin(0.7)], [-np.sin(0.7), np.cos(0.7)]])  # by -0.7 rad
    flat = mean[:, :2] @ turn.T * 30.0 + (100.0, 50.0)
    points = np.column_stack((flat, mean[:, 2] * 30.0)).astype(np.float32)
    frame = FaceFrame(100.0, 50.0, 30.0, -0.7)
    np.testing.assert_allclose(in_frame(points, frame), mean, atol=1e-4)


def test_face_square_is_as_large_as_the_face() -> None:
    assert FaceFrame(1.0, 2.0, 10.0, 0.5).face_square() == Square(1.0, 2.0, FACE_SIDE * 10.0, 0.5)


@pytest.mark.parametrize("side", [8, 16, 32])
def test_cut_of_an_aligned_square_is_that_part(side: int) -> None:
    """Also where the part is halved: each pixel is then the mean of a block, here of one colour."""
    blocks = np.random.default_rng(1).integers(0, 255, (12, 12, 3), dtype=np.uint8)
    factor = side // 8
    image = blocks.repeat(factor, axis=0).repeat(factor, axis=1)
    centre = 6.0 * factor
    found = cut(image, Square(centre, centre, float(side), 0.0).to_square(), 8)
    np.testing.assert_array_equal(found, blocks[2:10, 2:10])


def test_cut_outside_the_picture_repeats_its_edge() -> None:
    image = np.full((100, 100, 3), 7, np.uint8)
    found = cut(image, Square(-500.0, -500.0, 400.0, 0.2).to_square(), 16)
    assert found.shape == (16, 16, 3)
    assert (found == 7).all()
