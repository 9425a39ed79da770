"""A window on a real display that says what happens to it, for the tests of tray and hotkeys.

python desktop_program.py tray | hotkeys | other
"""

import sys

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QLineEdit, QMainWindow

from avatarify.gui.desktop.global_hotkeys import Bindings, GlobalHotkeys
from avatarify.gui.desktop.tray import Tray
from avatarify.gui.pieces.actions import WindowActions


def say(*words: object) -> None:
    sys.stdout.write(f"{' '.join(map(str, words))}\n")
    sys.stdout.flush()


def show_tray(window: QMainWindow) -> object:
    actions = WindowActions(window)
    actions.hold.toggled.connect(lambda is_on: say("hold", is_on))
    tray = Tray(window, actions)
    tray.menu.aboutToShow.connect(lambda: say("menu"))
    was_visible = [True]

    def watch() -> None:
        if window.isVisible() != was_visible[0]:
            was_visible[0] = window.isVisible()
            say("visible", was_visible[0])

    timer = QTimer(window)
    timer.timeout.connect(watch)
    timer.start(20)
    say("tray", tray.is_available)
    return tray


def watch_hotkeys(window: QMainWindow) -> object:
    hotkeys = GlobalHotkeys(window)
    hotkeys.pressed.connect(lambda action: say("pressed", action.value))
    hotkeys.watch(Bindings.from_settings(()))
    say("watching", hotkeys.is_watching)
    return hotkeys


def be_there(window: QMainWindow) -> object:
    say("ready")
    return window


def main() -> None:
    part = sys.argv[1]
    application = QApplication(sys.argv[:1])
    application.setQuitOnLastWindowClosed(False)
    application.setDoubleClickInterval(1)  # two clicks of a hurried test are two clicks
    window = QMainWindow()
    window.setWindowTitle(f"Window of {part}")
    window.setCentralWidget(QLineEdit())
    window.show()
    work = {"tray": show_tray, "hotkeys": watch_hotkeys, "other": be_there}[part]
    held = work(window)
    application.exec()
    del held


if __name__ == "__main__":
    main()
