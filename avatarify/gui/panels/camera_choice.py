"""Which camera drives the avatar, and which way up it hangs."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QInputDialog,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from avatarify.gui.dialogs.region_picker import RegionPicker
from avatarify.gui.pieces.combo_box import ComboBox, narrow_box
from avatarify.gui.pieces.widgets import label, row
from avatarify.media.camera_choice import find_again
from avatarify.media.camera_list import CameraInfo, distinct_names
from avatarify.media.known_camera import KnownCamera
from avatarify.session.keeping.settings import CameraSettings

_VIDEOS = "Videos (*.mp4 *.mov *.mkv *.webm *.avi *.m4v *.mpg);;All files (*)"
_FILE, _FOLDER, _ADDRESS, _SCREEN, _REGION = "file", "folder", "address", "screen", "region"
_TURNS = ((0, "As it is"), (90, "To the right"), (180, "Upside down"), (270, "To the left"))


class CameraChoice(QWidget):
    """A list of cameras and of what else can stand for one, and how to turn its picture."""

    changed = Signal(object)
    """CameraSettings that the user wants."""

    def __init__(self) -> None:
        super().__init__()
        self._cameras: tuple[CameraInfo, ...] = ()
        self._settings = CameraSettings()
        self.box = narrow_box()
        self.box.activated.connect(self._choose)
        self.refresh_button = QPushButton("Refresh")
        self.refresh_button.setToolTip("Look for cameras again")
        self.refresh_button.setAccessibleName("Look for cameras again")
        self.turn = ComboBox()
        self.turn.setToolTip("For a camera that hangs sideways or upside down")
        for degrees, words in _TURNS:
            self.turn.addItem(words, degrees)
        self.turn.activated.connect(self._choose_turn)
        caption, turn_caption = QLabel("Ca&mera"), QLabel("T&urn its picture")
        caption.setBuddy(self.box)
        turn_caption.setBuddy(self.turn)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(caption)
        layout.addWidget(row(self.box, self.refresh_button))
        layout.addWidget(row(turn_caption, self.turn))
        self._turn_note = label("", "dim", wraps=True)
        self._turn_note.hide()
        layout.addWidget(self._turn_note)
        self._fill()

    def show_cameras(self, cameras: Sequence[CameraInfo]) -> None:
        """Offer these; what is chosen stays chosen, and is known from now on by what stays."""
        self._cameras = tuple(cameras)
        chosen = self._chosen_camera()
        if chosen is not None and self._settings.known != chosen.known:
            self._settings = replace(self._settings, known=chosen.known)
            self.changed.emit(self._settings)
        self._fill()

    def show_settings(self, settings: CameraSettings) -> None:
        """Show what is chosen; nothing is signalled."""
        if settings != self._settings:
            self._settings = settings
            self._fill()

    def show_turn(self, text: str) -> None:
        """Say that the picture is turned by itself, and why; nothing for no text."""
        self._turn_note.setText(text)
        self._turn_note.setVisible(bool(text))

    def second_box(self) -> QComboBox:
        """Another list that chooses the same camera, for another place in the window."""
        box = narrow_box()
        box.setModel(self.box.model())
        box.setCurrentIndex(self.box.currentIndex())
        box.activated.connect(self._choose)
        self.box.currentIndexChanged.connect(box.setCurrentIndex)
        return box

    def pick_region(self) -> RegionPicker:
        """Let the user draw a rectangle on the screen that shows this window."""
        picker = RegionPicker(self.screen(), self)
        picker.picked.connect(self._use)
        picker.showFullScreen()
        picker.activateWindow()
        return picker

    def _chosen_camera(self) -> CameraInfo | None:
        """The camera of the list that the settings mean."""
        known, name = self._settings.known, self._settings.name
        if known.key:
            return find_again(known, self._cameras)
        named = (camera for camera in self._cameras if name and name in (camera.path, camera.name))
        return next(named, None)

    def _fill(self) -> None:
        self.box.clear()
        self.box.addItem("Best camera found", "")
        chosen = self._chosen_camera()
        for camera, name in zip(self._cameras, distinct_names(self._cameras), strict=True):
            self.box.addItem(name, camera)
            tip = "\n".join(filter(None, (camera.path, camera.id, camera.problem)))
            self.box.setItemData(self.box.count() - 1, tip, Qt.ItemDataRole.ToolTipRole)
        place = 0
        if chosen is not None:
            place = 1 + self._cameras.index(chosen)
        elif self._settings.name not in ("", _SCREEN):
            place = self._add_absent()
        self.box.addItem("Whole screen", _SCREEN)
        if self._settings.name == _SCREEN:
            place = self.box.count() - 1
        self.box.insertSeparator(self.box.count())
        for name, kind in (
            ("Part of the screen…", _REGION), ("Video file…", _FILE),
            ("Folder of pictures…", _FOLDER), ("Network address…", _ADDRESS),
        ):  # fmt: skip
            self.box.addItem(name, (kind,))
        self.box.setCurrentIndex(place)
        self.turn.setCurrentIndex(self.turn.findData(self._settings.rotation))

    def _add_absent(self) -> int:
        """Show what is chosen though it is not in the list: a file, or a camera that is away."""
        known, name = self._settings.known, self._settings.name
        away = f"{known.name} (not plugged in)" if known.key else short_name(name)
        self.box.addItem(away, name)
        place = self.box.count() - 1
        self.box.setItemData(place, name, Qt.ItemDataRole.ToolTipRole)
        return place

    def _choose(self, index: int) -> None:
        chosen = self.box.itemData(index)
        if isinstance(chosen, CameraInfo):
            self._use(chosen.id or chosen.path or chosen.name, chosen.known)
            return
        if isinstance(chosen, str):
            if chosen != self._settings.name:
                self._use(chosen)
            return
        kind = str(chosen[0])
        self._fill()
        if kind == _REGION:
            self.pick_region()
        elif name := self._ask(kind):
            self._use(name, loop=kind in (_FILE, _FOLDER))

    def _use(self, name: str, known: KnownCamera | None = None, *, loop: bool = False) -> None:
        chosen = replace(self._settings, name=name, known=known or KnownCamera(), loop=loop)
        self.changed.emit(chosen)

    def _choose_turn(self, index: int) -> None:
        self.changed.emit(replace(self._settings, rotation=self.turn.itemData(index)))

    def _ask(self, kind: str) -> str:
        if kind == _FILE:
            return QFileDialog.getOpenFileName(self, "Drive the avatar with a video", "", _VIDEOS)[
                0
            ]
        if kind == _FOLDER:
            return QFileDialog.getExistingDirectory(self, "Drive the avatar with pictures")
        text, is_given = QInputDialog.getText(
            self, "Network camera", "Address of an MJPEG or RTSP stream (a phone's, for example):",
            text="http://",
        )  # fmt: skip
        return text.strip() if is_given and text.strip() != "http://" else ""


def short_name(name: str) -> str:
    """A file's own name, and no more than fits of anything else."""
    if name.startswith(f"{_SCREEN}:"):
        return f"Part of the screen ({' x '.join(name.split(',')[-2:])})"
    if "://" not in name:
        name = Path(name).name or name
    return name if len(name) <= 34 else f"…{name[-33:]}"
