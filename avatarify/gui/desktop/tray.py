"""The icon beside the clock, on desktops that have such a place."""

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QSystemTrayIcon, QWidget

from avatarify.gui.desktop.icon import program_icon
from avatarify.gui.pieces.actions import WindowActions


class Tray(QObject):
    """Reaches the window, and what one needs in a call."""

    def __init__(self, window: QWidget, actions: WindowActions) -> None:
        """Show the icon, if there is a place for it.

        Args:
            window: Is shown and hidden.
            actions: What the menu offers.
        """
        super().__init__(window)
        self._window = window
        self.is_available = QSystemTrayIcon.isSystemTrayAvailable()
        self.menu = QMenu(window)
        show = QAction("&Show or hide the window", self)
        show.triggered.connect(self.toggle)
        self.menu.addAction(show)
        self.menu.addSeparator()
        self.menu.addActions([actions.calibrate, actions.hold, actions.next])
        self.menu.addSeparator()
        self.menu.addAction(actions.quit)
        self._icon = QSystemTrayIcon(program_icon(), self)
        self._icon.setToolTip("Avatarify")
        self._is_exposed = False
        self._icon.setContextMenu(self.menu)
        self._icon.activated.connect(self._use)
        if self.is_available:
            self._icon.show()

    def show_state(self, words: str, *, is_exposed: bool) -> None:
        """Say what is being done, and warn in red while the real camera is shown to others.

        Args:
            words: As in the status bar.
            is_exposed: Whether others see the real camera.
        """
        self._icon.setToolTip(f"Avatarify: {words}")
        if is_exposed is not self._is_exposed:
            self._is_exposed = is_exposed
            self._icon.setIcon(program_icon(is_warning=is_exposed))

    def toggle(self) -> None:
        """Hide the window, or bring it to the front."""
        if self._window.isVisible() and not self._window.isMinimized() and self.is_available:
            self._window.hide()
        else:
            self._window.showNormal()
            self._window.activateWindow()

    def _use(self, reason: QSystemTrayIcon.ActivationReason) -> None:
        if reason is QSystemTrayIcon.ActivationReason.Trigger:
            self.toggle()
