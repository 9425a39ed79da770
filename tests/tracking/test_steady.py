from avatarify.tracking.conditions import Condition
from avatarify.tracking.steady import SteadyConditions, SteadyText


def test_first_text_is_shown_at_once_and_kept_to_be_read() -> None:
    steady = SteadyText(read_s=1, last_s=0)
    assert steady.show("Open your eyes", 5.0) == "Open your eyes"
    assert steady.show("Hold still", 5.5) == "Open your eyes"
    assert steady.show("Hold still", 6.0) == "Hold still"
    assert steady.show("Open your eyes", 6.5) == "Hold still"


def test_a_blink_is_no_reason_to_say_anything() -> None:
    steady = SteadyText(read_s=0.5, last_s=0.3)
    blinks = (1.0, 1.1, 1.2)
    times = [index / 10 for index in range(30)]
    shown = {steady.show("Open your eyes" if t in blinks else "Good", t) for t in times}
    assert shown == {"Good"}
    assert steady.show("Open your eyes", 3.0) == "Good"
    assert steady.show("Open your eyes", 3.4) == "Open your eyes"


def test_warning_comes_when_it_lasts() -> None:
    steady = SteadyConditions(appear_s=1, vanish_s=2)
    dark = [Condition.TOO_DARK]
    assert steady.show(dark, 0.0) == ()
    assert steady.show(dark, 0.9) == ()
    assert steady.show(dark, 1.0) == (Condition.TOO_DARK,)


def test_warning_stays_until_it_is_gone_for_a_while() -> None:
    steady = SteadyConditions(appear_s=1, vanish_s=2)
    for time_s in (0.0, 1.0):
        steady.show([Condition.TOO_DARK], time_s)
    assert steady.show([], 2.5) == (Condition.TOO_DARK,)
    assert steady.show([], 3.1) == ()
    assert steady.show([Condition.TOO_DARK], 3.2) == ()


def test_a_single_frame_never_warns() -> None:
    steady = SteadyConditions(appear_s=1, vanish_s=2)
    shown = [steady.show([Condition.NO_FACE] if i == 5 else [], i / 10) for i in range(60)]
    assert set(shown) == {()}


def test_gravest_warning_goes_first() -> None:
    steady = SteadyConditions(appear_s=0)
    both = steady.show([Condition.NOISY, Condition.TOO_FAR], 0.0)
    assert both == (Condition.TOO_FAR, Condition.NOISY)
