"""The large preview: what others see, with the words that belong on top of it."""

from PySide6.QtCore import QPointF, QRectF, QSize, QSizeF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen, QPixmap
from PySide6.QtWidgets import QWidget

from avatarify.frames import Image
from avatarify.gui.pieces.picture import as_pixmap, draw_focus, draw_image, draw_rounded, fitted
from avatarify.gui.views.preview import Preview
from avatarify.session.live.listener import OutputView

_PLATE = QColor(0, 0, 0, 165)
_RED = QColor("#e5484d")


class OutputPreview(Preview[OutputView]):
    """Paints the newest output picture, no more often than the screen shows it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Press Start to see the avatar here.", parent)
        self._still: QPixmap | None = None
        self._information: tuple[str, ...] = ()
        self._corner = ""
        self._is_exposed = False
        self.setMinimumSize(240, 135)
        self.setAccessibleName("What others see")
        self.setAccessibleDescription("Live preview of the picture that the virtual camera sends")

    def sizeHint(self) -> QSize:
        """The size it likes best."""
        return QSize(800, 450)

    def set_still(self, avatar: Image) -> None:
        """Take the portrait that is shown, dimmed, while nothing runs."""
        self._still = as_pixmap(avatar)
        self.update()

    def set_information(self, lines: tuple[str, ...]) -> None:
        """Write some lines over the upper left corner; none for no lines."""
        if lines != self._information:
            self._information = lines
            self.update()

    def set_corner(self, text: str) -> None:
        """Write a word over the upper right corner, such as what is being done."""
        if text != self._corner:
            self._corner = text
            self.update()

    def set_exposed(self, is_exposed: bool) -> None:
        """Draw a red frame while the real camera is shown to others."""
        self._is_exposed = is_exposed
        self.update()

    def plate(self) -> QRectF:
        """Where the avatar will be."""
        return fitted(QSizeF(self.size()), 16, 9)

    def paint_words(self, painter: QPainter, plate: QRectF, words: str) -> None:
        """Say what to do, over the dimmed avatar."""
        if self._still is not None:
            still = fitted(plate.size(), self._still.width(), self._still.height())
            painter.setOpacity(0.3)
            draw_rounded(painter, still.translated(plate.topLeft()), self._still, 8)
            painter.setOpacity(1)
        painter.setPen(self.palette().text().color())
        room = QRectF(self.rect()).adjusted(24, 24, -24, -24)
        flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
        painter.drawText(room, int(flags), words)

    def paint_view(self, painter: QPainter, view: OutputView) -> None:
        """Paint what others see, and what belongs on top of it."""
        height, width = view.image.shape[:2]
        target = fitted(QSizeF(self.size()), width, height)
        draw_image(painter, self, view.image, target)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_plates(painter, target)
        draw_focus(painter, self, target)
        if self._is_exposed:
            painter.setPen(QPen(_RED, 6))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(target.adjusted(3, 3, -3, -3))

    def _paint_plates(self, painter: QPainter, target: QRectF) -> None:
        if self._information:
            _paint_plate(painter, target.topLeft() + QPointF(10, 10), self._information)
        if self._corner:
            width = QFontMetricsF(painter.font()).horizontalAdvance(self._corner) + 20
            _paint_plate(painter, target.topRight() + QPointF(-width - 10, 10), (self._corner,))


def _paint_plate(painter: QPainter, corner: QPointF, lines: tuple[str, ...]) -> None:
    metrics = QFontMetricsF(painter.font())
    width = max(metrics.horizontalAdvance(line) for line in lines) + 20
    height = metrics.lineSpacing() * len(lines) + 12
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(_PLATE)
    painter.drawRoundedRect(QRectF(corner, QSizeF(width, height)), 7, 7)
    painter.setPen(QColor("#ffffff"))
    baseline = corner + QPointF(10, 6 + metrics.ascent())
    for line in lines:
        painter.drawText(baseline, line)
        baseline += QPointF(0, metrics.lineSpacing())
