import numpy as np
import pytest

from avatarify.media.pipewire.delay_line import DelayLine

RATE = 1000


def through(line: DelayLine, samples: np.ndarray, block: int) -> np.ndarray:
    """Write and read in turn, as PipeWire's two streams do."""
    out = []
    for start in range(0, len(samples), block):
        line.write(samples[start : start + block])
        out.append(line.read(block))
    return np.concatenate(out)


@pytest.mark.parametrize("block", [1, 10, 64])
def test_sound_comes_out_as_much_later_as_wanted(block: int) -> None:
    sound = np.arange(1, 641, dtype=np.float32)
    late = through(DelayLine(RATE, 100), sound, block)
    np.testing.assert_array_equal(late[:100], 0)
    np.testing.assert_array_equal(late[100:], sound[: len(late) - 100])


def test_no_delay_passes_sound_on() -> None:
    sound = np.arange(1, 101, dtype=np.float32)
    np.testing.assert_array_equal(through(DelayLine(RATE, 0), sound, 10), sound)


def test_the_delay_changes_while_it_runs() -> None:
    sound = np.arange(1, 2001, dtype=np.float32)
    line = DelayLine(RATE, 100)
    through(line, sound[:1000], 10)
    line.set_delay(300)
    late = through(line, sound[1000:], 10)
    np.testing.assert_array_equal(late[-500:], sound[1200:1700])
    line.set_delay(50)
    more = np.arange(2001, 2501, dtype=np.float32)
    np.testing.assert_array_equal(through(line, more, 10)[-400:], np.arange(2051, 2451))


def test_without_new_sound_there_is_silence_and_nothing_is_said_twice() -> None:
    sound = np.arange(1, 501, dtype=np.float32)
    line = DelayLine(RATE, 100)
    before = through(line, sound, 10)
    between = np.concatenate([line.read(10) for _ in range(100)])
    after = through(line, sound + 500, 10)
    assert not between[100:].any()
    heard = np.concatenate([before, between, after])
    heard = heard[heard > 0]
    assert (np.diff(heard) > 0).all()
    np.testing.assert_array_equal(after[-300:], np.arange(601, 901))


@pytest.mark.parametrize("delay_ms", [-1, 1501, float("nan")])
def test_impossible_delays_are_refused(delay_ms: float) -> None:
    with pytest.raises(ValueError, match="0 to 1500"):
        DelayLine(RATE, delay_ms)
