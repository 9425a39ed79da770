"""A list to choose from whose focus can be seen; Fusion's cannot."""

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QComboBox


class ComboBox(QComboBox):
    """Behaves and looks as Qt's, with a frame while it has the keyboard."""

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint Qt's box, and the frame."""
        super().paintEvent(event)
        if self.hasFocus():
            painter = QPainter(self)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(self.palette().highlight().color(), 1.6))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 3, 3)


def narrow_box() -> ComboBox:
    """Make a box that is no wider than a short name, for panels beside pictures."""
    box = ComboBox()
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    box.setMinimumContentsLength(12)
    return box
