"""Zoom, crop and ghost by keys: what the user sees decides which way is right."""

from dataclasses import replace

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget

from avatarify.gui.window.controller import LiveController

ZOOM_STEP = 1.05
PAN_STEP = 0.02
GHOST_STEP = 0.1
"""Steps of the keys W and S, the arrows, Z and C."""

_ARROWS = (("Left", -1, 0), ("Right", 1, 0), ("Up", 0, -1), ("Down", 0, 1))


class FramingKeys(QObject):
    """Frames the driver by hand."""

    def __init__(self, controller: LiveController) -> None:
        """Frame the driver of a session.

        Args:
            controller: Has the session.
        """
        super().__init__(controller)
        self._controller = controller

    def zoom_in(self) -> None:
        """Come a little closer."""
        self._controller.zoom(ZOOM_STEP)

    def zoom_out(self) -> None:
        """Go a little back."""
        self._controller.zoom(1 / ZOOM_STEP)

    def pan(self, right: int, down: int) -> None:
        """Move the crop a step, as the user sees the camera: perhaps in a mirror."""
        settings = self._controller.settings
        is_mirrored = settings.window.mirrors_preview and not settings.camera.mirror
        self._controller.pan(PAN_STEP * (-right if is_mirrored else right), PAN_STEP * down)

    def show_less_ghost(self) -> None:
        """Fade the avatar over the camera's preview."""
        self._change_ghost(-GHOST_STEP)

    def show_more_ghost(self) -> None:
        """Lay more of the avatar over the camera's preview."""
        self._change_ghost(GHOST_STEP)

    def add_arrows(self, preview: QWidget) -> None:
        """Let the arrow keys move the crop while a preview has the keyboard."""
        for name, right, down in _ARROWS:
            shortcut = QShortcut(QKeySequence(name), preview)
            shortcut.setContext(Qt.ShortcutContext.WidgetShortcut)
            shortcut.activated.connect(lambda right=right, down=down: self.pan(right, down))

    def _change_ghost(self, by: float) -> None:
        window = self._controller.settings.window
        opacity = round(min(1.0, max(0.0, window.ghost_opacity + by)), 2)
        self._controller.set_window(replace(window, ghost_opacity=opacity))
