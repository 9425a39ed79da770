"""How much motion is shown, by invented times."""

import pytest

from avatarify.session.live.motion_ease import PATIENCE_S, RELAX_S, RETURN_S, MotionEase


def test_it_starts_neutral_and_reaches_all_motion() -> None:
    ease = MotionEase()
    assert ease.share(True, 10.0) == 0
    assert ease.share(True, 10.0 + RETURN_S / 2) == pytest.approx(0.5)
    assert ease.share(True, 10.0 + RETURN_S) == 1


def test_a_missed_face_changes_nothing_for_a_moment() -> None:
    ease = MotionEase()
    ease.share(True, 0.0)
    ease.share(True, 1.0)
    assert ease.share(False, 1.0 + PATIENCE_S) == 1


def test_a_lost_face_relaxes_to_neutral() -> None:
    ease = MotionEase()
    ease.share(True, 0.0)
    ease.share(True, 1.0)
    ease.share(False, 1.0 + PATIENCE_S)
    assert 0 < ease.share(False, 1.0 + PATIENCE_S + RELAX_S / 2) < 1
    assert ease.share(False, 1.0 + PATIENCE_S + RELAX_S + 0.01) == pytest.approx(0, abs=1e-6)


def test_time_that_does_not_rise_does_no_harm() -> None:
    ease = MotionEase()
    ease.share(True, 5.0)
    assert ease.share(True, 4.0) == 0
