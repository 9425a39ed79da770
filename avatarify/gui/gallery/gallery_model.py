"""The avatars as Qt's lists want them; thumbnails arrive when they are first looked at."""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Signal
from PySide6.QtGui import QPixmap, QStandardItem, QStandardItemModel

from avatarify.gui.pieces.background import Background
from avatarify.gui.pieces.picture import as_pixmap
from avatarify.session.avatars.library import AvatarEntry, AvatarLibrary
from avatarify.session.avatars.thumbnails import Thumbnail, ThumbnailStore

Index = QModelIndex | QPersistentModelIndex


class GalleryModel(QStandardItemModel):
    """Lists a library."""

    rename_wanted = Signal(object, str)
    """An entry and the name that the user typed."""

    def __init__(
        self, library: AvatarLibrary, thumbnails: ThumbnailStore, background: Background
    ) -> None:
        """List what is there now.

        Args:
            library: Where the avatars are.
            thumbnails: Makes the small pictures.
            background: Where they are made.
        """
        super().__init__()
        self._library = library
        self._store = thumbnails
        self._background = background
        self._entries: tuple[AvatarEntry, ...] = ()
        self._asked: set[AvatarEntry] = set()
        self._pictures: dict[AvatarEntry, QPixmap] = {}
        self._problems: dict[AvatarEntry, str] = {}
        self.itemChanged.connect(self._note_change)
        self.reload()

    @property
    def entries(self) -> tuple[AvatarEntry, ...]:
        """What is listed."""
        return self._entries

    def reload(self) -> None:
        """Look into the folders again; thumbnails that are known stay."""
        self._entries = self._library.entries()
        known = set(self._entries)
        self._asked &= known
        self._pictures = {entry: value for entry, value in self._pictures.items() if entry in known}
        self._problems = {entry: text for entry, text in self._problems.items() if entry in known}
        self.clear()
        for entry in self._entries:
            self.appendRow(self._item(entry))

    def entry_at(self, index: Index) -> AvatarEntry:
        """The avatar of a line."""
        return self._entries[index.row()]

    def index_of(self, entry: AvatarEntry | None) -> QModelIndex:
        """The line of an avatar; an invalid one when it is not listed."""
        if entry not in self._entries:
            return QModelIndex()
        return self.index(self._entries.index(entry), 0)

    def problem(self, entry: AvatarEntry) -> str:
        """Why its file is no usable picture, or an empty string."""
        return self._problems.get(entry, "")

    def picture(self, entry: AvatarEntry) -> QPixmap | None:
        """Its thumbnail; None until it is made, which the first call asks for."""
        if entry not in self._asked:
            self._asked.add(entry)

            def show(thumbnail: Thumbnail) -> None:
                self._take(entry, thumbnail)

            self._background.run(lambda: self._store.get(entry.path), show)
        return self._pictures.get(entry)

    def _item(self, entry: AvatarEntry) -> QStandardItem:
        item = QStandardItem(entry.name)
        item.setEditable(not entry.is_built_in)
        problem = self.problem(entry)
        item.setToolTip(problem or _tip(entry))
        item.setAccessibleText(f"{entry.name}, {'cannot be read' if problem else 'avatar'}")
        return item

    def _take(self, entry: AvatarEntry, thumbnail: Thumbnail) -> None:
        if entry not in self._entries:
            return
        if thumbnail.image is not None:
            self._pictures[entry] = as_pixmap(thumbnail.image)
        elif thumbnail.problem:
            self._problems[entry] = thumbnail.problem
        index = self.index_of(entry)
        if thumbnail.problem:
            self.setItem(index.row(), self._item(entry))
        self.dataChanged.emit(index, index)

    def _note_change(self, item: QStandardItem) -> None:
        entry = self._entries[item.row()]
        name = item.text().strip()
        if name != entry.name:
            item.setText(entry.name)  # until the file has its new name
            if name:
                self.rename_wanted.emit(entry, name)


def _tip(entry: AvatarEntry) -> str:
    return f"{entry.name}, comes with the program" if entry.is_built_in else str(entry.path)
