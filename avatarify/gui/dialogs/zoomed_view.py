"""Which part of a picture a widget shows: all of it, or a part that the wheel brought nearer."""

from PySide6.QtCore import QPointF, QRectF, QSizeF

from avatarify.gui.pieces.picture import fitted

NEAREST = 12.0
"""How many times larger than all of the picture a part can be shown."""


class ZoomedView:
    """Carries points between a picture and a widget."""

    def __init__(self, width: int, height: int) -> None:
        """Show all of a picture.

        Args:
            width: Of the picture.
            height: Of the picture.
        """
        self._size = QSizeF(width, height)
        self._room = QSizeF(width, height)
        self._zoom = 1.0
        self._middle = QPointF(width / 2, height / 2)

    def set_room(self, room: QSizeF) -> None:
        """Fit into a widget of another size."""
        self._room = room
        self._keep_inside()

    @property
    def scale(self) -> float:
        """Pixels of the widget over those of the picture."""
        return self._zoom * fitted(self._room, *self._shape).width() / self._size.width()

    @property
    def target(self) -> QRectF:
        """Where all of the picture lies, in the widget."""
        corner = self.to_widget(QPointF(0, 0))
        return QRectF(corner, self._size * self.scale)

    def to_widget(self, point: QPointF) -> QPointF:
        """From the picture to the widget."""
        return (point - self._middle) * self.scale + self._centre

    def to_picture(self, point: QPointF) -> QPointF:
        """From the widget to the picture."""
        return (point - self._centre) / self.scale + self._middle

    def show_part(self, part: QRectF) -> None:
        """Bring a part of the picture as near as the room allows, if it is smaller than all."""
        self._zoom = 1.0
        wanted = fitted(self._room, part.width(), part.height()).width() / part.width()
        self._zoom = min(max(wanted / self.scale, 1.0), NEAREST)
        self._middle = part.center()
        self._keep_inside()

    def zoom(self, factor: float, around: QPointF) -> None:
        """Come nearer; what lies under a point of the widget stays there."""
        stays = self.to_picture(around)
        self._zoom = min(max(self._zoom * factor, 1.0), NEAREST)
        self._middle += stays - self.to_picture(around)
        self._keep_inside()

    def pan(self, way: QPointF) -> None:
        """Move the picture by pixels of the widget."""
        self._middle -= way / self.scale
        self._keep_inside()

    @property
    def _centre(self) -> QPointF:
        return QPointF(self._room.width() / 2, self._room.height() / 2)

    @property
    def _shape(self) -> tuple[float, float]:
        return self._size.width(), self._size.height()

    def _keep_inside(self) -> None:
        width, height = self._shape
        x, y = self._room.width() / self.scale / 2, self._room.height() / self.scale / 2
        self._middle = QPointF(
            width / 2 if 2 * x >= width else min(max(self._middle.x(), x), width - x),
            height / 2 if 2 * y >= height else min(max(self._middle.y(), y), height - y),
        )
