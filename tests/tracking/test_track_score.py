import numpy as np
import pytest

from avatarify.networks.landmark_points import MOUTH_POINTS
from avatarify.tracking.track_score import agreement, movements, score_track


def faces(count: int = 20) -> np.ndarray[tuple[int, int, int], np.dtype[np.float32]]:
    """One face; its irises 100 apart, its outer eye corners 200."""
    face = np.random.default_rng(0).uniform(0, 300, (478, 2)).astype(np.float32)
    face[[33, 133, 362, 263]] = [[0, 0], [60, 0], [140, 0], [200, 0]]
    face[[468, 473]] = [[50, 0], [150, 0]]
    face[[13, 82, 312]] = face[[14, 87, 317]] = [[100, 100], [90, 100], [110, 100]]
    return np.repeat(face[None], count, axis=0)


def test_shift_is_measured_over_the_distance_of_the_irises() -> None:
    truth = faces()
    score = score_track(truth + np.array([3.0, 4.0], np.float32), truth)
    assert score.all_points == pytest.approx(0.05)
    assert score.lips == pytest.approx(0.05)
    assert score.lids == pytest.approx(0.05)


def test_lips_alone_count_for_the_lips() -> None:
    truth = faces()
    track = truth.copy()
    track[:, list(MOUTH_POINTS), 1] += 10.0
    score = score_track(track, truth)
    assert score.lips == pytest.approx(0.1)
    assert score.lids == pytest.approx(0.0)
    assert score.all_points == pytest.approx(0.1 * 40 / 478)


def test_half_the_gap_is_half_the_gain() -> None:
    truth, track = faces(), faces()
    gap = np.linspace(0, 40, len(truth), dtype=np.float32)[:, None]
    truth[:, [14, 87, 317], 1] += gap
    track[:, [14, 87, 317], 1] += gap / 2
    found = score_track(track, truth).movements["lip gap"]
    assert found.correlation == pytest.approx(1.0)
    assert found.gain == pytest.approx(0.5)


def test_gaze_and_brows_are_over_the_outer_corners() -> None:
    face = faces(1)
    before = movements(face)
    face[:, [468, 473], 0] += 10.0
    face[:, [105, 66, 52, 334, 296, 282], 1] -= 20.0
    after = movements(face)
    assert after["gaze"] - before["gaze"] == pytest.approx(10 / 200, abs=1e-6)
    assert after["brows"] - before["brows"] == pytest.approx(20 / 200, abs=1e-6)


def test_what_stands_still_agrees_with_nothing() -> None:
    assert np.isnan(agreement(np.zeros(5), np.arange(5.0)).correlation)
