from math import pi

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from avatarify.geometry.one_euro import OneEuroFilter, OneEuroSettings

STEP_S = 1 / (2 * pi)  # with a cut-off of 1 Hz: tau / T_e = 1, so alpha = 1/2
FPS = 30


def smooth(values: NDArray[np.float64], fps: float = FPS) -> NDArray[np.float64]:
    """Filter (T, N) with the default settings."""
    one_euro = OneEuroFilter[NDArray[np.float64]]()
    return np.stack([one_euro(value, index / fps) for index, value in enumerate(values)])


def test_without_speed_it_is_exponential_smoothing() -> None:
    settings = OneEuroSettings(min_cutoff_hz=1, speed_coefficient=0)
    one_euro = OneEuroFilter[float](settings)

    got = [one_euro(value, index * STEP_S) for index, value in enumerate([0.0, 1.0, 1.0, 1.0])]

    assert got == pytest.approx([0, 1 / 2, 3 / 4, 7 / 8])


def test_speed_opens_the_cutoff() -> None:
    settings = OneEuroSettings(
        min_cutoff_hz=1, speed_coefficient=1 / pi, speed_floor=0, derivative_cutoff_hz=1
    )
    one_euro = OneEuroFilter[float](settings)
    one_euro(0.0, 0.0)

    # Speed 1 / T_e = 2 pi, half of it counts: pi. Cut-off 1 + pi / pi = 2 Hz, alpha = 2/3.
    assert one_euro(1.0, STEP_S) == pytest.approx(2 / 3)
    # Speed 0, halved again: pi / 2. Cut-off 1.5 Hz, alpha = 1 / (1 + 2/3) = 3/5.
    assert one_euro(1.0, 2 * STEP_S) == pytest.approx(2 / 3 + 1 / 3 * 3 / 5)


def test_speed_below_the_floor_counts_as_none() -> None:
    settings = OneEuroSettings(
        min_cutoff_hz=1, speed_coefficient=1 / pi, speed_floor=pi, derivative_cutoff_hz=1
    )
    one_euro = OneEuroFilter[float](settings)
    one_euro(0.0, 0.0)
    assert one_euro(1.0, STEP_S) == pytest.approx(1 / 2)


def test_elements_are_independent_and_tensors_match_arrays() -> None:
    values = np.random.default_rng(0).normal(size=(5, 3, 2))
    as_tensors = OneEuroFilter[torch.Tensor]()
    expected = smooth(values)
    for index, value in enumerate(values):
        got = as_tensors(torch.tensor(value), index / FPS)
    np.testing.assert_allclose(got.numpy(), expected[-1])
    np.testing.assert_allclose(smooth(values[:, :1, :1]), expected[:, :1, :1])


def test_reset_and_repeated_times() -> None:
    one_euro = OneEuroFilter[float]()
    one_euro(0.0, 1.0)
    assert one_euro(5.0, 1.0) == 0
    assert one_euro(5.0, 0.5) == 0
    one_euro.reset()
    assert one_euro(7.0, 0.2) == 7


@pytest.mark.parametrize("noise", [0.003, 0.005])
@pytest.mark.parametrize("fps", [25, 30, 60])
def test_tremble_of_a_still_driver_falls_to_a_third(noise: float, fps: int) -> None:
    values = noise * np.random.default_rng(0).normal(size=(600, 100))
    assert noise / smooth(values, fps)[60:].std() >= 3


def test_settings_for_more_noise_calm_more_noise() -> None:
    noise = 0.01
    one_euro = OneEuroFilter[NDArray[np.float64]](OneEuroSettings.for_noise(noise))
    values = noise * np.random.default_rng(0).normal(size=(600, 100))
    got = np.stack([one_euro(value, index / FPS) for index, value in enumerate(values)])
    assert noise / got[60:].std() >= 3
    assert OneEuroSettings.for_noise(0.005) == OneEuroSettings()


def crossing(values: NDArray[np.float64], level: float) -> float:
    """Index, with a fraction, at which rising values reach a level."""
    index = int(np.argmax(values > level))
    return index - (values[index] - level) / (values[index] - values[index - 1])


@pytest.mark.parametrize("turn_s", [1 / FPS, 0.1, 0.3])
@pytest.mark.parametrize("share", [0.25, 0.5, 0.9])
def test_fast_turn_lags_less_than_a_frame(turn_s: float, share: float) -> None:
    progress = np.clip((np.arange(60) / FPS - 0.5) / turn_s, 0, 1)
    turn = 0.3 * progress**2 * (3 - 2 * progress)
    got = smooth(turn[:, None])[:, 0]
    assert crossing(got, share * 0.3) - crossing(turn, share * 0.3) < 1


def test_speech_keeps_its_size() -> None:
    speech = 0.04 * np.sin(2 * pi * 3 * np.arange(300) / FPS)
    got = smooth(speech[:, None])[60:, 0]
    assert got.std() / speech.std() > 0.9


def test_impossible_settings_are_refused() -> None:
    with pytest.raises(ValueError, match="above 0"):
        OneEuroSettings(min_cutoff_hz=0)
    with pytest.raises(ValueError, match="below 0"):
        OneEuroSettings(speed_floor=-1)
    with pytest.raises(ValueError, match="noise"):
        OneEuroSettings.for_noise(0)
