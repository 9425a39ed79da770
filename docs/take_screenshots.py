"""Take the pictures of the window in docs/screenshots, with rendered avatars and the demo clip.

    xvfb-run python docs/take_screenshots.py

Run it on an idle machine: the status bar shows the rates that are measured meanwhile.
"""

import os
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from PIL import Image
from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QApplication

from avatarify.gui.application import forget_opencv_variables, make_application, make_window
from avatarify.gui.main_window import MainWindow
from avatarify.gui.picture import from_qimage
from avatarify.gui.theme import apply_theme
from avatarify.session.listener import Topic
from avatarify.session.settings import (
    CameraSettings,
    OutputSettings,
    Settings,
    Theme,
    WindowSettings,
)

FOLDER = Path(__file__).with_name("screenshots")
CLIP = Path(__file__).resolve().parents[1] / "assets" / "demo_driving.mp4"
SETTINGS = Settings(
    avatar="maya",
    camera=CameraSettings(name=str(CLIP), loop=True),
    output=OutputSettings(target="none"),
    window=WindowSettings(theme=Theme.DARK, has_seen_guide=True),
)


def main() -> None:
    """Open the window in some of its states and keep a picture of each."""
    # Nothing of this machine's user may be in the pictures.
    for variable in ("AVATARIFY_CONFIG", "AVATARIFY_AVATARS"):
        os.environ[variable] = tempfile.mkdtemp()
    forget_opencv_variables()
    application = make_application()
    FOLDER.mkdir(exist_ok=True)
    first_steps(application)
    live(application)


def first_steps(application: QApplication) -> None:
    """The guide of a new user."""
    window = open_window(application, replace(SETTINGS, window=WindowSettings(theme=Theme.LIGHT)))
    wait(2)
    keep(window, "first_steps")
    close(window)


def live(application: QApplication) -> None:
    """Live in both themes, with X-ray, and with the real camera shown."""
    window = open_window(application, SETTINGS)
    wait_until(lambda: "Live" in window.status_line.texts)
    wait(8)
    keep(window, "live_dark")
    window.actions_.xray.trigger()
    window.actions_.landmarks.trigger()
    window.actions_.information.trigger()
    wait_until(lambda: bool(window.xray.titles))
    wait(5)
    keep(window, "xray")
    window.actions_.xray.trigger()
    window.actions_.information.trigger()
    window.controller.set_pass_through(True)
    wait(2)
    keep(window, "real_camera")
    window.controller.set_pass_through(False)
    window.actions_.theme_chosen.emit(Theme.LIGHT)
    window.actions_.number_pressed.emit(2)
    wait(8)
    keep(window, "live_light")
    close(window)


def open_window(application: QApplication, settings: Settings) -> MainWindow:
    """Open the window and let it begin."""
    apply_theme(application, settings.window.theme)
    window = make_window(application, settings, keeps_settings=False)
    window.resize(1180, 740)
    window.show()
    window.begin()
    return window


def close(window: MainWindow) -> None:
    """Close a window and wait for its devices."""
    window.quit_now()
    wait_until(lambda: window.has_ended)


def wait(seconds: float) -> None:
    """Let the window go on for a while."""
    loop = QEventLoop()
    QTimer.singleShot(round(1000 * seconds), loop.quit)
    loop.exec()


def wait_until(condition: Callable[[], bool]) -> None:
    """Let the window go on until something has happened."""
    deadline = time.monotonic() + 120
    while not condition() and time.monotonic() < deadline:
        wait(0.1)


def keep(window: MainWindow, name: str) -> None:
    """Save a picture with 256 colours, which keeps it small."""
    window.banners.dismiss(Topic.SPEED)  # it speaks of the machine that takes the pictures
    wait(0.2)
    picture = Image.fromarray(from_qimage(window.grab().toImage()))
    few_colours = picture.quantize(256, dither=Image.Dither.NONE)
    few_colours.save(FOLDER / f"{name}.png", optimize=True)


if __name__ == "__main__":
    main()
