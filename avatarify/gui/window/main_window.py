"""The window: furnished, connected with the live session, opened and closed in order."""

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QByteArray, QEvent, QObject, Qt, Signal
from PySide6.QtGui import QCloseEvent, QShowEvent

from avatarify.gui.dialogs.questions import ask_to_quit
from avatarify.gui.panels.device_panel import DevicePanel
from avatarify.gui.pieces.background import Background
from avatarify.gui.window.bridge import SessionBridge
from avatarify.gui.window.controller import LiveController
from avatarify.gui.window.display import Display
from avatarify.gui.window.furnished_window import FurnishedWindow
from avatarify.gui.window.keepsakes import Keepsakes
from avatarify.gui.window.voice_control import VoiceControl
from avatarify.gui.window.wishes import Wishes
from avatarify.session.avatars.library import AvatarLibrary
from avatarify.session.avatars.thumbnails import ThumbnailStore

_MAY_HIDE = (QEvent.Type.Expose, QEvent.Type.Show, QEvent.Type.Hide)


class MainWindow(FurnishedWindow):
    """The furnished window at work: `display` shows, `wishes` asks."""

    ended = Signal()
    """The window is closed and all devices are released."""

    def __init__(
        self,
        controller: LiveController,
        bridge: SessionBridge,
        *,
        library: AvatarLibrary,
        thumbnails: ThumbnailStore,
        background: Background,
        devices: DevicePanel,
    ) -> None:
        """Build everything; nothing runs yet.

        Args:
            controller: Does what is asked for.
            bridge: Tells what the session says.
            library: The avatars.
            thumbnails: Their small pictures.
            background: For work that takes more than a moment.
            devices: The panel of cameras.
        """
        super().__init__(
            library=library, thumbnails=thumbnails, background=background, devices=devices
        )
        self.controller = controller
        self._bridge = bridge
        self._may_close = self._has_ended = False
        self.restoreGeometry(QByteArray.fromHex(controller.settings.window.geometry.encode()))
        keepsakes = Keepsakes(controller, background, self.notices.say)
        bridge.recording_finished.connect(keepsakes.show_end)
        self.display = Display(self, controller, bridge)
        self.wishes = Wishes(self, controller, keepsakes)
        self.voice = VoiceControl(self.driver.voice, controller)

    @property
    def has_ended(self) -> bool:
        """Whether `ended` was signalled."""
        return self._has_ended

    def begin(self) -> None:
        """Show the guide to a new user, else start at once."""
        self.controller.choose_key(self.controller.settings.avatar)
        if self.controller.settings.window.has_seen_guide:
            self.controller.start()
        else:
            self.notices.offer_in_guide()
            self.stage.guide.restart()

    def take_pictures(self, pictures: Sequence[Path]) -> None:
        """Offer to make avatars of picture files."""
        self.gallery.imports.take_files(pictures)

    def come_to_front(self, pictures: Sequence[Path], token: str) -> None:
        """Show the window to somebody who started the program once more.

        Args:
            pictures: Become avatars, if the user agrees.
            token: With it a Wayland desktop lets the window take the keyboard; may be empty.
        """
        if token:
            os.environ["XDG_ACTIVATION_TOKEN"] = token  # Qt takes it from there, once
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.show()
        self.raise_()
        self.activateWindow()
        self.take_pictures(pictures)

    def quit_now(self) -> None:
        """Quit without asking, in order: the output eases to the still avatar first."""
        if self._may_close:
            return
        self._may_close = True
        self.status_line.showMessage("Closing…")
        window = replace(self.controller.settings.window, geometry=self._geometry())
        self.controller.set_window(window)
        self.controller.closed.connect(self._end)
        self.controller.close()

    def showEvent(self, event: QShowEvent) -> None:
        """Look from now on whether the user can see the window."""
        super().showEvent(event)
        handle = self.windowHandle()
        if handle is not None:
            handle.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let a session rest while its preview is hidden: minimised, in the tray, covered."""
        handle = self.windowHandle()
        if watched is handle and event.type() in _MAY_HIDE:
            self.controller.set_previewed(handle.isExposed() and not self.isMinimized())
        return super().eventFilter(watched, event)

    def changeEvent(self, event: QEvent) -> None:
        """Notice that the window was minimised, where nothing else tells."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.WindowStateChange:
            self.controller.set_previewed(self.isVisible() and not self.isMinimized())

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ask while live; then let the session end first."""
        event.ignore()
        if self._may_close:
            return
        if self.controller.is_live:
            self.question = ask_to_quit(self, self.quit_now)
        else:
            self.quit_now()

    def _end(self) -> None:
        self.display.stop()
        self.voice.stop()
        self.hotkeys.stop()
        self._bridge.detach()
        self.background.close()
        self.hide()
        self._has_ended = True
        self.ended.emit()

    def _geometry(self) -> str:
        return bytes(self.saveGeometry().toHex().data()).decode()
