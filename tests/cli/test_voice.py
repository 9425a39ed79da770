"""The delayed microphone of a session without a window."""

from pathlib import Path

import pytest

from avatarify.cli.voice import delayed_microphone
from avatarify.errors import VirtualCameraError
from avatarify.media.pipewire import delayed_microphone as media
from tests.linux_session import wait_until


def test_a_short_run_hears_that_there_was_no_microphone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[media.DelayedMicrophone] = []

    class Noted(media.DelayedMicrophone):
        def __init__(self, delay_ms: int) -> None:
            super().__init__(delay_ms)
            made.append(self)

    monkeypatch.setattr(media, "DelayedMicrophone", Noted)
    monkeypatch.setenv("PIPEWIRE_RUNTIME_DIR", str(tmp_path))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    with pytest.raises(VirtualCameraError, match="PipeWire"), delayed_microphone(True):
        wait_until(lambda: made[0].problem != "", "the reason", timeout_s=30)


def test_unwanted_there_is_none() -> None:
    with delayed_microphone(False) as follow:
        assert callable(follow)
