"""A check box that can be seen in the dark; Fusion's empty one cannot."""

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QCheckBox

_SIDE = 15.0
_GAP = 8


class CheckBox(QCheckBox):
    """Behaves as Qt's; only painted by hand."""

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint box, tick and words."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if not self.isEnabled():
            painter.setOpacity(0.5)
        palette = self.palette()
        box = QRectF(1, (self.height() - _SIDE) / 2, _SIDE, _SIDE)
        is_marked = self.isChecked() or self.hasFocus()
        frame = palette.highlight() if is_marked else palette.placeholderText()
        painter.setPen(QPen(frame.color(), 1.2))
        painter.setBrush(palette.highlight() if self.isChecked() else palette.button())
        painter.drawRoundedRect(box, 3.5, 3.5)
        if self.isChecked():
            self._paint_tick(painter, box)
        painter.setPen(palette.highlight().color() if self.hasFocus() else palette.text().color())
        left = round(box.right()) + _GAP
        room = QRect(left, 0, self.width() - left, self.height())
        flags = Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextShowMnemonic
        painter.drawText(room, int(flags), self.text())

    def _paint_tick(self, painter: QPainter, box: QRectF) -> None:
        pen = QPen(self.palette().highlightedText().color(), 2)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        painter.setPen(pen)
        corners = ((0.25, 0.53), (0.43, 0.71), (0.76, 0.31))
        painter.drawPolyline([box.topLeft() + QPointF(x, y) * _SIDE for x, y in corners])
