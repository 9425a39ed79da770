"""Which avatar is chosen; it is read in the background."""

from PySide6.QtCore import QObject, Signal

from avatarify.gui.pieces.background import Background
from avatarify.session.avatars.avatar import Avatar
from avatarify.session.avatars.choice import choose_avatar
from avatarify.session.avatars.library import AvatarEntry, AvatarLibrary


class ChosenAvatar(QObject):
    """The last one chosen wins, however long another one takes to be read."""

    came = Signal(object, object)
    """AvatarEntry and Avatar, once it is read."""

    failed = Signal(str)
    """It cannot be read; says why."""

    def __init__(self, library: AvatarLibrary, background: Background) -> None:
        """Begin with none.

        Args:
            library: Finds the avatars.
            background: Reads their files.
        """
        super().__init__()
        self._library = library
        self._background = background
        self.entry: AvatarEntry | None = None
        self.avatar: Avatar | None = None

    def choose_key(self, key: str) -> None:
        """Choose the avatar that the settings name, or the first there is."""
        entry = self._library.find(key) or self._library.find("")
        if entry is not None:
            self.choose(entry)

    def choose(self, entry: AvatarEntry) -> None:
        """Choose an avatar of the gallery, or any other picture."""
        self.entry = entry

        def use(avatar: Avatar) -> None:
            if self.entry == entry:
                self.avatar = avatar
                self.came.emit(entry, avatar)

        def refuse(error: Exception) -> None:
            self.failed.emit(str(error))

        self._background.run(
            lambda: self._read(entry), use, refuse, words=f"Preparing {entry.name}…"
        )

    def _read(self, entry: AvatarEntry) -> Avatar:
        """Load an avatar of the gallery, or frame any other picture around its face.

        The room behind it is filled in here, where nobody waits for it.
        """
        if entry in self._library.entries():
            return self._library.load(entry).with_room()
        return choose_avatar(str(entry.path)).with_room()
