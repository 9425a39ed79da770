"""The settings while a window is open: changed at once, written a moment later."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from avatarify.errors import AvatarifyError
from avatarify.session.keeping.settings import Settings

SAVE_DELAY_MS = 600
"""Settings are written when nothing changed for this long: a dragged slider is one change."""


class KeptSettings(QObject):
    """The one owner of the settings."""

    changed = Signal(object)
    """The new Settings."""

    failed = Signal(str)
    """They could not be written; says why."""

    def __init__(self, settings: Settings, save: Callable[[Settings], None]) -> None:
        """Start with settings.

        Args:
            settings: From the file or the command line.
            save: Writes them; may raise AvatarifyError.
        """
        super().__init__()
        self._value = settings
        self._save = save
        self._saving = QTimer(self)
        self._saving.setSingleShot(True)
        self._saving.setInterval(SAVE_DELAY_MS)
        self._saving.timeout.connect(self.save_now)

    @property
    def value(self) -> Settings:
        """The settings as they are now."""
        return self._value

    def change(self, **changes: Any) -> None:
        """Replace fields of the settings."""
        self._value = replace(self._value, **changes)
        self._saving.start()
        self.changed.emit(self._value)

    def save_now(self) -> None:
        """Write the settings without waiting."""
        self._saving.stop()
        try:
            self._save(self._value)
        except AvatarifyError as error:
            self.failed.emit(str(error))
