"""Likeness in numbers that can be checked by hand."""

import numpy as np
import pytest

from avatarify.frames import Image
from avatarify.tracking.face import Face
from avatarify.training.evaluation import measures


def grey(value: int) -> Image:
    return np.full((16, 16, 3), value, np.uint8)


def face(shift: float) -> Face:
    landmarks = np.zeros((478, 3), np.float32)
    landmarks[:, 0] += shift
    landmarks[:, 1] += shift
    return Face(landmarks, np.zeros(52, np.float32))


def test_l1_of_flat_pictures() -> None:
    assert measures.mean_absolute_difference(grey(0), grey(51)) == pytest.approx(0.2)


def test_psnr_of_flat_pictures() -> None:
    # Squared difference 0.1² = 0.01: 20 dB.
    assert measures.peak_signal_to_noise_db(grey(0), grey(255)) == pytest.approx(0.0)
    left = np.zeros((10, 10, 3), np.uint8)
    right = left.copy()
    right[0] = 255  # a tenth of the picture: 10 dB
    assert measures.peak_signal_to_noise_db(left, right) == pytest.approx(10.0, abs=1e-4)
    assert measures.peak_signal_to_noise_db(left, left) == 99.0


def test_equal_pictures_are_wholly_similar() -> None:
    picture = np.random.default_rng(0).integers(0, 256, (32, 32, 3), dtype=np.uint8)
    assert measures.similarity(picture, picture) == pytest.approx(1.0, abs=1e-4)


def test_keypoint_distance() -> None:
    # 6 pixels to the right and down at 512² are 3 at 256².
    assert measures.keypoint_distance_px(face(0.0), face(6.0)) == pytest.approx(3.0 * 2**0.5)


def test_the_place_of_the_lips_is_not_their_shape() -> None:
    smiling = face(6.0)
    assert measures.lips_distance_px(face(0.0), smiling) == pytest.approx(0.0, abs=1e-6)
    # One of 40 points moves by 16 pixels: by 8 at 256², of which a 40th is the common shift. It is
    # 8 · 39/40 off, the 39 others 8/40 each; the mean is 2 · 8 · 39/40².
    smiling.landmarks[61, 0] += 16.0
    assert measures.lips_distance_px(face(0.0), smiling) == pytest.approx(16 * 39 / 1600)


def test_the_mean_of_nothing_is_none() -> None:
    assert measures.mean_of([]) is None
    assert measures.mean_of([1.0, 2.0]) == 1.5


def test_shrinking_averages() -> None:
    checks = np.zeros((512, 512, 3), np.uint8)
    checks[::2] = 100
    small = measures.shrink(checks)
    assert small.shape == (256, 256, 3)
    assert set(np.unique(small)) == {50}
    assert measures.shrink(small) is small
