import numpy as np
import pytest
from numpy.typing import NDArray

from avatarify.geometry.similarity import (
    Similarity,
    fit_similarity,
    rotation_from_vector,
    rotation_vector,
)


def test_fit_finds_what_moved_the_points() -> None:
    start = np.random.default_rng(0).normal(size=(12, 3))
    truth = Similarity(1.7, rotation_from_vector(np.array([0.2, -0.5, 0.9])), np.array([3.0, 4, 5]))
    fitted = fit_similarity(start, truth.apply(start))
    assert fitted.scale == pytest.approx(1.7)
    np.testing.assert_allclose(fitted.rotation, truth.rotation, atol=1e-12)
    np.testing.assert_allclose(fitted.shift, truth.shift, atol=1e-12)


def test_fit_never_mirrors() -> None:
    start = np.random.default_rng(1).normal(size=(9, 3))
    fitted = fit_similarity(start, start * np.array([-1.0, 1.0, 1.0]))
    assert np.linalg.det(fitted.rotation) == pytest.approx(1.0)


def test_undo_goes_back() -> None:
    motion = Similarity(2.0, rotation_from_vector(np.array([0.0, 0.3, 0.1])), np.array([1.0, 2, 3]))
    points = np.arange(12.0).reshape(4, 3)
    np.testing.assert_allclose(motion.undo(motion.apply(points)), points, atol=1e-12)


@pytest.mark.parametrize("angle", [0.0, 1e-8, 0.4, 3.0])
def test_rotation_vector_undoes_rotation_from_vector(angle: float) -> None:
    vector = angle * np.array([0.6, 0.0, 0.8])
    np.testing.assert_allclose(rotation_vector(rotation_from_vector(vector)), vector, atol=1e-7)


def test_a_quarter_turn_about_the_depth_axis_carries_right_to_down() -> None:
    turn = rotation_from_vector(np.array([0.0, 0.0, np.pi / 2]))
    np.testing.assert_allclose(turn @ [1.0, 0, 0], [0.0, 1, 0], atol=1e-12)


@pytest.mark.parametrize(
    ("start", "end"),
    [(np.zeros((5, 3)), np.ones((5, 3))), (np.full((5, 3), np.nan), np.ones((5, 3)))],
)
def test_points_that_say_nothing_are_refused(
    start: NDArray[np.float64], end: NDArray[np.float64]
) -> None:
    with pytest.raises(ValueError, match="points must"):
        fit_similarity(start, end)
