"""Lets the user give an avatar further pictures of the same person: with teeth, with shut eyes."""

from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from avatarify.gui.pieces.background import Background
from avatarify.media.image_file import IMAGE_SUFFIXES
from avatarify.session.avatars.further_picture import FurtherKind
from avatarify.session.avatars.library import AvatarEntry, AvatarLibrary


class FurtherChoice(QObject):
    """Asks for a picture, and keeps it with the avatar."""

    chosen = Signal(object)
    """AvatarEntry that has a further picture now."""

    failed = Signal(str)
    """Why the picture was not taken."""

    def __init__(self, library: AvatarLibrary, background: Background, window: QWidget) -> None:
        """Prepare.

        Args:
            library: Keeps the avatars.
            background: Where pictures are read and faces found.
            window: Parent of the file dialog.
        """
        super().__init__(window)
        self._library = library
        self._background = background
        self._window = window

    def ask(self, entry: AvatarEntry, kind: FurtherKind) -> None:
        """Let the user point at a picture."""
        kinds = " ".join(f"*{suffix}" for suffix in sorted(IMAGE_SUFFIXES))
        title = f"A picture of {entry.name} {kind.words}"
        path, _ = QFileDialog.getOpenFileName(self._window, title, "", f"Pictures ({kinds})")
        if path:
            self.take(entry, kind, Path(path))

    def take(self, entry: AvatarEntry, kind: FurtherKind, picture: Path) -> None:
        """Keep a picture that was pointed at."""
        self._background.run(
            lambda: self._library.set_further(entry, kind, picture),
            lambda _: self.chosen.emit(entry),
            lambda error: self.failed.emit(str(error)),
            words="Looking for the face…",
        )
