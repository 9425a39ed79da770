"""The small preview of the own webcam, with landmarks, the crop and a ghost of the avatar.

Nobody else ever sees it.
"""

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, QSizeF, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPen, QPixmap
from PySide6.QtWidgets import QSizePolicy, QWidget

from avatarify.frames import Image
from avatarify.gui.pieces.picture import as_pixmap, draw_focus, draw_image, fitted
from avatarify.gui.views.preview import Preview
from avatarify.session.live.listener import CameraView

_CROP = QColor(255, 255, 255, 190)
_POINTS = QColor(94, 230, 160)
_OTHER = QColor(255, 196, 84)
"""Around further faces."""


class CameraPreview(Preview[CameraView]):
    """Paints the newest camera frame, as a mirror would show it."""

    face_clicked = Signal(float, float)
    """One of several faces shall be followed: a point of the frame, in its pixels."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Your camera appears here.", parent)
        self._ghost: QPixmap | None = None
        self._ghost_opacity = 0.0
        self._shows_landmarks = False
        self._is_mirrored = True
        self._count = 0
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        self.setMinimumSize(160, 80)
        self.setAccessibleName("Your camera")
        self.setAccessibleDescription("Preview of your own camera; only you see it")

    def sizeHint(self) -> QSize:
        """The size it likes best."""
        return QSize(280, 190)

    def set_ghost(self, avatar: Image | None) -> None:
        """Take the avatar that `set_ghost_opacity` lays over the crop."""
        self._ghost = None if avatar is None else as_pixmap(avatar)
        self.update()

    def set_ghost_opacity(self, opacity: float) -> None:
        """Show the ghost: 0 hides it, 1 hides the face."""
        self._ghost_opacity = opacity
        self.update()

    def set_landmarks(self, is_on: bool) -> None:
        """Draw what the tracker sees."""
        self._shows_landmarks = is_on
        self.update()

    def set_mirrored(self, is_on: bool) -> None:
        """Show the frames as a mirror would."""
        self._is_mirrored = is_on
        self.update()

    def set_count(self, seconds: int) -> None:
        """Count down over the picture; 0 shows nothing."""
        self._count = seconds
        self.update()

    def show_view(self, view: CameraView) -> None:
        """Show a newer frame; of several faces any can be clicked."""
        super().show_view(view)
        self.setToolTip("Click a face to follow it." if view.others else "")

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Follow another face that is clicked."""
        place = self._other_face(event.position())
        if place is not None and event.button() is Qt.MouseButton.LeftButton:
            self.face_clicked.emit(place.x(), place.y())
        super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Show that another face can be clicked."""
        is_face = self._other_face(event.position()) is not None
        shape = Qt.CursorShape.PointingHandCursor if is_face else Qt.CursorShape.ArrowCursor
        self.setCursor(shape)
        super().mouseMoveEvent(event)

    def _other_face(self, place: QPointF) -> QPointF | None:
        """Return where a point of the widget lies in the frame, if a further face is there."""
        view = self.view
        if view is None:
            return None
        height, width = view.image.shape[:2]
        target = fitted(QSizeF(self.size()), width, height)
        x = self.width() - place.x() if self._is_mirrored else place.x()
        point = (QPointF(x, place.y()) - target.topLeft()) * (width / target.width())
        hit = any(
            box.left <= point.x() <= box.right and box.top <= point.y() <= box.bottom
            for box in view.others
        )
        return point if hit else None

    def paint_words(self, painter: QPainter, plate: QRectF, words: str) -> None:
        """Say what the camera does."""
        painter.setPen(self.palette().placeholderText().color())
        flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
        painter.drawText(self.rect().adjusted(14, 10, -14, -10), int(flags), words)

    def paint_view(self, painter: QPainter, view: CameraView) -> None:
        """Paint a camera frame and what the tracker makes of it."""
        height, width = view.image.shape[:2]
        target = fitted(QSizeF(self.size()), width, height)
        painter.save()
        if self._is_mirrored:
            painter.translate(self.width(), 0)
            painter.scale(-1, 1)
        self._paint_frame(painter, view, target)
        painter.restore()
        draw_focus(painter, self, target)
        if self._count:
            self._paint_count(painter)

    def _paint_frame(self, painter: QPainter, view: CameraView, target: QRectF) -> None:
        factor = target.width() / view.image.shape[1]
        draw_image(painter, self, view.image, target)
        painter.setClipRect(target)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        side = view.crop.size * factor
        center = target.topLeft() + QPointF(view.crop.center_x, view.crop.center_y) * factor
        crop = QRectF(center - QPointF(side, side) / 2, QSizeF(side, side))
        self._paint_ghost(painter, crop)
        painter.setPen(QPen(_CROP, 1.5, Qt.PenStyle.DashLine))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(crop, 6, 6)
        painter.setPen(QPen(_OTHER, 1.5))
        for box in view.others:
            corner = target.topLeft() + QPointF(box.left, box.top) * factor
            painter.drawRoundedRect(QRectF(corner, QSizeF(box.width, box.height) * factor), 6, 6)
        if self._shows_landmarks and view.landmarks is not None:
            points = np.asarray(view.landmarks[:, :2], np.float64) * factor
            _paint_points(painter, target.topLeft(), points.tolist())

    def _paint_ghost(self, painter: QPainter, crop: QRectF) -> None:
        if self._ghost is None or self._ghost_opacity <= 0:
            return
        painter.setOpacity(self._ghost_opacity)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawPixmap(crop, self._ghost, QRectF(self._ghost.rect()))
        painter.setOpacity(1)

    def _paint_count(self, painter: QPainter) -> None:
        font = painter.font()
        font.setPixelSize(max(24, self.height() // 2))
        font.setBold(True)
        painter.setFont(font)
        painter.fillRect(self.rect(), QColor(0, 0, 0, 90))
        painter.setPen(QColor("#ffffff"))
        painter.drawText(self.rect(), int(Qt.AlignmentFlag.AlignCenter), str(self._count))


def _paint_points(painter: QPainter, origin: QPointF, points: Sequence[Sequence[float]]) -> None:
    painter.setPen(QPen(_POINTS, 1.6, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
    painter.drawPoints([origin + QPointF(x, y) for x, y in points])
