"""A portrait on which the handles of its face can be dragged."""

from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QEvent, QLineF, QPointF, QRectF, QSize, QSizeF, Qt, Signal
from PySide6.QtGui import (
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QToolTip, QWidget

from avatarify.frames import Image
from avatarify.geometry.landmark_handles import HANDLES
from avatarify.gui.dialogs.handle_edits import HandleEdits
from avatarify.gui.dialogs.landmark_drawing import (
    UNCHOSEN,
    paint_frame,
    paint_handle,
    paint_lines,
    paint_mesh,
    paint_name,
)
from avatarify.gui.dialogs.zoomed_view import ZoomedView
from avatarify.gui.pieces.picture import as_pixmap, draw_focus

_REACH = 11.0
"""How near to a handle a click takes it, in pixels of the screen."""

_ROOM = 0.35
"""Around a face that is brought near, in heights of the face."""

_NOTCH = 120
_ZOOM = 1.2
_FAR = 10.0
"""How many times farther an arrow key goes with Shift."""

_ARROWS = {
    Qt.Key.Key_Left: (-1.0, 0.0),
    Qt.Key.Key_Right: (1.0, 0.0),
    Qt.Key.Key_Up: (0.0, -1.0),
    Qt.Key.Key_Down: (0.0, 1.0),
}
_CORNERS = ((0, 0), (1, 0), (0, 1), (1, 1))

Drag = Callable[[QPointF], None]


class LandmarkCanvas(QWidget):
    """Shows picture, mesh and handles, large.

    Dots move points, the frame's corners make the face larger or smaller, what lies in the frame
    moves all of it; beside it the picture is moved, and the wheel brings it nearer.
    """

    settled = Signal()
    """A step is done: the face is another one."""

    chosen_changed = Signal(str)
    """Name of the chosen handle, or empty."""

    def __init__(self, image: Image, edits: HandleEdits) -> None:
        """Show a face.

        Args:
            image: RGB (H, W, 3).
            edits: Its handles, in pixels of the picture.
        """
        super().__init__()
        self._edits = edits
        self._pixmap = as_pixmap(image)
        self.view = ZoomedView(image.shape[1], image.shape[0])
        self._drag: Drag | None = None
        self._hovered: int | None = None
        self._chosen: int | None = None
        self._shows_mesh = True
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(320, 320)
        self.setAccessibleName("The face's points")
        self.setAccessibleDescription(
            "Page Up and Page Down choose a point, the arrow keys move it, with Shift farther; "
            "without a chosen point they move the whole face."
        )

    @property
    def chosen(self) -> int | None:
        """Number of the handle that the arrow keys move."""
        return self._chosen

    def set_mesh(self, is_shown: bool) -> None:
        """Show or hide the mesh between the points."""
        self._shows_mesh = is_shown
        self.update()

    def choose(self, handle: int | None) -> None:
        """Choose the handle that the arrow keys move."""
        if handle != self._chosen:
            self._chosen = handle
            self.chosen_changed.emit("" if handle is None else HANDLES[handle].name)
            self.update()

    def show_face(self) -> None:
        """Bring the face near, with a margin to drag in."""
        left, top, right, bottom = self._edits.box
        margin = _ROOM * (bottom - top)
        face = QRectF(left, top, right - left, bottom - top)
        self.view.set_room(QSizeF(self.size()))
        self.view.show_part(face.adjusted(-margin, -margin, margin, margin))
        self.update()

    def place_of(self, handle: int) -> QPointF:
        """Where a handle is, in pixels of this widget."""
        return self.view.to_widget(QPointF(*self._edits.places[handle]))

    def sizeHint(self) -> QSize:
        """Large."""
        return QSize(620, 560)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show the same part."""
        self.view.set_room(QSizeF(self.size()))
        super().resizeEvent(event)

    # Mouse

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take hold of a handle, a corner of the frame, the face, or the picture."""
        place = event.position()
        is_left = event.button() == Qt.MouseButton.LeftButton
        handle = self._handle_at(place) if is_left else None
        if is_left:
            self.choose(handle)
        corner = self._corner_at(place) if is_left else None
        self._edits.begin()
        if handle is not None:
            self._drag = self._moving(handle, place)
        elif corner is not None:
            self._drag = self._stretching(corner)
        elif is_left and self._frame().contains(place):
            self._drag = self._shifting(place)
        else:
            self._drag = self._panning(place)
        self._show_cursor(place)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Move what is held, or say what lies under the pointer."""
        place = event.position()
        if self._drag is not None:
            self._drag(place)
            self.update()
            return
        hovered = self._handle_at(place)
        if hovered != self._hovered:
            self._hovered = hovered
            self.update()
        self._show_cursor(place)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go."""
        self._drag = None
        self._finish_step()
        self._show_cursor(event.position())

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Come nearer or go back."""
        self.view.zoom(_ZOOM ** (event.angleDelta().y() / _NOTCH), event.position())
        self.update()
        event.accept()

    def leaveEvent(self, event: QEvent) -> None:
        """Forget what lay under the pointer."""
        self._hovered = None
        self.update()

    # Keyboard

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Choose, nudge and zoom."""
        key = Qt.Key(event.key())
        if key in _ARROWS:
            is_far = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            self._nudge(_ARROWS[key], (_FAR if is_far else 1.0) / self.view.scale)
        elif key in (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown):
            self._choose_next(1 if key == Qt.Key.Key_PageDown else -1)
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal, Qt.Key.Key_Minus):
            self._zoom(1 / _ZOOM if key == Qt.Key.Key_Minus else _ZOOM)
        else:
            super().keyPressEvent(event)

    def _zoom(self, factor: float) -> None:
        middle = self.rect().toRectF().center()
        self.view.zoom(factor, middle if self._chosen is None else self.place_of(self._chosen))
        self.update()

    def _nudge(self, way: tuple[float, float], by: float) -> None:
        self._edits.begin()
        if self._chosen is None:
            self._edits.shift(way[0] * by, way[1] * by)
        else:
            x, y = self._edits.places[self._chosen]
            self._edits.move(self._chosen, x + way[0] * by, y + way[1] * by)
        self._finish_step()

    def _choose_next(self, by: int) -> None:
        before = (-1 if by > 0 else 0) if self._chosen is None else self._chosen
        self.choose((before + by) % len(HANDLES))

    def _finish_step(self) -> None:
        if self._edits.end():
            self.settled.emit()
        self.update()

    # Dragging

    def _moving(self, handle: int, start: QPointF) -> Drag:
        grip = self.place_of(handle) - start

        def drag(place: QPointF) -> None:
            point = self.view.to_picture(place + grip)
            self._edits.move(handle, point.x(), point.y())

        return drag

    def _shifting(self, start: QPointF) -> Drag:
        last = self.view.to_picture(start)

        def drag(place: QPointF) -> None:
            nonlocal last
            point = self.view.to_picture(place)
            self._edits.shift(point.x() - last.x(), point.y() - last.y())
            last = point

        return drag

    def _stretching(self, corner: int) -> Drag:
        start = self._edits.places.copy()
        frame = self._frame_in_picture()
        held = _corner(frame, corner)
        about = _corner(frame, len(_CORNERS) - 1 - corner)

        def drag(place: QPointF) -> None:
            point = self.view.to_picture(place)
            across = (point.x() - about.x()) / (held.x() - about.x())
            down = (point.y() - about.y()) / (held.y() - about.y())
            self._edits.stretch(across, down, (about.x(), about.y()), start)

        return drag

    def _panning(self, start: QPointF) -> Drag:
        last = start

        def drag(place: QPointF) -> None:
            nonlocal last
            self.view.pan(place - last)
            last = place

        return drag

    # What lies where

    def _handle_at(self, place: QPointF) -> int | None:
        away = [QLineF(place, self.place_of(handle)).length() for handle in range(len(HANDLES))]
        nearest = int(np.argmin(away))
        return nearest if away[nearest] <= _REACH else None

    def _corner_at(self, place: QPointF) -> int | None:
        frame = self._frame()
        for corner in range(len(_CORNERS)):
            if QLineF(place, _corner(frame, corner)).length() <= _REACH:
                return corner
        return None

    def _frame_in_picture(self) -> QRectF:
        left, top, right, bottom = self._edits.box
        margin = 0.06 * (bottom - top)
        frame = QRectF(left, top, right - left, bottom - top)
        return frame.adjusted(-margin, -margin, margin, margin)

    def _frame(self) -> QRectF:
        frame = self._frame_in_picture()
        corner, opposite = frame.topLeft(), frame.bottomRight()
        return QRectF(self.view.to_widget(corner), self.view.to_widget(opposite))

    def _show_cursor(self, place: QPointF) -> None:
        handle = self._handle_at(place)
        corner = self._corner_at(place)
        shape = Qt.CursorShape.ArrowCursor
        if handle is not None:
            shape = Qt.CursorShape.PointingHandCursor
            if self._drag is None:
                QToolTip.showText(self.mapToGlobal(place.toPoint()), HANDLES[handle].name, self)
        elif corner is not None:
            is_falling = corner in (0, len(_CORNERS) - 1)
            falling, rising = Qt.CursorShape.SizeFDiagCursor, Qt.CursorShape.SizeBDiagCursor
            shape = falling if is_falling else rising
        elif self._frame().contains(place):
            shape = Qt.CursorShape.SizeAllCursor
        self.setCursor(shape)

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the picture and what can be dragged."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), self.palette().window())
        painter.setRenderHints(
            QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform
        )
        source = QRectF(self._pixmap.rect())
        painter.drawPixmap(self.view.target, self._pixmap, source)
        points = [self.view.to_widget(QPointF(x, y)) for x, y in self._edits.landmarks[:, :2]]
        if self._shows_mesh:
            paint_mesh(painter, points)
        paint_lines(painter, points)
        frame = self._frame()
        paint_frame(painter, frame, [_corner(frame, corner) for corner in range(len(_CORNERS))])
        accent = self.palette().highlight().color()
        for handle in range(len(HANDLES)):
            colour = accent if handle == self._chosen else UNCHOSEN
            is_large = handle in (self._chosen, self._hovered)
            paint_handle(painter, self.place_of(handle), colour, is_large=is_large)
        if self._chosen is not None:
            paint_name(painter, HANDLES[self._chosen].name)
        draw_focus(painter, self, self.rect().toRectF())


def _corner(frame: QRectF, corner: int) -> QPointF:
    right, bottom = _CORNERS[corner]
    return QPointF(
        frame.right() if right else frame.left(), frame.bottom() if bottom else frame.top()
    )
