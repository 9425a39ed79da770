"""Points between a picture and a widget."""

import pytest
from PySide6.QtCore import QPointF, QRectF, QSizeF

from avatarify.gui.dialogs.zoomed_view import NEAREST, ZoomedView


@pytest.fixture
def view() -> ZoomedView:
    """A picture of 200 x 100 in a widget of 400 x 400: twice as large, in the middle."""
    view = ZoomedView(200, 100)
    view.set_room(QSizeF(400, 400))
    return view


def test_all_of_the_picture_is_shown_first(view: ZoomedView) -> None:
    assert view.scale == 2.0
    assert view.target == QRectF(0, 100, 400, 200)
    assert view.to_widget(QPointF(50, 50)) == QPointF(100, 200)
    assert view.to_picture(QPointF(100, 200)) == QPointF(50, 50)


def test_what_lies_under_the_pointer_stays_there(view: ZoomedView) -> None:
    view.zoom(4.0, QPointF(100, 200))
    assert view.scale == 8.0
    assert view.to_picture(QPointF(100, 200)) == QPointF(50, 50)


def test_a_part_is_brought_as_near_as_it_fits(view: ZoomedView) -> None:
    view.show_part(QRectF(90, 40, 40, 20))
    assert view.scale == 10.0
    assert view.to_widget(QPointF(110, 50)) == QPointF(200, 200)
    view.show_part(QRectF(0, 0, 400, 400))
    assert view.target == QRectF(0, 100, 400, 200)


def test_the_picture_is_never_smaller_than_the_widget_nor_beside_it(view: ZoomedView) -> None:
    view.zoom(0.1, QPointF(0, 0))
    view.pan(QPointF(1000, 1000))
    assert view.target == QRectF(0, 100, 400, 200)
    view.zoom(1000.0, QPointF(200, 200))
    assert view.scale == 2.0 * NEAREST
    view.pan(QPointF(1e6, 1e6))
    assert view.target.topLeft() == QPointF(0, 0)
