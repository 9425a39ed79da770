from avatarify.tracking.steady import SteadyText


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
