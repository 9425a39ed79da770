"""The learning rate's course."""

import pytest

from avatarify.training.learning_rate import rate_at
from avatarify.training.settings import OptimiserSettings


def test_the_cosine_goes_from_one_to_its_end() -> None:
    settings = OptimiserSettings(warm_up=0, final_rate=0.02)
    assert rate_at(0, 100, settings) == pytest.approx(1.0)
    assert rate_at(50, 100, settings) == pytest.approx(0.51)
    assert rate_at(100, 100, settings) == pytest.approx(0.02)
    assert rate_at(400, 100, settings) == pytest.approx(0.02)


def test_steps_are_a_tenth_each() -> None:
    settings = OptimiserSettings(schedule="step", milestones=(10, 20), warm_up=0)
    rates = [rate_at(step, 100, settings) for step in (0, 9, 10, 19, 20)]
    assert rates == pytest.approx([1.0, 1.0, 0.1, 0.1, 0.01])


def test_it_warms_up_in_a_straight_line() -> None:
    settings = OptimiserSettings(schedule="step", warm_up=4)
    rates = [rate_at(step, 100, settings) for step in range(5)]
    assert rates == pytest.approx([0.25, 0.5, 0.75, 1.0, 1.0])
