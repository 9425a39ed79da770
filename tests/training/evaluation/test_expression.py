"""Whether expression arrives: correlation and gain of made-up drivers."""

import numpy as np
import pytest

from avatarify.tracking.face import BLENDSHAPE_NAMES, Face
from avatarify.training.evaluation.expression import (
    TRAITS,
    arrivals,
    correlation,
    gain,
    shapes_correlation,
)


def face(jaw: float) -> Face:
    """A face 100 pixels high, whose lips part by a tenth of what the jaw opens."""
    blendshapes = np.zeros(52, np.float32)
    blendshapes[BLENDSHAPE_NAMES.index("jawOpen")] = jaw
    landmarks = np.zeros((478, 3), np.float32)
    landmarks[152, 1] = 100.0
    landmarks[13, 1], landmarks[14, 1] = 60.0, 60.0 + 10.0 * jaw
    return Face(landmarks, blendshapes)


OPENING = np.linspace(0.0, 0.8, 20)


def test_half_of_the_motion_has_gain_one_half() -> None:
    arrival = arrivals([face(jaw) for jaw in OPENING], [face(0.5 * jaw + 0.1) for jaw in OPENING])
    assert arrival["jaw"].correlation == pytest.approx(1.0)
    assert arrival["jaw"].gain == pytest.approx(0.5, abs=1e-5)
    assert arrival["lips"].gain == pytest.approx(0.5, abs=1e-4)


def test_what_the_driver_does_not_do_is_not_measured() -> None:
    arrival = arrivals([face(jaw) for jaw in OPENING], [face(jaw) for jaw in OPENING])
    assert set(arrival) == set(TRAITS)
    assert arrival["smile"] == (None, None)
    assert arrival["yaw"] == (None, None)


def test_a_still_output_follows_nothing() -> None:
    arrival = arrivals([face(jaw) for jaw in OPENING], [face(0.3) for _ in OPENING])
    assert arrival["jaw"] == (0.0, 0.0)


def test_frames_without_a_face_are_left_out() -> None:
    driving = [face(jaw) for jaw in OPENING]
    output = [None if index % 2 else face(jaw) for index, jaw in enumerate(OPENING)]
    assert arrivals(driving, output)["jaw"].correlation == pytest.approx(1.0)
    assert arrivals(driving, [None] * 20)["jaw"] == (None, None)


def test_opposite_motion() -> None:
    assert correlation(OPENING, -OPENING) == pytest.approx(-1.0)
    assert gain(OPENING, -2.0 * OPENING) == pytest.approx(-2.0)


def test_the_gain_does_not_follow_single_wrong_frames() -> None:
    output = OPENING.copy()
    output[3] = 50.0
    assert gain(OPENING, output) == pytest.approx(1.0, abs=0.01)


def doing(**blendshapes: float) -> Face:
    values = [blendshapes.get(name, 0.0) for name in BLENDSHAPE_NAMES]
    landmarks = np.zeros((478, 3), np.float32)
    landmarks[152, 1] = 100.0
    return Face(landmarks, np.array(values, np.float32))


def test_the_gaze_is_the_mean_of_both_eyes() -> None:
    both = [doing(eyeLookInLeft=way, eyeLookOutRight=way) for way in OPENING]
    one = [doing(eyeLookInLeft=way) for way in OPENING]
    left = [doing(eyeLookOutLeft=way, eyeLookInRight=way) for way in OPENING]
    assert arrivals(both, one)["gaze"] == pytest.approx((1.0, 0.5))
    assert arrivals(both, left)["gaze"] == pytest.approx((-1.0, -1.0))


def test_shapes_are_those_that_the_driver_uses() -> None:
    driving = [doing(jawOpen=jaw, mouthPucker=jaw, noseSneerLeft=0.02 * jaw) for jaw in OPENING]
    half = [doing(jawOpen=0.5 * jaw, mouthPucker=0.4, noseSneerLeft=-jaw) for jaw in OPENING]
    assert shapes_correlation(driving, driving) == pytest.approx(1.0)
    # The jaw follows (1), the pucker does not (0); the sneer is too small to count.
    assert shapes_correlation(driving, half) == pytest.approx(0.5)
    assert shapes_correlation(driving, [None] * 20) is None
    assert shapes_correlation([doing()] * 20, [doing()] * 20) is None


def test_the_gain_of_a_driver_who_never_moves_is_no_division_by_zero() -> None:
    assert gain(np.zeros(4), np.zeros(4)) == 0.0
