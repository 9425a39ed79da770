import os
import subprocess
import sys

import pytest

from avatarify.errors import AvatarifyError
from avatarify.gui.window import application
from avatarify.gui.window.application import check_desktop

PROGRAM = """
import os, signal, sys
from PySide6.QtCore import QTimer
from avatarify.cli.app import open_window
from avatarify.gui.window import application
from avatarify.session.keeping.settings import Settings, OutputSettings, CameraSettings

settings = Settings(output=OutputSettings(target="none"), camera=CameraSettings(name="/none.mp4"))
begin = application.MainWindow.begin

def tell():
    print("variables", [name for name in application._OPENCV_VARIABLES if name in os.environ])

def begin_and_quit(window):
    print("loads torch:", "torch" in sys.modules)  # seconds that a face avatar need not wait
    begin(window)
    window.ended.connect(tell)
    QTimer.singleShot(300, lambda: os.kill(os.getpid(), signal.SIGTERM))

application.MainWindow.begin = begin_and_quit
sys.exit(open_window(settings, keeps_settings=False))
"""


def test_no_display_is_said_in_words() -> None:
    with pytest.raises(AvatarifyError, match="no display"):
        check_desktop({}, "linux")
    check_desktop({}, "win32")
    check_desktop({"QT_QPA_PLATFORM": "offscreen"}, "linux")


def test_all_missing_libraries_are_named_with_the_command(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(application, "missing_libraries", lambda _: ("libxcb-cursor0", "libegl1"))
    with pytest.raises(AvatarifyError, match="sudo apt install libxcb-cursor0 libegl1"):
        check_desktop({"DISPLAY": ":0"}, "linux")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="X11")
def test_a_display_that_does_not_answer_is_no_crash(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISPLAY", ":4711")
    monkeypatch.setattr(application, "missing_libraries", lambda _: ())
    with pytest.raises(AvatarifyError, match="does not answer"):
        check_desktop({"DISPLAY": ":4711"}, "linux")


@pytest.mark.skipif(os.name != "posix", reason="sends a POSIX signal")
def test_it_opens_and_ends_in_order() -> None:
    finished = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        capture_output=True,
        text=True,
        timeout=100,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        check=False,
    )
    assert finished.stdout.splitlines() == ["loads torch: False", "variables []"], finished.stderr
    assert finished.returncode == 0


ASKED_TO_END_EARLY = PROGRAM.replace(
    "    begin(window)\n", "    signal.raise_signal(signal.SIGTERM)\n    begin(window)\n"
).replace("    QTimer.singleShot(300, lambda: os.kill(os.getpid(), signal.SIGTERM))\n", "")


def test_a_window_that_is_asked_to_end_before_it_begins_ends() -> None:
    assert "raise_signal" in ASKED_TO_END_EARLY
    assert "singleShot" not in ASKED_TO_END_EARLY
    finished = subprocess.run(
        [sys.executable, "-c", ASKED_TO_END_EARLY],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
