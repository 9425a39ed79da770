import signal

import pytest

from avatarify.cli.progress import interruptible


@pytest.mark.parametrize("kind", [signal.SIGTERM, signal.SIGINT])
def test_a_first_signal_asks_to_stop_and_a_second_one_is_as_ever(kind: signal.Signals) -> None:
    before = signal.getsignal(kind)
    with interruptible() as stop:
        signal.raise_signal(kind)
        assert stop.is_set()
        assert signal.getsignal(kind) == before
    assert signal.getsignal(kind) == before
