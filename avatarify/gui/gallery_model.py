"""The avatars as Qt's lists want them; thumbnails arrive when they are first looked at."""

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QPixmap

from avatarify.gui.background import Background
from avatarify.gui.picture import as_pixmap
from avatarify.session.avatars import AvatarEntry, AvatarLibrary
from avatarify.session.thumbnails import Thumbnail, ThumbnailStore

PROBLEM_ROLE = int(Qt.ItemDataRole.UserRole) + 1
"""Why the file is no usable picture, or an empty string."""

Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()


class GalleryModel(QAbstractListModel):
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
        self._thumbnails = thumbnails
        self._background = background
        self._entries: tuple[AvatarEntry, ...] = ()
        self._pictures: dict[AvatarEntry, QPixmap | None] = {}
        self._problems: dict[AvatarEntry, str] = {}
        self.reload()

    @property
    def entries(self) -> tuple[AvatarEntry, ...]:
        """What is listed."""
        return self._entries

    def reload(self) -> None:
        """Look into the folders again; thumbnails that are known stay."""
        self.beginResetModel()
        self._entries = self._library.entries()
        known = set(self._entries)
        self._pictures = {entry: value for entry, value in self._pictures.items() if entry in known}
        self._problems = {entry: text for entry, text in self._problems.items() if entry in known}
        self.endResetModel()

    def forget(self, entry: AvatarEntry) -> None:
        """Make a thumbnail anew when it is next looked at."""
        self._pictures.pop(entry, None)
        self._problems.pop(entry, None)

    def entry_at(self, index: Index) -> AvatarEntry:
        """The avatar of a line."""
        return self._entries[index.row()]

    def index_of(self, entry: AvatarEntry | None) -> QModelIndex:
        """The line of an avatar; an invalid one when it is not listed."""
        return self.index(self._entries.index(entry)) if entry in self._entries else QModelIndex()

    def rowCount(self, parent: Index = _ROOT) -> int:
        """How many avatars there are."""
        return 0 if parent.isValid() else len(self._entries)

    def flags(self, index: Index) -> Qt.ItemFlag:
        """The user's own avatars can be renamed in place."""
        flags = super().flags(index)
        if index.isValid() and not self.entry_at(index).is_built_in:
            flags |= Qt.ItemFlag.ItemIsEditable
        return flags

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Name, thumbnail, explanation or problem of an avatar."""
        if not index.isValid():
            return None
        entry = self.entry_at(index)
        if role == Qt.ItemDataRole.DecorationRole:
            return self._picture(entry)
        problem = self._problems.get(entry, "")
        spoken = f"{entry.name}, {'cannot be read' if problem else 'avatar'}"
        texts: dict[int, str] = {
            Qt.ItemDataRole.DisplayRole: entry.name,
            Qt.ItemDataRole.EditRole: entry.name,
            Qt.ItemDataRole.ToolTipRole: problem or _tip(entry),
            Qt.ItemDataRole.AccessibleTextRole: spoken,
            PROBLEM_ROLE: problem,
        }
        return texts.get(role)

    def setData(self, index: Index, value: object, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Pass on the name that the user typed."""
        if role == Qt.ItemDataRole.EditRole and str(value).strip():
            self.rename_wanted.emit(self.entry_at(index), str(value).strip())
            return True
        return False

    def _picture(self, entry: AvatarEntry) -> QPixmap | None:
        if entry not in self._pictures:
            self._pictures[entry] = None

            def show(thumbnail: Thumbnail) -> None:
                self._take(entry, thumbnail)

            self._background.run(lambda: self._thumbnails.get(entry.path), show)
        return self._pictures[entry]

    def _take(self, entry: AvatarEntry, thumbnail: Thumbnail) -> None:
        if entry not in self._pictures:
            return
        if thumbnail.image is not None:
            self._pictures[entry] = as_pixmap(thumbnail.image)
        self._problems[entry] = thumbnail.problem
        index = self.index_of(entry)
        self.dataChanged.emit(index, index)


def _tip(entry: AvatarEntry) -> str:
    return f"{entry.name}, comes with the program" if entry.is_built_in else str(entry.path)
