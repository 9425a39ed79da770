"""The left column: the gallery and everything that changes what is in it."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QMessageBox, QPushButton, QVBoxLayout, QWidget

from avatarify.errors import AvatarifyError
from avatarify.gui.gallery.gallery import Gallery
from avatarify.gui.gallery.gallery_model import GalleryModel
from avatarify.gui.gallery.portrait_import import PortraitImport
from avatarify.gui.pieces.background import Background
from avatarify.gui.pieces.widgets import label
from avatarify.media.image_file import IMAGE_SUFFIXES
from avatarify.session.avatars.library import AvatarEntry, AvatarLibrary
from avatarify.session.avatars.thumbnails import ThumbnailStore

_PICTURES = f"Pictures ({' '.join(f'*{suffix}' for suffix in sorted(IMAGE_SUFFIXES))})"


class GalleryPanel(QWidget):
    """Avatars to choose from, add, rename and remove."""

    chosen = Signal(object)
    """AvatarEntry."""

    further_asked = Signal(object, object)
    """AvatarEntry whose person is to get a further picture, and its FurtherKind."""

    correction_asked = Signal(object)
    """AvatarEntry whose face the user wants to correct."""

    told = Signal(str)
    """What went wrong, in words; empty when it went well."""

    def __init__(
        self, library: AvatarLibrary, thumbnails: ThumbnailStore, background: Background
    ) -> None:
        """Show a library.

        Args:
            library: The avatars.
            thumbnails: Their small pictures.
            background: Where files are read.
        """
        super().__init__()
        self._library = library
        self.model = GalleryModel(library, thumbnails, background)
        self.view = Gallery(self.model)
        self.imports = PortraitImport(library, background, self)
        self._question: QMessageBox | None = None
        self.add_button = QPushButton("Add picture…")
        self.add_button.setToolTip("Open a picture (Ctrl+O), drop it here, or paste it (Ctrl+V)")
        self.add_button.clicked.connect(self.open_files)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(7)
        layout.addWidget(label("Avatars", "section"))
        layout.addWidget(self.view, stretch=1)
        layout.addWidget(self.add_button)
        self.view.chosen.connect(self.chosen)
        self.view.files_dropped.connect(self.imports.take_files)
        self.view.picture_dropped.connect(self.imports.take_picture)
        self.view.correction_asked.connect(self.correction_asked)
        self.view.further_asked.connect(self.further_asked)
        self.view.rename_asked.connect(self.view.start_renaming)
        self.view.remove_asked.connect(self.ask_to_remove)
        self.model.rename_wanted.connect(self._rename)
        self.imports.added.connect(self.show_changed)
        self.imports.refused.connect(self.told)

    @property
    def question(self) -> QMessageBox | None:
        """The question that is open."""
        return self._question

    def show_chosen(self, entry: AvatarEntry | None) -> None:
        """Mark the avatar that is shown."""
        self.view.show_chosen(entry)

    def show_changed(self, entry: AvatarEntry) -> None:
        """List an avatar that is new or was changed, and choose it."""
        self.model.reload()
        self.told.emit("")
        self.chosen.emit(entry)

    def choose_number(self, number: int) -> None:
        """Choose by position, from 1; nothing happens beyond the end."""
        if number <= len(self.model.entries):
            self.chosen.emit(self.model.entries[number - 1])

    def step(self, present: AvatarEntry | None, by: int) -> None:
        """Choose the avatar before (-1) or after (1) the present one, round and round."""
        entries = self.model.entries
        if entries:
            position = entries.index(present) if present in entries else -max(by, 0)
            self.chosen.emit(entries[(position + by) % len(entries)])

    def open_files(self) -> None:
        """Ask for picture files."""
        paths, _ = QFileDialog.getOpenFileNames(self, "Add pictures", "", _PICTURES)
        self.imports.take_files([Path(path) for path in paths])

    def paste(self) -> None:
        """Take a picture from the clipboard."""
        if not self.view.take(QGuiApplication.clipboard().mimeData()):
            self.told.emit("There is no picture on the clipboard. Copy one first, then paste.")

    def correct_selected(self) -> None:
        """Ask for a correction of the marked avatar's face."""
        entry = self.view.selected()
        if entry is not None:
            self.correction_asked.emit(entry)

    def rename_selected(self) -> None:
        """Type a new name for the marked avatar."""
        entry = self.view.selected()
        if entry is not None and entry.is_built_in:
            self.told.emit(f"{entry.name} comes with the program and cannot be renamed.")
        elif entry is not None:
            self.view.start_renaming(entry)

    def remove_selected(self) -> None:
        """Ask whether to remove the marked avatar."""
        entry = self.view.selected()
        if entry is not None:
            self.ask_to_remove(entry)

    def ask_to_remove(self, entry: AvatarEntry) -> None:
        """Remove one of the user's avatars, after asking."""
        if entry.is_built_in:
            self.told.emit(f"{entry.name} comes with the program and cannot be removed.")
            return
        question = QMessageBox(self)
        question.setWindowTitle("Remove avatar")
        question.setText(f"Remove {entry.name}?")
        question.setInformativeText("Its picture file is deleted for good.")
        remove = question.addButton("Remove", QMessageBox.ButtonRole.DestructiveRole)
        question.addButton(QMessageBox.StandardButton.Cancel)
        question.setDefaultButton(QMessageBox.StandardButton.Cancel)
        remove.clicked.connect(lambda: self._attempt(lambda: self._library.remove(entry)))
        self._question = question
        question.open()

    def _rename(self, entry: AvatarEntry, name: str) -> None:
        def rename() -> None:
            renamed = self._library.rename(entry, name)
            self.model.reload()
            self.chosen.emit(renamed)

        self._attempt(rename)

    def _attempt(self, change: Callable[[], object]) -> None:
        try:
            change()
        except AvatarifyError as error:
            self.told.emit(str(error))
        else:
            self.told.emit("")
        self.model.reload()
