from math import exp

import numpy as np
import pytest

from avatarify.tracking.glide import Glide


def make(patience_s: float = 0.0) -> Glide:
    return Glide((0.0, 0.0), dead_zone=10, arrived=1, rate=5, patience_s=patience_s)


def test_inside_the_dead_zone_nothing_moves() -> None:
    glide = make()
    for target in [(9.9, 0), (-9.9, 9.9), (0, -9.9)]:
        glide.follow(target, 0.1)
        np.testing.assert_array_equal(glide.value, (0, 0))


def test_motion_is_critically_damped() -> None:
    # From rest: way left = (1 + rate t) exp(-rate t), here at t = 0.2 s: 2 / e.
    glide = make()
    for _ in range(4):
        glide.follow((100, 0), 0.05)
    assert glide.value[0] == pytest.approx(100 * (1 - 2 * exp(-1)))


def test_it_arrives_without_overshoot_and_rests() -> None:
    glide = make()
    path = []
    for _ in range(100):
        glide.follow((100, 0), 1 / 30)
        path.append(glide.value[0])
    assert (np.diff(path) >= 0).all()
    assert not glide.is_moving
    assert 99 <= path[-1] <= 100


def test_a_short_leave_is_waited_out() -> None:
    glide = make(patience_s=0.1)
    for target in (50, 0, 50, 0, 50):
        glide.follow((target, 0), 0.06)
    np.testing.assert_array_equal(glide.value, (0, 0))
    glide.follow((50, 0), 0.06)
    assert glide.is_moving


def test_started_it_moves_inside_the_dead_zone() -> None:
    glide = make()
    glide.start()
    for _ in range(100):
        glide.follow((5, 0), 1 / 30)
    assert glide.value[0] == pytest.approx(5, abs=1)
    assert not glide.is_moving


def test_distances_are_in_the_unit() -> None:
    glide = make()
    glide.follow((19, 0), 0.1, unit=2)
    assert not glide.is_moving
    glide.follow((21, 0), 0.1, unit=2)
    assert glide.is_moving


def test_impossible_settings_are_refused() -> None:
    with pytest.raises(ValueError, match="dead_zone"):
        Glide((0.0,), dead_zone=1, arrived=1, rate=5, patience_s=0)
