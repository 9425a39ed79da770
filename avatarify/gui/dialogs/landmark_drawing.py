"""A face's points on its picture: mesh, lines, frame and handles, to be seen on any picture."""

import functools

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from avatarify.geometry.face_mesh import EYES, INNER_LIPS, OUTER_LIPS, OVAL, face_triangles

UNCHOSEN = QColor("#ffd166")
"""Of handles."""

_RADIUS = 4.5
_GRIP = 9.0
_LIGHT, _SHADOW, _RIM = QColor(255, 255, 255, 235), QColor(0, 0, 0, 150), QColor(0, 0, 0, 200)
_MESH = QColor(94, 163, 255, 95)
_LINES = (OVAL, INNER_LIPS, OUTER_LIPS, *(eye.loop for eye in EYES))

Points = list[QPointF]


def paint_mesh(painter: QPainter, points: Points) -> None:
    """Paint the edges between the landmarks (478) faintly."""
    painter.setPen(QPen(_MESH, 1))
    painter.drawLines([QLineF(points[a], points[b]) for a, b in _edges()])


def paint_lines(painter: QPainter, points: Points) -> None:
    """Paint the outlines of face, lips, eyes and irises."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    outlines = [QPolygonF([points[index] for index in line]) for line in _LINES]
    for pen in (QPen(_SHADOW, 2.6), QPen(_LIGHT, 1.1)):
        painter.setPen(pen)
        for outline in outlines:
            painter.drawPolygon(outline)
        for eye in EYES:
            radius = QLineF(points[eye.iris], points[eye.rim[0]]).length()
            painter.drawEllipse(points[eye.iris], radius, radius)


def paint_frame(painter: QPainter, frame: QRectF, corners: Points) -> None:
    """Paint the frame by which all of a face is moved."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for colour, style in ((_SHADOW, Qt.PenStyle.SolidLine), (_LIGHT, Qt.PenStyle.DashLine)):
        painter.setPen(QPen(colour, 1, style))
        painter.drawRect(frame)
    painter.setPen(QPen(_RIM, 1))
    painter.setBrush(_LIGHT)
    half = QPointF(_GRIP / 2, _GRIP / 2)
    for corner in corners:
        painter.drawRect(QRectF(corner - half, corner + half))


def paint_handle(painter: QPainter, place: QPointF, colour: QColor, *, is_large: bool) -> None:
    """Paint one dot."""
    painter.setPen(QPen(_RIM, 1.4))
    painter.setBrush(colour)
    radius = _RADIUS + (1.5 if is_large else 0.0)
    painter.drawEllipse(place, radius, radius)


def paint_name(painter: QPainter, words: str) -> None:
    """Write a handle's name into the upper left corner, where it hides no other handle."""
    measure = painter.fontMetrics()
    size = QSizeF(measure.horizontalAdvance(words) + 14, measure.height() + 6)
    tag = QRectF(QPointF(8, 8), size)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(0, 0, 0, 180))
    painter.drawRoundedRect(tag, 4, 4)
    painter.setPen(_LIGHT)
    painter.drawText(tag, int(Qt.AlignmentFlag.AlignCenter), words)


@functools.lru_cache(maxsize=1)
def _edges() -> tuple[tuple[int, int], ...]:
    triangles = face_triangles()
    pairs = np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]])
    return tuple((int(a), int(b)) for a, b in np.unique(np.sort(pairs, axis=1), axis=0))
