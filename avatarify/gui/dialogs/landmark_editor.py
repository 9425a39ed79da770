"""Correct the face's points by hand, and see at once how the portrait moves with them."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from avatarify.frames import Image
from avatarify.geometry.average_face import face_in_the_middle
from avatarify.gui.dialogs.handle_edits import HandleEdits
from avatarify.gui.dialogs.landmark_canvas import LandmarkCanvas
from avatarify.gui.dialogs.rehearsal_view import RehearsalView
from avatarify.gui.pieces.check_box import CheckBox
from avatarify.gui.pieces.widgets import label
from avatarify.session.avatars.portrait_framing import Window

LARGEST_SIDE = 1600
"""Of the picture in pixels: a larger one is shown smaller, to be dragged without delay."""

FOUND = "Drag each dot to its place in the picture; the lines show what the program takes for what."
NOT_FOUND = (
    "No face was found: drag the frame over the face and pull its corners until it fits, then drag "
    "each dot to its place."
)
_KEYS = (
    "Wheel: nearer. Drag beside the frame: move the picture. Page Up and Page Down choose a dot, "
    "the arrow keys move it, with Shift farther."
)


class LandmarkEditor(QDialog):
    """The picture with its handles, and the preview beside it."""

    def __init__(
        self,
        name: str,
        image: Image,
        landmarks: NDArray[np.floating] | None,
        parent: QWidget | None = None,
    ) -> None:
        """Open with what is known.

        Args:
            name: The avatar's.
            image: RGB (H, W, 3).
            landmarks: (478, 3) in its pixels; None where no face was found.
            parent: The window.
        """
        super().__init__(parent)
        self.setWindowTitle(f"The face of {name}")
        self._is_guess = landmarks is None
        height, width = size = (image.shape[0], image.shape[1])
        points = face_in_the_middle(size) if landmarks is None else landmarks
        self._shown = Window(0, 0, width, height, min(1.0, LARGEST_SIDE / max(size)))
        image = self._shown.cut(image)
        self.edits = HandleEdits(self._shown.place(points))
        self.canvas = LandmarkCanvas(image, self.edits)
        self.preview = RehearsalView(image)
        self.undo_button, self.reset_button = QPushButton("&Undo"), QPushButton("&Reset")
        self.mesh_box = CheckBox("Show the &mesh")
        self.buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel
        )
        self.ok_button = self.buttons.button(QDialogButtonBox.StandardButton.Ok)
        self._lay_out()
        self._connect()
        self.resize(1040, 680)
        self.canvas.setFocus()
        self._show_step()

    @property
    def landmarks(self) -> NDArray[np.float64]:
        """(478, 3), the face as it is now, in pixels of the picture."""
        return self.edits.landmarks / self._shown.scale

    def undo(self) -> None:
        """Take the last step back."""
        self.edits.undo()
        self._show_step()

    def reset(self) -> None:
        """Go back to the points as they came."""
        self.edits.reset()
        self._show_step()

    def showEvent(self, event: QShowEvent) -> None:
        """Bring a known face near; the place of a guess is seen better from afar."""
        super().showEvent(event)
        if not self._is_guess and not event.spontaneous():
            self.canvas.show_face()

    def done(self, result: int) -> None:
        """Stop the preview and close."""
        self.preview.stop()
        super().done(result)

    def _lay_out(self) -> None:
        self.ok_button.setProperty("role", "primary")
        self.ok_button.setAutoDefault(False)
        self.undo_button.setToolTip("Take the last step back (Ctrl+Z)")
        self.reset_button.setToolTip("Back to the points as they were found")
        self.mesh_box.setChecked(True)
        self.mesh_box.setToolTip("All 478 points, as the dots move them")
        for button in (self.undo_button, self.reset_button):
            button.setAutoDefault(False)
        steps = QHBoxLayout()
        steps.setSpacing(8)
        steps.addWidget(self.undo_button)
        steps.addWidget(self.reset_button)
        side = QVBoxLayout()
        side.setSpacing(9)
        side.addWidget(label("How it will move", "section"))
        side.addWidget(self.preview, stretch=1)
        side.addWidget(label(NOT_FOUND if self._is_guess else FOUND, wraps=True))
        side.addWidget(label(_KEYS, "dim", wraps=True))
        side.addWidget(self.mesh_box)
        side.addLayout(steps)
        body = QHBoxLayout()
        body.setSpacing(14)
        body.addWidget(self.canvas, stretch=5)
        body.addLayout(side, stretch=2)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(14, 14, 14, 14)
        layout.setSpacing(12)
        layout.addLayout(body, stretch=1)
        layout.addWidget(self.buttons)

    def _connect(self) -> None:
        self.canvas.settled.connect(self._show_step)
        self.mesh_box.toggled.connect(self.canvas.set_mesh)
        self.undo_button.clicked.connect(self.undo)
        self.reset_button.clicked.connect(self.reset)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        QShortcut(QKeySequence(QKeySequence.StandardKey.Undo), self, self.undo)
        self.setTabOrder(self.canvas, self.mesh_box)

    def _show_step(self) -> None:
        """Show the face as it is now, in both pictures."""
        self.undo_button.setEnabled(self.edits.can_undo)
        self.reset_button.setEnabled(self.edits.can_undo)
        self.ok_button.setEnabled(self.edits.can_undo or self._is_guess)
        self.canvas.update()
        self.preview.show_points(self.edits.landmarks)
