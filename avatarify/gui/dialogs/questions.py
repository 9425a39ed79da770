"""The three questions that stand before something that cannot be taken back."""

from collections.abc import Callable

from PySide6.QtWidgets import QMessageBox, QWidget

from avatarify.gui.pieces.widgets import set_role

ABOUT = (
    "Avatarify animates a portrait with the motion of your face and offers it to call programs as "
    "a camera. Everything happens on this computer: no picture leaves it except through the "
    "camera that you choose.\n\nUse only portraits that you may use, and tell people that they "
    "see an avatar."
)


def ask_to_expose(window: QWidget, agree: Callable[[], None]) -> QMessageBox:
    """Ask before the real camera is shown to others."""
    return _ask(
        window,
        "Show your real camera?",
        "Everybody in the call will see you instead of the avatar, until you switch it off again. "
        "Hold (0) rests on the still avatar without showing you.",
        "Show my camera",
        agree,
    )


def ask_to_quit(window: QWidget, agree: Callable[[], None]) -> QMessageBox:
    """Ask before a camera that others may be watching goes away."""
    return _ask(
        window,
        "Quit while live?",
        "The virtual camera is on. People in a call will see the avatar stop and the camera end.",
        "Quit",
        agree,
    )


def show_about(window: QWidget) -> QMessageBox:
    """Say what this program is."""
    box = QMessageBox(window)
    box.setWindowTitle("About Avatarify")
    box.setText(ABOUT)
    box.open()
    return box


def _ask(
    window: QWidget, title: str, words: str, yes: str, agree: Callable[[], None]
) -> QMessageBox:
    box = QMessageBox(window)
    box.setIcon(QMessageBox.Icon.Warning)
    box.setWindowTitle(title)
    box.setText(title)
    box.setInformativeText(words)
    button = box.addButton(yes, QMessageBox.ButtonRole.AcceptRole)
    set_role(button, "danger")
    button.clicked.connect(agree)
    cancel = box.addButton(QMessageBox.StandardButton.Cancel)
    box.setDefaultButton(cancel)
    box.setEscapeButton(cancel)
    box.open()
    return box
