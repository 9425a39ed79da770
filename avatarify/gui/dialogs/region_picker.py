"""Draw a rectangle on the screen: what lies in it drives the avatar."""

from PySide6.QtCore import QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QScreen
from PySide6.QtWidgets import QWidget

_DIM = QColor(8, 9, 12, 140)
_SMALLEST = 32
"""A rectangle with a shorter side is a click that slipped."""

WORDS = "Draw a rectangle around the face that is to drive the avatar. Esc goes back."


class RegionPicker(QWidget):
    """Covers a screen with its own picture, as it was, until a rectangle is drawn."""

    picked = Signal(str)
    """`screen:x,y,width,height` in pixels of the screen."""

    def __init__(self, screen: QScreen, parent: QWidget | None = None) -> None:
        """Take the picture; `show` covers the screen with it.

        Args:
            screen: Which one.
            parent: Its Qt parent.
        """
        super().__init__(parent, Qt.WindowType.Window | Qt.WindowType.FramelessWindowHint)
        self.setWindowFlag(Qt.WindowType.WindowStaysOnTopHint)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setWindowTitle("Part of the screen")
        self.setAccessibleName("Part of the screen")
        self.setAccessibleDescription(WORDS)
        self._screen = screen
        self._picture = screen.grabWindow(0)
        self._start: QPoint | None = None
        self._region = QRect()
        self.setGeometry(screen.geometry())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin a rectangle."""
        self._start = event.position().toPoint()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Draw it out."""
        if self._start is not None:
            self._region = _between(self._start, event.position().toPoint()) & self.rect()
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Take it, or let the user draw again."""
        self._start = None
        if min(self._region.width(), self._region.height()) >= _SMALLEST:
            self.picked.emit(self._in_pixels())
            self.close()
        else:
            self._region = QRect()
            self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go back without a rectangle."""
        if event.key() == Qt.Key.Key_Escape:
            self.close()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the screen, dim around the rectangle."""
        painter = QPainter(self)
        painter.drawPixmap(self.rect(), self._picture)
        painter.fillRect(self.rect(), _DIM)
        painter.setPen(QColor("#ffffff"))
        if self._region.isEmpty():
            painter.drawText(self.rect(), int(Qt.AlignmentFlag.AlignCenter), WORDS)
            return
        ratio = self._picture.devicePixelRatio()
        painter.drawPixmap(self._region, self._picture, _scaled(self._region, ratio))
        painter.setPen(QPen(QColor("#5ea3ff"), 2))
        painter.drawRect(self._region)

    def _in_pixels(self) -> str:
        """The rectangle as the screen source takes it."""
        ratio = self._screen.devicePixelRatio()
        place = _scaled(self._region.translated(self._screen.geometry().topLeft()), ratio)
        return f"screen:{place.x()},{place.y()},{place.width()},{place.height()}"


def _between(corner: QPoint, opposite: QPoint) -> QRect:
    left, right = sorted((corner.x(), opposite.x()))
    top, bottom = sorted((corner.y(), opposite.y()))
    return QRect(left, top, right - left + 1, bottom - top + 1)


def _scaled(place: QRect, ratio: float) -> QRect:
    corner = QPoint(round(place.x() * ratio), round(place.y() * ratio))
    return QRect(corner, QSize(round(place.width() * ratio), round(place.height() * ratio)))
