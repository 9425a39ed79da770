"""Lets the user correct the face's points: of an avatar, or of a picture that is to become one."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from avatarify.frames import Image
from avatarify.gui.dialogs.landmark_editor import LandmarkEditor
from avatarify.gui.gallery.portrait_import import ImportDialog
from avatarify.gui.pieces.background import Background
from avatarify.session.avatars.library import AvatarEntry, AvatarLibrary
from avatarify.session.avatars.portrait_intake import Intake, by_hand

CUTTING = "Cutting the person out…"
"""What is waited for after the points are set."""

Found = tuple[Image, NDArray[np.float32] | None]


class FaceCorrection(QObject):
    """Opens the editor and keeps what comes of it."""

    corrected = Signal(object)
    """AvatarEntry whose face has other points now."""

    failed = Signal(str)
    """Why nothing could be corrected or kept."""

    def __init__(self, library: AvatarLibrary, background: Background, window: QWidget) -> None:
        """Prepare.

        Args:
            library: Keeps the avatars.
            background: Where pictures are read and people cut out of them.
            window: Parent of the editor.
        """
        super().__init__(window)
        self._library = library
        self._background = background
        self._window = window
        self.editor: LandmarkEditor | None = None

    def correct_avatar(self, entry: AvatarEntry) -> None:
        """Correct one of the gallery's avatars."""

        def show(found: Found) -> None:
            image, points = found
            editor = self._open(entry.name, image, points, self._window)
            if editor is not None:
                editor.accepted.connect(lambda: self._keep(entry, editor.landmarks))

        self._background.run(
            lambda: self._library.points(entry), show, self._fail, words="Looking for the face…"
        )

    def correct_import(self, dialog: ImportDialog) -> None:
        """Point the face out in a picture that is about to be added."""
        intake = dialog.intake
        editor = self._open(dialog.name, intake.original, intake.points, dialog)
        if editor is not None:
            editor.accepted.connect(lambda: self._take(dialog, editor.landmarks))

    def _open(
        self, name: str, image: Image, points: NDArray[np.float32] | None, parent: QWidget
    ) -> LandmarkEditor | None:
        if self.editor is not None:
            return None
        editor = LandmarkEditor(name, image, points, parent)
        editor.finished.connect(self._forget)
        self.editor = editor
        editor.open()
        return editor

    def _forget(self) -> None:
        editor, self.editor = self.editor, None
        if editor is not None:
            editor.deleteLater()

    def _keep(self, entry: AvatarEntry, points: NDArray[np.float64]) -> None:
        def tell(changed: AvatarEntry) -> None:
            self.corrected.emit(changed)

        self._background.run(
            lambda: self._library.correct(entry, points), tell, self._fail, words=CUTTING
        )

    def _take(self, dialog: ImportDialog, points: NDArray[np.float64]) -> None:
        original = dialog.intake.original
        dialog.setEnabled(False)

        def show(intake: Intake) -> None:
            dialog.setEnabled(True)
            dialog.show_intake(intake)

        def refuse(error: Exception) -> None:
            dialog.setEnabled(True)
            self._fail(error)

        self._background.run(lambda: by_hand(original, points), show, refuse, words=CUTTING)

    def _fail(self, error: Exception) -> None:
        self.failed.emit(str(error))
