import signal

import pytest

from avatarify.cli.progress import interruptible

ENDINGS = [signal.SIGTERM, signal.SIGINT, getattr(signal, "SIGHUP", signal.SIGTERM)]


@pytest.mark.parametrize("kind", ENDINGS)
def test_a_first_signal_asks_to_stop_and_a_second_one_is_as_ever(kind: signal.Signals) -> None:
    before = signal.getsignal(kind)
    with interruptible() as stop:
        signal.raise_signal(kind)
        assert stop.is_set()
        assert signal.getsignal(kind) == before
    assert signal.getsignal(kind) == before


@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="this system has no such signal")
def test_what_shall_outlive_its_terminal_does() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)  # as `nohup` does
    try:
        with interruptible() as stop:
            signal.raise_signal(signal.SIGHUP)
            assert not stop.is_set()
    finally:
        signal.signal(signal.SIGHUP, before)
