"""Where everything stands in the window."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDockWidget, QMainWindow, QSplitter, QVBoxLayout, QWidget

_GALLERY_WIDTH = 240
_SMALLEST_GALLERY = 130
_GAP = 9


def lay_out(
    window: QMainWindow, *, banners: QWidget, gallery: QWidget, stage: QWidget, driver: QWidget
) -> None:
    """Put the gallery on the left, the stage in the middle, the driver on the right.

    Args:
        window: Gets them.
        banners: Above gallery and stage.
        gallery: Can be made wider.
        stage: Takes what is left.
        driver: Of a fixed width.
    """
    columns = QSplitter(Qt.Orientation.Horizontal)
    columns.setHandleWidth(_GAP)
    columns.setChildrenCollapsible(False)
    columns.addWidget(gallery)
    columns.addWidget(stage)
    columns.setStretchFactor(0, 0)
    columns.setStretchFactor(1, 1)
    columns.setSizes([_GALLERY_WIDTH, 3 * _GALLERY_WIDTH])
    gallery.setMinimumWidth(_SMALLEST_GALLERY)
    holder = QWidget()
    layout = QVBoxLayout(holder)
    layout.setContentsMargins(_GAP, 4, 4, 7)
    layout.setSpacing(7)
    layout.addWidget(banners)
    layout.addWidget(columns, stretch=1)
    window.setCentralWidget(holder)
    _add_column(window, driver)


def add_xray(window: QMainWindow, xray: QWidget) -> QDockWidget:
    """Put the X-ray under gallery and stage, hidden; it can be torn off.

    Args:
        window: Gets it.
        xray: What to show.
    """
    dock = QDockWidget("X-ray: what the model computes")
    dock.setObjectName("xray")
    dock.setWidget(xray)
    dock.hide()
    window.addDockWidget(Qt.DockWidgetArea.BottomDockWidgetArea, dock)
    return dock


def _add_column(window: QMainWindow, driver: QWidget) -> None:
    """The right column keeps its height when the X-ray opens: below it, tabs had no room."""
    column = QDockWidget()
    column.setObjectName("driver")
    column.setFeatures(QDockWidget.DockWidgetFeature.NoDockWidgetFeatures)
    column.setTitleBarWidget(QWidget())
    column.setWidget(driver)
    window.setCorner(Qt.Corner.BottomRightCorner, Qt.DockWidgetArea.RightDockWidgetArea)
    window.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, column)
