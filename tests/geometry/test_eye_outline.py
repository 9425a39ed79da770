import numpy as np
import pytest
from numpy.typing import NDArray

from avatarify.geometry.eye_outline import (
    EyeLines,
    MarginsAtRest,
    eye_lines,
    falling,
    hat_weights,
    smoothing_matrix,
)
from avatarify.geometry.face_mesh import RIGHT_EYE
from tests.geometry.face_shapes import made_face

Points = NDArray[np.floating]

LINE = np.array([[0.0, 0.0], [10.0, -4.0], [20.0, -4.0], [30.0, 0.0]])


def test_margins_run_from_the_outer_to_the_inner_corner() -> None:
    face = made_face(eye_gap=8)
    upper, lower = eye_lines(face, RIGHT_EYE)
    np.testing.assert_array_equal(upper[[0, -1]], face[[RIGHT_EYE.outer, RIGHT_EYE.inner], :2])
    np.testing.assert_array_equal(upper[[0, -1]], lower[[0, -1]])
    np.testing.assert_allclose(lower[1:-1] - upper[1:-1], np.array([[0, 8]] * 7))


def test_a_smoothed_line_passes_through_its_points() -> None:
    smooth = smoothing_matrix(4, 5)
    assert smooth.shape == (16, 4)
    np.testing.assert_allclose((smooth @ LINE)[::5], LINE, atol=1e-12)


def test_a_straight_line_stays_straight() -> None:
    straight = np.array([[0.0, 1.0], [2.0, 2.0], [4.0, 3.0]])
    np.testing.assert_allclose(
        smoothing_matrix(3, 4) @ straight, np.linspace(straight[0], straight[-1], 9), atol=1e-12
    )


def test_hats_interpolate_and_are_constant_beyond_the_ends() -> None:
    weights = hat_weights(np.array([-5.0, 0.0, 3.0, 4.0, 99.0]), np.array([0.0, 2.0, 4.0]))
    expected = np.array([[1, 0, 0], [1, 0, 0], [0, 0.5, 0.5], [0, 0, 1], [0, 0, 1]])
    np.testing.assert_allclose(weights, expected, atol=1e-5)


def ways(rest: Points, moved: Points) -> Points:
    """How far an upper margin went, above a lower one that goes as straight as it can."""
    upper, lower = MarginsAtRest(EyeLines(rest, _straight(rest))).ways(
        np.stack([moved, _straight(moved)])
    )
    np.testing.assert_allclose(lower[[0, -1]], upper[[0, -1]], atol=1e-9)
    return upper


def _straight(line: Points) -> Points:
    return np.linspace(line[0], line[-1], len(line))


def test_a_margin_that_rests_went_nowhere() -> None:
    np.testing.assert_allclose(ways(LINE, LINE), 0, atol=1e-9)


def test_a_margin_that_folds_over_rests_as_well() -> None:
    folded = np.array([[0.0, 0.0], [-1.0, -2.0], [20.0, -4.0], [30.0, 0.0]])
    np.testing.assert_allclose(ways(folded, folded), 0, atol=1e-9)


def test_a_margin_goes_with_its_corners() -> None:
    np.testing.assert_allclose(ways(LINE, LINE + np.array([3.0, 5.0])), [[3, 5]] * 4, atol=1e-9)


def test_points_that_slide_along_a_margin_move_nothing() -> None:
    tent = np.array([[0.0, 0.0], [10.0, -5.0], [20.0, -10.0], [40.0, 0.0]])
    slid = tent.copy()
    slid[1] = (14.0, -7.0)  # on the same straight part
    np.testing.assert_allclose(ways(tent, slid), 0, atol=1e-4)


def test_lids_that_shut_move_by_their_height() -> None:
    shut = LINE * (1.0, 0.0)
    np.testing.assert_allclose(ways(LINE, shut), [[0, 0], [0, 4], [0, 4], [0, 0]], atol=1e-9)


def test_each_margin_goes_its_own_way() -> None:
    lower = LINE * (1.0, -0.5)
    both = MarginsAtRest(EyeLines(LINE, lower)).ways(np.stack([LINE * (1.0, 0.5), lower]))
    np.testing.assert_allclose(both[0], [[0, 0], [0, 2], [0, 2], [0, 0]], atol=1e-9)
    np.testing.assert_allclose(both[1], 0, atol=1e-9)


@pytest.mark.parametrize(("value", "expected"), [(0.0, 1.0), (1.0, 1.0), (2.0, 0.5), (3.0, 0.0)])
def test_a_step_falls_between_its_ends(value: float, expected: float) -> None:
    assert falling(np.array([value]), 1.0, 3.0)[0] == pytest.approx(expected)
