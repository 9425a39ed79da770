"""The X-ray: what the model computed for the frame that is shown, picture beside picture."""

from PySide6.QtCore import QRect, QRectF, QSize, QSizeF, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from avatarify.frames import Image
from avatarify.gui.pieces.picture import draw_image, fitted
from avatarify.session.live.listener import MotionView

_GAP = 8


class XrayView(QWidget):
    """A grid of titled squares, as large as the room allows."""

    def __init__(self) -> None:
        super().__init__()
        self._panels: tuple[tuple[str, Image], ...] = ()
        self.setMinimumHeight(96)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("X-ray")
        self.setAccessibleDescription("Keypoints, dense motion, masks and occlusion, live")

    def sizeHint(self) -> QSize:
        """The size it likes best."""
        return QSize(700, 150)

    @property
    def titles(self) -> tuple[str, ...]:
        """What is shown."""
        return tuple(title for title, _ in self._panels)

    def show_view(self, view: MotionView) -> None:
        """Show a newer frame's X-ray."""
        self._panels = view.panels
        self.update()

    def clear(self) -> None:
        """Show nothing."""
        self._panels = ()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the panels."""
        painter = QPainter(self)
        if not self._panels:
            text = "Here the avatar's motion is taken apart as soon as a face is seen."
            painter.setPen(self.palette().placeholderText().color())
            painter.drawText(self.rect(), int(Qt.AlignmentFlag.AlignCenter), text)
            return
        font = painter.font()
        font.setPixelSize(11)
        painter.setFont(font)
        room = QSizeF(self.width() - 2 * _GAP, self.height() - _GAP)
        columns, side, caption, titles = self._arrange(room, painter.fontMetrics())
        rows = -(-len(self._panels) // columns)
        left = (self.width() - columns * (side + _GAP) + _GAP) / 2
        top = (self.height() - rows * (side + caption + _GAP) + _GAP) / 2
        for position, (title, (_, image)) in enumerate(zip(titles, self._panels, strict=True)):
            x = left + position % columns * (side + _GAP)
            y = top + position // columns * (side + caption + _GAP)
            painter.setPen(self.palette().text().color())
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(QRectF(x, y, side, caption - 2), int(flags), title)
            self._paint_panel(painter, QRectF(x, y + caption, side, side), image)

    def _arrange(
        self, room: QSizeF, metrics: QFontMetrics
    ) -> tuple[int, float, float, tuple[str, ...]]:
        """Columns, side of the squares, a height in which every title fits, and the titles.

        Where there is little room a title says no more than stands before its colon.
        """
        short = tuple(title.partition(":")[0] for title in self.titles)
        columns, side, caption, titles = 1, 1.0, 0.0, short
        for lines, titles in ((1, self.titles), (2, self.titles), (2, short), (3, short)):
            caption = lines * metrics.lineSpacing() + 2.0
            columns, side = layout(room, len(self._panels), caption)
            place = QRect(0, 0, int(side), 1000)
            flags = int(Qt.TextFlag.TextWordWrap)
            heights = [metrics.boundingRect(place, flags, title).height() for title in titles]
            if max(heights) <= caption:
                break
        return columns, side, caption, titles

    def _paint_panel(self, painter: QPainter, room: QRectF, image: Image) -> None:
        target = fitted(room.size(), image.shape[1], image.shape[0]).translated(room.topLeft())
        draw_image(painter, self, image, target)


def layout(room: QSizeF, count: int, caption: float) -> tuple[int, float]:
    """Choose the number of columns that makes the squares largest.

    Args:
        room: Width and height there are.
        count: Squares to place.
        caption: Height of the words above each.

    Returns:
        Columns, and the side of the squares.
    """

    def side(columns: int) -> float:
        rows = -(-count // columns)
        wide = (room.width() - (columns - 1) * _GAP) / columns
        return min(wide, (room.height() - (rows - 1) * _GAP) / rows - caption)

    best = max(range(1, count + 1), key=side)
    return best, max(1.0, side(best))
