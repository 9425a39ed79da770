"""What stands behind the avatar: its own room, or something else."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtGui import QColor, QIcon, QPixmap
from PySide6.QtWidgets import QColorDialog, QFileDialog, QVBoxLayout, QWidget

from avatarify.file_names import is_file
from avatarify.gui.pieces.combo_box import ComboBox
from avatarify.gui.pieces.widgets import label
from avatarify.media.image_file import IMAGE_SUFFIXES
from avatarify.session.avatars.backgrounds import BLUR, GREEN_SCREEN, OWN, colour_of

_KNOWN = ((OWN, "Its own room"), (BLUR, "Blurred room"), (GREEN_SCREEN, "Green screen"))
_COLOUR, _PICTURE = "colour…", "picture…"
_ASKING = ((_COLOUR, "Colour…"), (_PICTURE, "Picture…"))
_PICTURES = f"Pictures ({' '.join(f'*{suffix}' for suffix in sorted(IMAGE_SUFFIXES))})"
_TIP = "What others see behind the avatar"
_SWATCH = 14
_LONGEST = 24
"""Characters of a file's name."""


class BackgroundChoice(QWidget):
    """A list of backgrounds; colour and picture are asked for in a dialog."""

    def __init__(self, chosen: Callable[[str], None]) -> None:
        """Build it.

        Args:
            chosen: Gets a word that `read_background` knows, when the user chose it.
        """
        super().__init__()
        self._chosen = chosen
        self._background = OWN
        self.box = ComboBox()
        self.box.setAccessibleName("Background")
        self.box.activated.connect(self._take)
        self._reason = label("", "dim", wraps=True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(3)
        layout.addWidget(self.box)
        layout.addWidget(self._reason)
        self.show_background(OWN)
        self.set_reason("")

    @property
    def reason(self) -> str:
        """Why nothing can be chosen now, or empty."""
        return self._reason.text()

    def show_background(self, background: str) -> None:
        """Show what is chosen; nothing is told."""
        self._background = background or OWN
        self.box.clear()
        for word, name in _KNOWN:
            self.box.addItem(name, word)
        if self.box.findData(self._background) < 0:
            self._add_own_choice(self._background)
        for word, name in _ASKING:
            self.box.addItem(name, word)
        self.box.setCurrentIndex(self.box.findData(self._background))

    def set_reason(self, reason: str) -> None:
        """Switch the list off and say why, or on with an empty reason."""
        self._reason.setText(reason)
        self._reason.setVisible(bool(reason))
        self.box.setEnabled(not reason)
        self.box.setToolTip(reason or _TIP)

    def _add_own_choice(self, background: str) -> None:
        colour = colour_of(background)
        if colour is None:
            name = Path(background).name
            self.box.addItem(name if len(name) <= _LONGEST else f"{name[:_LONGEST]}…", background)
            return
        swatch = QPixmap(_SWATCH, _SWATCH)
        swatch.fill(QColor(*colour))
        self.box.addItem(QIcon(swatch), background.upper(), background)

    def _take(self, index: int) -> None:
        asked = {_COLOUR: self._ask_colour, _PICTURE: self._ask_picture}
        word = str(self.box.itemData(index))
        background = asked[word]() if word in asked else word
        is_other = bool(background) and background != self._background
        self.show_background(background or self._background)
        if is_other:
            self._chosen(background)

    def _ask_colour(self) -> str:
        before = QColor(*(colour_of(self._background) or (0x20, 0x40, 0x60)))
        colour = QColorDialog.getColor(before, self, "Colour behind the avatar")
        return colour.name() if colour.isValid() else ""

    def _ask_picture(self) -> str:
        known = Path(self._background)
        folder = str(known.parent) if is_file(known) else ""
        return QFileDialog.getOpenFileName(self, "Picture behind the avatar", folder, _PICTURES)[0]
