"""The program's icon, drawn: a face in a speech bubble's shape."""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import (
    QColor,
    QIcon,
    QImage,
    QLinearGradient,
    QPainter,
    QPainterPath,
    QPen,
    QPixmap,
)

SIZES = (16, 24, 32, 48, 64, 128, 256)
"""Pixels of a side that desktops ask for."""


def program_icon(*, is_warning: bool = False) -> QIcon:
    """The icon in all sizes that desktops ask for.

    Args:
        is_warning: With a red frame: others see the real camera.
    """
    icon = QIcon()
    for size in SIZES:
        pixmap = QPixmap.fromImage(draw_icon(size))
        if is_warning:
            _frame(pixmap)
        icon.addPixmap(pixmap)
    return icon


def _frame(pixmap: QPixmap) -> None:
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    width = max(2.0, pixmap.width() / 7)
    painter.setPen(QPen(QColor("#e5484d"), width))
    inset = width / 2
    painter.drawRect(QRectF(pixmap.rect()).adjusted(inset, inset, -inset, -inset))
    painter.end()


def draw_icon(size: int) -> QImage:
    """Draw the icon; unlike pixmaps, a picture needs neither a display nor an application.

    Args:
        size: Pixels of a side.
    """
    picture = QImage(size, size, QImage.Format.Format_ARGB32_Premultiplied)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.scale(size / 64, size / 64)
    ground = QLinearGradient(QPointF(0, 0), QPointF(64, 64))
    ground.setColorAt(0, QColor("#5ea3ff"))
    ground.setColorAt(1, QColor("#2457b8"))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(ground)
    painter.drawRoundedRect(QRectF(2, 2, 60, 60), 16, 16)
    painter.setBrush(QColor("#ffffff"))
    painter.drawEllipse(QRectF(18, 12, 28, 32))
    shoulders = QPainterPath(QPointF(8, 62))
    shoulders.cubicTo(QPointF(10, 42), QPointF(54, 42), QPointF(56, 62))
    painter.drawPath(shoulders)
    painter.setBrush(QColor("#2457b8"))
    painter.drawEllipse(QPointF(27, 26), 2.4, 3)
    painter.drawEllipse(QPointF(37, 26), 2.4, 3)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(QColor("#2457b8"), 2.4, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
    painter.drawArc(QRectF(26, 28, 12, 9), 200 * 16, 140 * 16)
    painter.end()
    return picture
