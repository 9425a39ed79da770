"""Gaussians and their moments, on maps small enough to sum by hand."""

import math

import pytest
import torch

from avatarify.geometry.heatmap import centre, covariance, gaussian, spatial_softmax


def test_softmax_sums_to_one_and_sharpens() -> None:
    logits = torch.tensor([[[[0.0, math.log(3.0)]]]])
    torch.testing.assert_close(spatial_softmax(logits, 1.0), torch.tensor([[[[0.25, 0.75]]]]))
    torch.testing.assert_close(spatial_softmax(logits, 0.5), torch.tensor([[[[0.1, 0.9]]]]))


def test_centre_and_covariance_of_two_pixels() -> None:
    """Half the mass at (-1, 0), half at (1, 0): mean 0, variance 1 along x."""
    heatmap = torch.zeros(1, 1, 3, 3)
    heatmap[0, 0, 1, 0] = heatmap[0, 0, 1, 2] = 0.5
    mean = centre(heatmap)
    assert mean.tolist() == [[[0.0, 0.0]]]
    assert covariance(heatmap, mean, "matrix").tolist() == [[[[1.0, 0.0], [0.0, 0.0]]]]
    assert covariance(heatmap, mean, "single").tolist() == [[[[0.5, 0.0], [0.0, 0.5]]]]


def test_covariance_on_a_diagonal() -> None:
    """A quarter at (-1, -1), three quarters at (1, 1): mean 1/2, all entries 3/4."""
    heatmap = torch.zeros(1, 1, 2, 2)
    heatmap[0, 0, 0, 0], heatmap[0, 0, 1, 1] = 0.25, 0.75
    mean = centre(heatmap)
    assert mean.tolist() == [[[0.5, 0.5]]]
    assert covariance(heatmap, mean, "matrix").tolist() == [[[[0.75, 0.75], [0.75, 0.75]]]]


def test_the_smaller_singular_value_is_raised() -> None:
    heatmap = torch.zeros(1, 1, 3, 3)
    heatmap[0, 0, 1, 0] = heatmap[0, 0, 1, 2] = 0.495
    heatmap[0, 0, 0, 1] = heatmap[0, 0, 2, 1] = 0.005
    mean = centre(heatmap)  # covariance diag(0.99, 0.01)
    floored = covariance(heatmap, mean, "matrix", smallest=0.02)
    torch.testing.assert_close(floored, torch.tensor([[[[1.98, 0.0], [0.0, 0.02]]]]))
    kept = covariance(heatmap, mean, "matrix", smallest=0.001)
    torch.testing.assert_close(kept, torch.tensor([[[[0.99, 0.0], [0.0, 0.01]]]]))


def test_a_gaussian_is_one_at_its_centre_and_falls_by_its_variance() -> None:
    drawn = gaussian(torch.zeros(1, 1, 2), 5, 5, variance=0.25)
    assert drawn[0, 0, 2, 2].item() == 1.0
    assert drawn[0, 0, 2, 3].item() == pytest.approx(math.exp(-0.5))  # one sigma to the right
    assert drawn[0, 0, 2, 4].item() == pytest.approx(math.exp(-2.0))


def test_a_gaussian_with_a_covariance_is_an_ellipse() -> None:
    matrix = torch.tensor([[[[0.25, 0.0], [0.0, 1.0]]]])
    drawn = gaussian(torch.zeros(1, 1, 2), 5, 5, variance=matrix)
    assert drawn[0, 0, 2, 4].item() == pytest.approx(math.exp(-2.0))  # two sigma along x
    assert drawn[0, 0, 4, 2].item() == pytest.approx(math.exp(-0.5))  # one sigma along y
    round_one = gaussian(
        torch.zeros(1, 1, 2), 5, 5, variance=0.25 * torch.eye(2).expand(1, 1, 2, 2)
    )
    torch.testing.assert_close(round_one, gaussian(torch.zeros(1, 1, 2), 5, 5, variance=0.25))


def test_drawing_and_fitting_are_inverse() -> None:
    value = torch.tensor([[[0.2, -0.3]]])
    drawn = gaussian(value, 65, 65, variance=0.01)
    heatmap = drawn / drawn.sum()
    mean = centre(heatmap)
    torch.testing.assert_close(mean, value, atol=1e-4, rtol=0.0)
    fitted = covariance(heatmap, mean, "matrix")
    torch.testing.assert_close(fitted[0, 0], 0.01 * torch.eye(2), atol=1e-4, rtol=0.0)
