"""The frame that the two previews share: a newest view, or words while there is none."""

from typing import Generic, TypeVar

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from avatarify.gui.pieces.picture import draw_focus
from avatarify.session.live.listener import CameraView, OutputView

ViewT = TypeVar("ViewT", CameraView, OutputView)
"""What a preview shows."""


class Preview(QWidget, Generic[ViewT]):
    """Paints the newest view; a subclass says what belongs on top of it."""

    def __init__(self, placeholder: str, parent: QWidget | None = None) -> None:
        """Show words, until there is a view.

        Args:
            placeholder: The words.
            parent: Qt's.
        """
        super().__init__(parent)
        self._view: ViewT | None = None
        self._placeholder = placeholder
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

    @property
    def view(self) -> ViewT | None:
        """What is shown."""
        return self._view

    def show_view(self, view: ViewT) -> None:
        """Show a newer view."""
        self._view = view
        self.update()

    def clear(self, placeholder: str) -> None:
        """Show words instead of a view."""
        self._view = None
        self._placeholder = placeholder
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the newest view, or the words on a plate."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), self.palette().window())
        if self._view is not None:
            self.paint_view(painter, self._view)
            return
        plate = self.plate()
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self.palette().base())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.drawRoundedRect(plate, 8, 8)
        self.paint_words(painter, plate, self._placeholder)
        draw_focus(painter, self, plate)

    def plate(self) -> QRectF:
        """Where the words stand while there is no view."""
        return QRectF(self.rect())

    def paint_words(self, painter: QPainter, plate: QRectF, words: str) -> None:
        """Paint what is shown while there is no view."""
        raise NotImplementedError

    def paint_view(self, painter: QPainter, view: ViewT) -> None:
        """Paint a view."""
        raise NotImplementedError
