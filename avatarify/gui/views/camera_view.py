"""The small preview of the own webcam, with landmarks, the crop and a ghost of the avatar.

Nobody else ever sees it.
"""

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, QSizeF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPixmap
from PySide6.QtWidgets import QSizePolicy, QWidget

from avatarify.frames import Image
from avatarify.gui.pieces.picture import as_pixmap, draw_focus, draw_image, fitted
from avatarify.gui.views.preview import Preview
from avatarify.session.live.listener import CameraView

_CROP = QColor(255, 255, 255, 190)
_POINTS = QColor(94, 230, 160)


class CameraPreview(Preview[CameraView]):
    """Paints the newest camera frame, as a mirror would show it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Your camera appears here.", parent)
        self._ghost: QPixmap | None = None
        self._ghost_opacity = 0.0
        self._shows_landmarks = False
        self._is_mirrored = True
        self._count = 0
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
