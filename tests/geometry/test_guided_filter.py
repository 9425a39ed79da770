"""A guided filter in numbers that can be worked out by hand."""

import cv2
import numpy as np
import pytest

from avatarify.geometry.guided_filter import guided_filter


def test_flat_source_stays_flat() -> None:
    guide = np.random.default_rng(0).random((9, 9, 3)).astype(np.float32)
    source = np.full((9, 9), 0.25, np.float32)
    np.testing.assert_allclose(guided_filter(guide, source, 2, 1e-3), 0.25, atol=1e-5)


def test_flat_guide_averages_twice() -> None:
    source = np.zeros((9, 9), np.float32)
    source[4, 4] = 1.0
    smooth = guided_filter(np.full((9, 9), 0.5, np.float32), source, 1, 1e-4)
    assert smooth[4, 4] == pytest.approx(9 / 81)
    assert smooth[2, 2] == pytest.approx(1 / 81)
    assert smooth[1, 4] == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize("shape", [(8, 12), (8, 12, 3)])
def test_edge_of_the_guide_is_kept(shape: tuple[int, ...]) -> None:
    guide = np.zeros(shape, np.float32)
    guide[:, 6:] = 1.0
    source = np.tile(np.where(np.arange(12) >= 6, 0.8, 0.2), (8, 1)).astype(np.float32)
    step = guided_filter(guide, source, 3, 1e-4)
    np.testing.assert_allclose(step[:, 5], 0.2, atol=2e-3)
    np.testing.assert_allclose(step[:, 6], 0.8, atol=2e-3)


def test_large_smoothness_shrinks_the_slope() -> None:
    """With windows of half 0 and half 1 the variance is 1/4: a = (1/4) / (1/4 + 1/4)."""
    guide = np.indices((8, 8)).sum(axis=0).astype(np.float32) % 2
    smooth = guided_filter(guide, guide, 3, 0.25)
    assert smooth[4, 4] - smooth[4, 5] == pytest.approx(-0.5 if guide[4, 5] else 0.5, abs=0.02)


def test_three_equal_channels_work_like_grey() -> None:
    random = np.random.default_rng(1)
    guide, source = random.random((2, 10, 10)).astype(np.float32)
    grey = guided_filter(guide, source, 2, 0.03)
    colour = guided_filter(np.repeat(guide[..., None], 3, 2), source, 2, 0.09)
    np.testing.assert_allclose(colour, grey, atol=1e-4)


@pytest.mark.parametrize("shape", [(32, 48), (32, 48, 3)])
def test_stride_changes_little(shape: tuple[int, ...]) -> None:
    random = np.random.default_rng(2)
    guide = cv2.GaussianBlur(random.random(shape), (0, 0), 3).astype(np.float32)
    source = cv2.GaussianBlur(random.random((32, 48)), (0, 0), 3).astype(np.float32)
    whole = guided_filter(guide, source, 6, 1e-3)
    fast = guided_filter(guide, source, 6, 1e-3, stride=2)
    np.testing.assert_allclose(fast, whole, atol=0.02)


def test_sizes_must_agree() -> None:
    with pytest.raises(ValueError, match="guide"):
        guided_filter(np.zeros((4, 4), np.float32), np.zeros((4, 5), np.float32), 1, 0.1)
