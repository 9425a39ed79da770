"""How one avatar looks in the gallery."""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import (
    QApplication,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from avatarify.gui.gallery.gallery_model import GalleryModel
from avatarify.gui.pieces.picture import draw_rounded

PICTURE = 92
TILE = QSize(PICTURE + 14, PICTURE + 32)
_NUMBERED = 9
"""The first avatars have keys of their own."""


class GalleryTile(QStyledItemDelegate):
    """Paints a rounded thumbnail, a name, the key's number and a mark on broken files."""

    def __init__(self, model: GalleryModel, parent: QWidget) -> None:
        """Paint the avatars of a model.

        Args:
            model: Knows their thumbnails.
            parent: The list.
        """
        super().__init__(parent)
        self._model = model

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        """All tiles are of one size."""
        return TILE

    def updateEditorGeometry(
        self,
        editor: QWidget,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """Type the name where it stands."""
        place = QRect(option.rect)
        editor.setGeometry(place.adjusted(2, PICTURE + 4, -2, 0))

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """Paint one tile."""
        area = QRect(option.rect)
        state = option.state
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        room = QRectF(area.x() + 7, area.y() + 7, PICTURE, PICTURE)
        self._paint_picture(painter, room, index)
        if index.row() < _NUMBERED:
            _paint_number(painter, room, index.row() + 1)
        self._paint_frame(painter, room, state)
        self._paint_name(painter, area, index)
        painter.restore()

    def _paint_picture(
        self, painter: QPainter, room: QRectF, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        entry = self._model.entry_at(index)
        pixmap = self._model.picture(entry)
        if pixmap is not None:
            draw_rounded(painter, room, pixmap, 8)
            return
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QApplication.palette().alternateBase())
        painter.drawRoundedRect(room, 8, 8)
        if self._model.problem(entry):
            painter.setPen(QColor("#e5484d"))
            font = painter.font()
            font.setPixelSize(15)
            painter.setFont(font)
            painter.drawText(room, int(Qt.AlignmentFlag.AlignCenter), "⚠\ncannot\nbe read")
            font.setPixelSize(12)
            painter.setFont(font)

    def _paint_frame(self, painter: QPainter, room: QRectF, state: QStyle.StateFlag) -> None:
        palette = QApplication.palette()
        if state & QStyle.StateFlag.State_Selected:
            painter.setPen(QPen(palette.highlight().color(), 3))
        elif state & (QStyle.StateFlag.State_MouseOver | QStyle.StateFlag.State_HasFocus):
            painter.setPen(QPen(palette.placeholderText().color(), 1.5))
        else:
            return
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(room.adjusted(-2, -2, 2, 2), 9, 9)

    def _paint_name(
        self, painter: QPainter, area: QRect, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        font = QApplication.font()
        painter.setFont(font)
        painter.setPen(QApplication.palette().text().color())
        place = area.adjusted(4, PICTURE + 9, -4, -2)
        name = painter.fontMetrics().elidedText(
            self._model.entry_at(index).name, Qt.TextElideMode.ElideRight, place.width()
        )
        painter.drawText(place, int(Qt.AlignmentFlag.AlignCenter), name)


def _paint_number(painter: QPainter, room: QRectF, number: int) -> None:
    plate = QRectF(room.x() + 4, room.y() + 4, 17, 17)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(0, 0, 0, 150))
    painter.drawRoundedRect(plate, 5, 5)
    font = painter.font()
    font.setPixelSize(11)
    font.setBold(True)
    painter.setFont(font)
    painter.setPen(QColor("#ffffff"))
    painter.drawText(plate, int(Qt.AlignmentFlag.AlignCenter), str(number))
    font.setBold(False)
    painter.setFont(font)
