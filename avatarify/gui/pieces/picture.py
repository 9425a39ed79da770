"""From a picture array to what Qt paints, with as little copying as can be."""

import cv2
import numpy as np
from PySide6.QtCore import QRectF, QSize, QSizeF, Qt
from PySide6.QtGui import QImage, QPaintDevice, QPainter, QPainterPath, QPen, QPixmap
from PySide6.QtWidgets import QWidget

from avatarify.frames import Image


def as_qimage(image: Image) -> QImage:
    """Show an array to Qt without copying it; the result keeps the array alive.

    Args:
        image: RGB (H, W, 3), contiguous; not to be written to while the result is used.
    """
    image = np.ascontiguousarray(image)
    height, width = image.shape[:2]
    picture = QImage(image.data, width, height, 3 * width, QImage.Format.Format_RGB888)
    picture.__dict__["pixels"] = image  # lives as long as the picture that points into it
    return picture


def as_pixmap(image: Image) -> QPixmap:
    """Copy an array into a picture that may outlive it."""
    return QPixmap.fromImage(as_qimage(image))


def from_qimage(picture: QImage) -> Image:
    """Copy a Qt picture (from the clipboard) into an array.

    Returns:
        RGB (H, W, 3), on grey where it was transparent.
    """
    picture = QImage(picture)  # shares the pixels
    picture.setDevicePixelRatio(1.0)  # one of a dense screen would be painted smaller
    opaque = QImage(picture.size(), QImage.Format.Format_RGB888)
    opaque.fill(0xFF7F7F7F)
    painter = QPainter(opaque)
    painter.drawImage(0, 0, picture)
    painter.end()
    rows = np.frombuffer(opaque.constBits(), np.uint8).reshape(
        opaque.height(), opaque.bytesPerLine()
    )
    return rows[:, : 3 * opaque.width()].reshape(opaque.height(), opaque.width(), 3).copy()


def scaled(image: Image, size: QSize) -> QImage:
    """Scale a picture to exactly a number of device pixels, smoothly and without Python's lock.

    Args:
        image: RGB (H, W, 3).
        size: Of the result; at least 1 x 1.
    """
    wanted = (max(1, size.width()), max(1, size.height()))
    # Linear looks at four pixels: enough down to half the size, below that it would flicker. Exact
    # halves cost an eighth of OpenCV's means of areas, and look the same (50 dB).
    while wanted[0] * 2 < image.shape[1] and wanted[1] * 2 <= image.shape[0]:
        image = _halved(image)
    if (image.shape[1], image.shape[0]) == wanted:
        return as_qimage(image)
    return as_qimage(
        np.asarray(cv2.resize(image, wanted, interpolation=cv2.INTER_LINEAR), np.uint8)
    )


def _halved(image: Image) -> Image:
    height, width = image.shape[0] // 2, image.shape[1] // 2
    even = image[: 2 * height, : 2 * width]
    return np.asarray(cv2.resize(even, (width, height), interpolation=cv2.INTER_AREA), np.uint8)


def fitted(inside: QSizeF, width: float, height: float) -> QRectF:
    """The largest centred rectangle of a picture's shape.

    Args:
        inside: The room there is.
        width: Of the picture.
        height: Of the picture.
    """
    factor = min(inside.width() / width, inside.height() / height)
    size = QSizeF(width * factor, height * factor)
    return QRectF(
        (inside.width() - size.width()) / 2,
        (inside.height() - size.height()) / 2,
        size.width(),
        size.height(),
    )


def draw_focus(painter: QPainter, widget: QWidget, place: QRectF) -> None:
    """Draw a frame around what a widget shows while it has the keyboard.

    Args:
        painter: Of the widget.
        widget: Which one.
        place: What the frame goes around.
    """
    if widget.hasFocus():
        painter.setPen(QPen(widget.palette().highlight().color(), 2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(place.adjusted(1, 1, -1, -1))


def draw_image(painter: QPainter, widget: QWidget, image: Image, target: QRectF) -> None:
    """Paint a picture into a rectangle, pixel by pixel also on a dense screen.

    Args:
        painter: Of the widget.
        widget: Which one.
        image: RGB (H, W, 3).
        target: Where, in the widget's own units; of the picture's shape.
    """
    picture = scaled(image, _device_size(target, widget))
    picture.setDevicePixelRatio(widget.devicePixelRatio())
    painter.drawImage(target.topLeft(), picture)


def draw_rounded(painter: QPainter, target: QRectF, pixmap: QPixmap, radius: float) -> None:
    """Paint a picture with rounded corners."""
    outline = QPainterPath()
    outline.addRoundedRect(target, radius, radius)
    painter.save()
    painter.setRenderHints(
        QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform
    )
    painter.setClipPath(outline)
    painter.drawPixmap(target, pixmap, QRectF(pixmap.rect()))
    painter.restore()


def _device_size(rectangle: QRectF, device: QPaintDevice) -> QSize:
    """How many device pixels a rectangle covers."""
    ratio = device.devicePixelRatio()
    return QSize(round(rectangle.width() * ratio), round(rectangle.height() * ratio))
