"""Pacing by invented times: 10 fps, so one period is 0.1 s."""

import itertools

import pytest

from avatarify.streaming.pacing import Backoff, OutputPacer


def test_the_first_picture_is_written_at_once() -> None:
    pacer = OutputPacer(10)
    assert pacer.wait_for_new(5.0) == 0
    assert pacer.wait_for_repeat(5.0) == 0


def test_a_jittering_camera_at_the_nominal_rate_never_waits() -> None:
    pacer = OutputPacer(10)
    for now_s in (0.00, 0.10, 0.22, 0.29, 0.41, 0.50):  # 0.07 to 0.12 apart
        assert pacer.wait_for_new(now_s) == pytest.approx(0, abs=0.006)
        pacer.note_write(now_s, is_new=True)


def test_a_camera_of_twice_the_rate_is_halved() -> None:
    pacer = OutputPacer(10)
    now_s, writes = 0.0, []
    for frame in range(200):  # one each 0.05 s
        now_s = 0.05 * frame
        if pacer.wait_for_new(now_s) < 1e-9:
            pacer.note_write(now_s, is_new=True)
            writes.append(now_s)
    assert len(writes) == pytest.approx(100, abs=1)
    gaps = [later - earlier for earlier, later in itertools.pairwise(writes)]
    assert min(gaps) > 0.049


def test_silence_is_filled_at_the_nominal_rate_after_half_a_period_of_grace() -> None:
    pacer = OutputPacer(10)
    pacer.note_write(0.0, is_new=True)
    assert pacer.wait_for_repeat(0.0) == pytest.approx(0.15)
    pacer.note_write(0.15, is_new=False)
    assert pacer.wait_for_repeat(0.15) == pytest.approx(0.10)


def test_a_new_picture_waits_at_most_half_a_period_after_a_repeat() -> None:
    pacer = OutputPacer(10)
    pacer.note_write(0.0, is_new=True)
    pacer.note_write(0.15, is_new=False)
    assert pacer.wait_for_new(0.15) == pytest.approx(0.05)
    pacer.note_write(0.25, is_new=False)
    assert pacer.wait_for_new(0.25) == pytest.approx(0.05)


def test_silence_saves_no_burst() -> None:
    pacer = OutputPacer(10)
    pacer.note_write(0.0, is_new=True)
    pacer.note_write(60.0, is_new=True)
    assert pacer.wait_for_new(60.0) == pytest.approx(0.05)


def test_a_rate_of_zero_is_refused() -> None:
    with pytest.raises(ValueError, match="above 0"):
        OutputPacer(0)


def test_pauses_double_up_to_the_limit_and_start_again() -> None:
    backoff = Backoff(first_s=1, limit_s=5)
    assert [backoff.next_pause() for _ in range(5)] == [1, 2, 4, 5, 5]
    backoff.reset()
    assert backoff.next_pause() == 1
