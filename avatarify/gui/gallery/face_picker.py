"""A picture with several faces, of which one is clicked."""

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from avatarify.frames import Image
from avatarify.gui.pieces.picture import draw_focus, draw_image, fitted
from avatarify.tracking.face import Box

_TAKEN = QColor(94, 230, 160)
_OTHER = QColor(255, 196, 84)


class FacePicker(QWidget):
    """Outlines all faces; a click, or the arrow keys, take another one."""

    picked = Signal(float, float)
    """A point of the picture, in its pixels: the middle of the face that is wanted."""

    def __init__(self, width: int) -> None:
        """Show nothing yet.

        Args:
            width: In the screen's units.
        """
        super().__init__()
        self._image: Image | None = None
        self._faces: tuple[Box, ...] = ()
        self._taken = 0
        self._width = width
        self.setFixedWidth(width)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Whole picture")
        self.setAccessibleDescription("Click the face that shall be the avatar")
        self.setToolTip("Click the face that shall be the avatar")

    @property
    def taken(self) -> int:
        """Which face is taken, counted from the left and from 0."""
        return self._taken

    def show_faces(self, image: Image, faces: tuple[Box, ...], taken: tuple[float, float]) -> None:
        """Show a picture.

        Args:
            image: RGB (H, W, 3).
            faces: Boxes in its pixels.
            taken: (x, y), the middle of the face that is taken now.
        """
        self._image = image
        self._faces = tuple(sorted(faces, key=lambda box: box.center[0]))
        self._taken = min(
            range(len(self._faces)),
            key=lambda place: _way(QPointF(*self._faces[place].center), QPointF(*taken)),
            default=0,
        )
        height, width = image.shape[:2]
        self.setFixedHeight(max(1, min(self._width, round(self._width * height / width))))
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take the face that is clicked."""
        place = self._face_at(event.position())
        if place is not None:
            self._pick(place)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Show that a face can be clicked."""
        is_face = self._face_at(event.position()) is not None
        shape = Qt.CursorShape.PointingHandCursor if is_face else Qt.CursorShape.ArrowCursor
        self.setCursor(shape)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take the next face to the left or right."""
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()), 0)
        place = self._taken + step
        if step and 0 <= place < len(self._faces):
            self._pick(place)
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint picture and outlines."""
        if self._image is None:
            return
        painter = QPainter(self)
        target, factor = self._target()
        draw_image(painter, self, self._image, target)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for place, box in enumerate(self._faces):
            is_taken = place == self._taken
            painter.setPen(QPen(_TAKEN if is_taken else _OTHER, 3 if is_taken else 1.5))
            corner = target.topLeft() + QPointF(box.left, box.top) * factor
            size = QSizeF(box.width, box.height) * factor
            painter.drawRoundedRect(QRectF(corner, size), 5, 5)
        draw_focus(painter, self, target)

    def _target(self) -> tuple[QRectF, float]:
        assert self._image is not None
        height, width = self._image.shape[:2]
        target = fitted(QSizeF(self.size()), width, height)
        return target, target.width() / width

    def _face_at(self, place: QPointF) -> int | None:
        if self._image is None:
            return None
        target, factor = self._target()
        point = (place - target.topLeft()) / factor
        for number, box in enumerate(self._faces):
            if box.left <= point.x() <= box.right and box.top <= point.y() <= box.bottom:
                return number
        return None

    def _pick(self, place: int) -> None:
        if place != self._taken:
            self._taken = place
            self.update()
            self.picked.emit(*self._faces[place].center)


def _way(point: QPointF, other: QPointF) -> float:
    return float((point - other).manhattanLength())
