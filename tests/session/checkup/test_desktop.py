import sys

import pytest

from avatarify.session.checkup import desktop
from avatarify.session.checkup.finding import Level


def test_a_display_is_named_and_its_lack_is_told() -> None:
    assert "X11 (:1)" in desktop.judge_display({"DISPLAY": ":1"}).text
    wayland = desktop.judge_display({"DISPLAY": ":1", "WAYLAND_DISPLAY": "wayland-0"})
    assert "hotkeys do not work" in wayland.advice
    assert desktop.judge_display({}).level is Level.WARNING


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="names Linux libraries")
def test_every_missing_library_is_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desktop, "_FOR_X11", {"libnone.so.1": "libnone1", "libno.so": "libno0"})
    monkeypatch.setenv("DISPLAY", ":99")
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    finding = list(desktop.check_desktop())[-1]
    assert finding.level is Level.PROBLEM
    assert finding.advice == "Run: sudo apt install libnone1 libno0"
    assert "libnone1" not in desktop.missing_libraries({})
