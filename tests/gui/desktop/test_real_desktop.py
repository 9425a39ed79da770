"""Tray and global hotkeys on a real X11 display: a panel with a tray, another program in front."""

import importlib.util
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.linux_session import LinuxSession, missing_packages, wait_until

PROGRAM = Path(__file__).with_name("desktop_program.py")
ROOT = Path(__file__).parents[3]


@pytest.fixture
def display(tmp_path: Path) -> Iterator[LinuxSession]:
    """An X server; programs started in it open real windows."""
    if missing := missing_packages({"Xvfb": "xvfb", "xdotool": "xdotool"}):
        pytest.skip(f"needs the packages {missing}")
    session = LinuxSession(tmp_path)
    try:
        session.start_display()
        session.environment.pop("QT_QPA_PLATFORM", None)
        yield session
    finally:
        session.close()


def start(display: LinuxSession, part: str, until: str) -> "subprocess.Popen[bytes]":
    program = display.start([sys.executable, PROGRAM, part], {"PYTHONPATH": str(ROOT)})
    wait_until(lambda: until in display.printed_by(program), until, timeout_s=30)
    return program


def test_the_tray_icon_hides_and_shows_the_window_and_has_a_menu(display: LinuxSession) -> None:
    if missing_packages({"trayer": "trayer"}):
        pytest.skip("needs the package trayer")
    display.start(["trayer", "--widthtype", "request", "--edge", "bottom", "--align", "right"])
    find_panel = ["xdotool", "search", "--onlyvisible", "--name", "^panel$"]
    wait_until(lambda: display.output(find_panel) != "", "the panel")
    program = start(display, "tray", "tray True")
    icon = ["xdotool", "mousemove", "--window", display.output(find_panel).strip(), "12", "12"]
    for words in ("visible False", "visible True"):
        display.output([*icon, "click", "1"])
        wait_until(lambda words=words: words in display.printed_by(program), words)  # type: ignore[misc]  # a lambda's default
    display.output([*icon, "click", "3"])
    wait_until(lambda: "menu" in display.printed_by(program), "the menu")


@pytest.mark.skipif(importlib.util.find_spec("pynput") is None, reason="pynput is not installed")
def test_a_global_hotkey_works_while_another_program_has_the_keyboard(
    display: LinuxSession,
) -> None:
    program = start(display, "hotkeys", "watching True")
    start(display, "other", "ready")
    find = ["xdotool", "search", "--sync", "--onlyvisible", "--name", "Window of other"]
    other = display.output(find).strip()
    display.output(["xdotool", "windowfocus", "--sync", other])
    assert display.output(["xdotool", "getwindowfocus"]).strip() == other
    display.output(["xdotool", "key", "ctrl+alt+n"])
    wait_until(lambda: "pressed next avatar" in display.printed_by(program), "the hotkey")
    assert display.output(["xdotool", "getwindowfocus"]).strip() == other
