"""Pacing by invented times: 10 fps, so one period is 0.1 s."""

import pytest

from avatarify.streaming.pacing import HEADROOM, Backoff, OutputPacer


def test_the_first_picture_is_written_at_once() -> None:
    pacer = OutputPacer(10)
    assert pacer.wait_for_new(5.0) == 0
    assert pacer.wait_for_repeat(5.0) == 0


def test_a_jittering_camera_at_the_nominal_rate_never_waits() -> None:
    pacer = OutputPacer(10)
    for now_s in (0.00, 0.10, 0.22, 0.29, 0.41, 0.50):  # 0.07 to 0.12 apart
        assert pacer.wait_for_new(now_s) == pytest.approx(0, abs=1e-9)
        pacer.note_write(now_s, is_new=True)


def test_a_camera_that_is_a_little_faster_never_waits() -> None:
    pacer = OutputPacer(10)
    for frame in range(1000):
        assert pacer.wait_for_new(0.099 * frame) == pytest.approx(0, abs=1e-9)
        pacer.note_write(0.099 * frame, is_new=True)


def test_a_camera_of_twice_the_rate_is_held_near_the_nominal_rate() -> None:
    pacer = OutputPacer(10)
    writes = []
    for frame in range(201):  # one each 0.05 s, for 10 s
        now_s = 0.05 * frame
        if pacer.wait_for_new(now_s) < 1e-9:
            pacer.note_write(now_s, is_new=True)
            writes.append(now_s)
    assert len(writes) == pytest.approx(HEADROOM * 100, abs=2)


def test_silence_is_filled_at_the_nominal_rate_after_half_a_period_of_grace() -> None:
    pacer = OutputPacer(10)
    pacer.note_write(0.0, is_new=True)
    assert pacer.wait_for_repeat(0.0) == pytest.approx(0.15)
    pacer.note_write(0.15, is_new=False)
    assert pacer.wait_for_repeat(0.15) == pytest.approx(0.10)


def test_repeats_cost_a_new_picture_only_the_spacing() -> None:
    pacer = OutputPacer(10)
    pacer.note_write(0.0, is_new=True)
    pacer.note_write(0.15, is_new=False)
    assert pacer.wait_for_new(0.15) == pytest.approx(0.025)
    assert pacer.wait_for_new(0.18) == 0


def test_silence_saves_no_burst() -> None:
    pacer = OutputPacer(10)
    pacer.note_write(0.0, is_new=True)
    pacer.note_write(60.0, is_new=True)
    assert pacer.wait_for_new(60.0) == pytest.approx(0.05 / HEADROOM)


def test_a_rate_of_zero_is_refused() -> None:
    with pytest.raises(ValueError, match="above 0"):
        OutputPacer(0)


def test_pauses_double_up_to_the_limit_and_start_again() -> None:
    backoff = Backoff(first_s=1, limit_s=5)
    assert [backoff.next_pause() for _ in range(5)] == [1, 2, 4, 5, 5]
    backoff.reset()
    assert backoff.next_pause() == 1
