import pytest
from PySide6.QtWidgets import QApplication

from avatarify.gui.desktop.global_hotkeys import (
    DEFAULTS,
    Bindings,
    GlobalHotkeys,
    HotkeyAction,
    to_pynput,
    unavailable_because,
)

CALIBRATE, HOLD, NEXT = HotkeyAction


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ("Ctrl+Alt+X", "<ctrl>+<alt>+x"),
        ("Alt+Shift+Ctrl+Space", "<ctrl>+<alt>+<shift>+<space>"),
        ("Meta+PgDown", "<cmd>+<page_down>"),
        ("F9", "<f9>"),
    ],
)
def test_keys_are_translated(keys: str, expected: str) -> None:
    assert to_pynput(keys) == expected


@pytest.mark.parametrize("keys", ["X", "Shift+X", "Space", "Ctrl+Media Play", "Ctrl++"])
def test_keys_that_people_type_with_are_refused(keys: str) -> None:
    with pytest.raises(ValueError, match=r"needed for typing|no combination"):
        to_pynput(keys)


def test_the_defaults_do_not_conflict_and_pynput_knows_them() -> None:
    assert Bindings.from_settings(()).problems() == {}
    assert len({to_pynput(keys) for keys in DEFAULTS.values()}) == len(DEFAULTS)


def test_conflicts_are_named_on_both_sides() -> None:
    bindings = Bindings.from_settings(((HOLD.value, "Alt+Ctrl+X"),))
    problems = bindings.problems()
    assert "also used for hold" in problems[CALIBRATE]
    assert "also used for calibrate" in problems[HOLD]
    assert NEXT not in problems


def test_only_differences_are_kept_and_empty_keys_switch_off() -> None:
    changed = ((HOLD.value, ""), (NEXT.value, "F8"))
    bindings = Bindings.from_settings((*changed, ("unknown", "F1")))
    assert bindings.to_settings() == changed
    assert bindings.problems() == {}
    assert Bindings.from_settings(()).to_settings() == ()


def test_why_they_are_off_is_said_in_words() -> None:
    assert unavailable_because({"DISPLAY": ":0"}, "linux") == ""
    assert unavailable_because({}, "win32") == ""
    assert "no X11 display" in unavailable_because({}, "linux")
    assert "Wayland" in unavailable_because({"WAYLAND_DISPLAY": "w", "DISPLAY": ":0"}, "linux")


def test_without_a_display_they_are_off_and_nothing_breaks(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    hotkeys = GlobalHotkeys()
    hotkeys.watch(Bindings.from_settings(()))
    if hotkeys.problem:
        assert not hotkeys.is_watching
    hotkeys.stop()
    hotkeys.stop()
