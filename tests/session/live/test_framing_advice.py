"""Advice that does not flicker, by invented times."""

from avatarify.session.live.framing_advice import PERSISTENCE_S, FramingAdvice
from avatarify.tracking.conditions import Condition

DARK = (Condition.TOO_DARK,)


def test_only_what_lasts_is_told_and_told_once() -> None:
    advice = FramingAdvice()
    assert advice.update(DARK, 0.0) is None
    assert advice.update((), 1.0) is None
    assert advice.update(DARK, 1.1) is None
    assert advice.update(DARK, 1.1 + PERSISTENCE_S) == Condition.TOO_DARK.value
    assert advice.update(DARK, 5.0) is None


def test_it_is_withdrawn_when_it_is_gone_for_as_long() -> None:
    advice = FramingAdvice()
    advice.update(DARK, 0.0)
    advice.update(DARK, 2.0)
    assert advice.update((), 3.0) is None
    assert advice.update((), 3.0 + PERSISTENCE_S) == ""


def test_a_missing_face_is_the_states_business() -> None:
    advice = FramingAdvice()
    for now_s in range(10):
        assert advice.update((Condition.NO_FACE,), float(now_s)) is None
