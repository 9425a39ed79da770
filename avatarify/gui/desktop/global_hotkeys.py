"""Keys that work while another program has the keyboard, as it has during a call.

pynput watches the keyboard; it is imported only when hotkeys are switched on, and where it cannot
work the user is told why.
"""

import logging
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from PySide6.QtCore import QObject, Signal

logger = logging.getLogger(__name__)


class HotkeyAction(StrEnum):
    """What can be reached from other programs."""

    CALIBRATE = "calibrate"
    HOLD = "hold"
    NEXT_AVATAR = "next avatar"


DEFAULTS = {
    HotkeyAction.CALIBRATE: "Ctrl+Alt+X",
    HotkeyAction.HOLD: "Ctrl+Alt+H",
    HotkeyAction.NEXT_AVATAR: "Ctrl+Alt+N",
}
_MODIFIERS = {"ctrl": "<ctrl>", "alt": "<alt>", "shift": "<shift>", "meta": "<cmd>"}
_NAMED = {
    "space": "<space>", "return": "<enter>", "enter": "<enter>", "tab": "<tab>", "home": "<home>",
    "end": "<end>", "pgup": "<page_up>", "pgdown": "<page_down>", "ins": "<insert>",
    "del": "<delete>", "left": "<left>", "right": "<right>", "up": "<up>", "down": "<down>",
    "pause": "<pause>",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Bindings:
    """Which keys do what; empty keys switch an action off."""

    keys: tuple[tuple[HotkeyAction, str], ...]

    @classmethod
    def from_settings(cls, changed: tuple[tuple[str, str], ...]) -> "Bindings":
        """Lay what the settings hold over the defaults; unknown actions are left out."""
        chosen = {
            action: dict(changed).get(action.value, keys) for action, keys in DEFAULTS.items()
        }
        return cls(tuple(chosen.items()))

    def to_settings(self) -> tuple[tuple[str, str], ...]:
        """What differs from the defaults."""
        return tuple((action.value, keys) for action, keys in self.keys if keys != DEFAULTS[action])

    def problems(self) -> dict[HotkeyAction, str]:
        """What is wrong with each binding, in words; empty when all can be used."""
        return {
            action: problem
            for action, keys in self.keys
            if keys and (problem := self._problem(action, keys))
        }

    def _problem(self, action: HotkeyAction, keys: str) -> str:
        try:
            wanted = to_pynput(keys)
        except ValueError as error:
            return str(error)
        for other, others_keys in self.keys:
            if other is not action and others_keys and _same(wanted, others_keys):
                return f"{keys} is also used for {other.value}."
        return ""


def to_pynput(keys: str) -> str:
    """Translate Qt's way of writing keys into pynput's.

    Args:
        keys: Such as `Ctrl+Alt+X`.

    Returns:
        Such as `<ctrl>+<alt>+x`.

    Raises:
        ValueError: These keys make no usable hotkey; the message says why.
    """
    *modifiers, key = [part.strip().lower() for part in keys.split("+")]
    if any(modifier not in _MODIFIERS for modifier in modifiers):
        raise ValueError(f"{keys} is no combination that can be watched.")
    is_function_key = key[:1] == "f" and key[1:].isdecimal()
    if is_function_key or key in _NAMED:
        last = _NAMED.get(key, f"<{key}>")
    elif len(key) == 1:
        last = key
    else:
        raise ValueError(f"{keys} is no combination that can be watched.")
    if not is_function_key and not {"ctrl", "alt", "meta"} & set(modifiers):
        raise ValueError(f"{keys} is needed for typing. Add Ctrl or Alt.")
    return "+".join([*(name for key, name in _MODIFIERS.items() if key in modifiers), last])


def unavailable_because(environment: Mapping[str, str], platform: str = sys.platform) -> str:
    """Why hotkeys cannot work on this desktop, or an empty string.

    Args:
        environment: The environment variables.
        platform: As `sys.platform`.
    """
    if not platform.startswith("linux"):
        return ""
    if environment.get("WAYLAND_DISPLAY") or environment.get("XDG_SESSION_TYPE") == "wayland":
        return (
            "Global hotkeys are off: Wayland lets no program watch the keyboard. Keys in this "
            "window work."
        )
    if not environment.get("DISPLAY"):
        return "Global hotkeys are off: there is no X11 display."
    return ""


class GlobalHotkeys(QObject):
    """Watches the keyboard; signals in the window's thread."""

    pressed = Signal(object)
    """HotkeyAction."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._listener: Any = None
        self.problem = ""
        """Why hotkeys are off, or empty."""

    @property
    def is_watching(self) -> bool:
        """Whether hotkeys work now."""
        return self._listener is not None

    def watch(self, bindings: Bindings) -> None:
        """Watch for these keys instead of the ones before; `problem` says why if it cannot."""
        self.stop()
        self.problem = unavailable_because(os.environ)
        usable = {
            to_pynput(keys): self._press(action)
            for action, keys in bindings.keys
            if keys and action not in bindings.problems()
        }
        if self.problem or not usable:
            return
        try:
            from pynput import keyboard

            listener = keyboard.GlobalHotKeys(usable)
            listener.start()
        # Without a display pynput fails with the exceptions of the X11 library it chose.
        except Exception as error:
            logger.info("Global hotkeys are off: %s", error)
            self.problem = f"Global hotkeys are off: {' '.join(str(error).split())}"
        else:
            self._listener = listener

    def stop(self) -> None:
        """Watch nothing any more."""
        listener, self._listener = self._listener, None
        if listener is None:
            return
        try:
            listener.stop()
        # One that has only just begun, or whose X11 connection is gone, fails in its own way.
        except Exception as error:
            logger.debug("The keyboard's watcher ended oddly: %s", error)

    def _press(self, action: HotkeyAction) -> Callable[[], None]:
        return lambda: self.pressed.emit(action)


def _same(wanted: str, others_keys: str) -> bool:
    try:
        return to_pynput(others_keys) == wanted
    except ValueError:
        return False
