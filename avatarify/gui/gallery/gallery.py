"""The gallery: choose an avatar, or bring your own by dropping, pasting or opening a file."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QItemSelectionModel, QMimeData, QModelIndex, QPoint, QSize, Qt, Signal
from PySide6.QtGui import (
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QImage,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractItemView, QListView, QMenu, QWidget

from avatarify.gui.gallery.gallery_model import GalleryModel
from avatarify.gui.gallery.gallery_tile import TILE, GalleryTile
from avatarify.gui.pieces.widgets import set_role
from avatarify.session.avatars.further_picture import KINDS
from avatarify.session.avatars.library import AvatarEntry

_EARLY_WRAP = 8
"""Qt begins a new line although this many pixels are left."""

EMPTY_WORDS = (
    "No avatars yet.\n\nDrop a portrait here, paste one (Ctrl+V), or press Add picture: one face, "
    "from the front."
)


class Gallery(QListView):
    """Shows the avatars; says what the user wants with them."""

    chosen = Signal(object)
    """AvatarEntry."""

    files_dropped = Signal(list)
    """Paths."""

    picture_dropped = Signal(object)
    """QImage."""

    further_asked = Signal(object, object)
    """AvatarEntry whose person is to get a further picture, and its FurtherKind."""

    correction_asked = Signal(object)
    rename_asked = Signal(object)
    remove_asked = Signal(object)

    def __init__(self, model: GalleryModel, parent: QWidget | None = None) -> None:
        """Show a model.

        Args:
            model: The avatars.
            parent: Its Qt parent.
        """
        super().__init__(parent)
        self._avatars = model
        self.setModel(model)
        self.setItemDelegate(GalleryTile(model, self))
        self.setProperty("role", "gallery")
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setMovement(QListView.Movement.Static)
        self.setUniformItemSizes(True)
        self.setGridSize(TILE)
        self.setMouseTracking(True)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QAbstractItemView.EditTrigger.EditKeyPressed)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.setAcceptDrops(True)
        self.setAccessibleName("Avatars")
        self.setToolTip("")
        self.customContextMenuRequested.connect(self._show_menu)
        self.clicked.connect(self._choose)
        self.activated.connect(self._choose)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Spread the columns over the whole width."""
        bar = self.verticalScrollBar().sizeHint().width()  # Qt leaves room for it in any case
        width = self.maximumViewportSize().width() - bar - _EARLY_WRAP
        columns = max(1, width // TILE.width())
        self.setGridSize(QSize(max(TILE.width(), width // columns), TILE.height()))
        super().resizeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the tiles, or what to do when there are none."""
        super().paintEvent(event)
        if self._avatars.rowCount() == 0:
            painter = QPainter(self.viewport())
            painter.setPen(self.palette().placeholderText().color())
            room = self.viewport().rect().adjusted(16, 16, -16, -16)
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(room, int(flags), EMPTY_WORDS)

    def sizeHint(self) -> QSize:
        """One column of tiles."""
        return QSize(TILE.width() + 26, 400)

    def show_chosen(self, entry: AvatarEntry | None) -> None:
        """Mark the avatar that is shown."""
        index = self._avatars.index_of(entry)
        if index.isValid():
            select = QItemSelectionModel.SelectionFlag.ClearAndSelect
            self.selectionModel().setCurrentIndex(index, select)
            self.scrollTo(index)

    def selected(self) -> AvatarEntry | None:
        """The marked avatar."""
        index = self.currentIndex()
        return self._avatars.entry_at(index) if index.isValid() else None

    def start_renaming(self, entry: AvatarEntry) -> None:
        """Let the user type a new name in place."""
        self.edit(self._avatars.index_of(entry))

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take pictures and files."""
        if _is_welcome(event.mimeData()):
            set_role(self, "true", "dropping")
            event.acceptProposedAction()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        """Take them anywhere in the gallery."""
        if _is_welcome(event.mimeData()):
            event.acceptProposedAction()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """Stop inviting."""
        set_role(self, "false", "dropping")

    def dropEvent(self, event: QDropEvent) -> None:
        """Say what was dropped."""
        set_role(self, "false", "dropping")
        if self.take(event.mimeData()):
            event.acceptProposedAction()

    def take(self, content: QMimeData) -> bool:
        """Take what was dropped or pasted.

        Returns:
            Whether there was a picture or a file in it.
        """
        paths = _paths(content)
        if paths:
            self.files_dropped.emit(paths)
        elif content.hasImage() and isinstance(content.imageData(), QImage):
            self.picture_dropped.emit(content.imageData())
        else:
            return False
        return True

    def _choose(self, index: QModelIndex) -> None:
        self.chosen.emit(self._avatars.entry_at(index))

    def _show_menu(self, place: QPoint) -> None:
        index = self.indexAt(place)
        if index.isValid():
            self.menu_for(self._avatars.entry_at(index)).popup(self.mapToGlobal(place))

    def menu_for(self, entry: AvatarEntry) -> QMenu:
        """What can be done with an avatar."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction("Use", lambda: self.chosen.emit(entry))
        menu.addAction("Correct the face…", lambda: self.correction_asked.emit(entry))
        further = [
            menu.addAction(
                f"Add a picture {kind.words}…",
                partial(self.further_asked.emit, entry, kind),
            )
            for kind in KINDS
        ]
        menu.addSeparator()
        for action in (
            *further,
            menu.addAction("Rename…", lambda: self.rename_asked.emit(entry)),
            menu.addAction("Remove…", lambda: self.remove_asked.emit(entry)),
        ):
            action.setEnabled(not entry.is_built_in)
        return menu


def _is_welcome(content: QMimeData) -> bool:
    return content.hasImage() or bool(_paths(content))


def _paths(content: QMimeData) -> Sequence[Path]:
    return [Path(url.toLocalFile()) for url in content.urls() if url.isLocalFile()]
