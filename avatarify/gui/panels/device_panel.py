"""Which camera drives the avatar, where the pictures go, and how both are doing."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QHBoxLayout,
    QInputDialog,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from avatarify.gui.dialogs.region_picker import RegionPicker
from avatarify.gui.panels.output_set_up import OutputSetUp
from avatarify.gui.pieces.background import Background
from avatarify.gui.pieces.banners import fill_with_buttons
from avatarify.gui.pieces.combo_box import ComboBox
from avatarify.gui.pieces.widgets import label, row, set_role
from avatarify.media.camera_list import CameraInfo, list_cameras
from avatarify.media.virtual_outputs import OutputChoice, available_outputs
from avatarify.session.keeping.settings import Settings
from avatarify.session.live.listener import Audience, Severity

_VIDEOS = "Videos (*.mp4 *.mov *.mkv *.webm *.avi *.m4v *.mpg);;All files (*)"
_FILE, _FOLDER, _ADDRESS, _SCREEN, _REGION = "file", "folder", "address", "screen", "region"
_ROLES = {Severity.INFORMATION: "dim", Severity.WARNING: "warning", Severity.ERROR: "danger"}
HINT = "In the call, choose this program's camera. Start it before the call program."


@dataclass(frozen=True, slots=True)
class Devices:
    """What this machine offers."""

    cameras: tuple[CameraInfo, ...]
    outputs: tuple[OutputChoice, ...]


def find_devices() -> Devices:
    """Look for cameras; may take a second."""
    return Devices(tuple(list_cameras()), tuple(available_outputs()))


class DevicePanel(QWidget):
    """Camera and virtual camera."""

    camera_changed = Signal(object)
    """CameraSettings."""

    output_changed = Signal(object)
    """OutputSettings."""

    pattern_changed = Signal(bool)

    def __init__(self, background: Background, find: Callable[[], Devices] = find_devices) -> None:
        """Make the panel and look for devices.

        Args:
            background: Where to look for them.
            find: How.
        """
        super().__init__()
        self._background = background
        self._find = find
        self._devices = Devices((), ())
        self._settings = Settings()
        self.set_up = OutputSetUp(background, self)
        self.set_up.changed.connect(self._show_set_up)
        self.set_up.looked_for.connect(self.refresh)
        self.set_up.switched_on.connect(self._switch_on)
        self.cameras = _narrow_box()
        self.cameras.activated.connect(self._choose_camera)
        self.refresh_button = QPushButton("Refresh")
        self.refresh_button.setToolTip("Look for cameras again")
        self.refresh_button.setAccessibleName("Look for cameras again")
        self.refresh_button.clicked.connect(self.refresh)
        self._camera_state = label("", "dim", wraps=True)
        self.outputs = _narrow_box()
        self.outputs.activated.connect(self._choose_output)
        self.pattern_button = QPushButton("&Test pattern")
        self.pattern_button.setCheckable(True)
        self.pattern_button.setToolTip("Send moving colours, to find the camera in the call")
        self.pattern_button.clicked.connect(self.pattern_changed)
        self._is_read: bool | None = None
        self._output_state = label(HINT, "dim", wraps=True)
        self._remedies = QHBoxLayout()
        camera_caption, output_caption = QLabel("Ca&mera"), QLabel("V&irtual camera")
        camera_caption.setBuddy(self.cameras)
        output_caption.setBuddy(self.outputs)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(2, 8, 2, 2)
        layout.setSpacing(6)
        for part in (
            camera_caption,
            row(self.cameras, self.refresh_button),
            self._camera_state,
            output_caption,
            row(self.outputs, self.pattern_button),
            self._output_state,
        ):
            layout.addWidget(part)
        layout.addLayout(self._remedies)
        layout.addStretch(1)
        self._fill()
        self.refresh()

    def refresh(self) -> None:
        """Look for devices in the background."""
        self.refresh_button.setEnabled(False)

        def use(devices: Devices) -> None:
            self.refresh_button.setEnabled(True)
            self._devices = devices
            self._fill()
            self.set_up.show_choices(devices.outputs)

        def give_up(error: Exception) -> None:
            self.refresh_button.setEnabled(True)
            self.show_camera_state(str(error), Severity.WARNING)

        self._background.run(self._find, use, give_up)

    def show_settings(self, settings: Settings) -> None:
        """Show what is chosen; nothing is signalled."""
        if (settings.camera, settings.output) != (self._settings.camera, self._settings.output):
            self._settings = settings
            self._fill()
        self._settings = settings
        self.set_up.show_output(settings.output)

    def camera_box(self) -> QComboBox:
        """Another list that chooses the same camera, for another place in the window."""
        box = _narrow_box()
        box.setModel(self.cameras.model())
        box.setCurrentIndex(self.cameras.currentIndex())
        box.activated.connect(self._choose_camera)
        self.cameras.currentIndexChanged.connect(box.setCurrentIndex)
        return box

    def show_camera_state(self, text: str, severity: Severity = Severity.INFORMATION) -> None:
        """Say how the camera is doing."""
        self._camera_state.setText(text)
        set_role(self._camera_state, _ROLES[severity])

    def show_output_state(self, text: str, severity: Severity = Severity.INFORMATION) -> None:
        """Say how the virtual camera is doing; the usual hint for no text."""
        self._output_state.setText(text or self._hint())
        set_role(self._output_state, _ROLES[severity])

    @property
    def output_words(self) -> str:
        """How the virtual camera is doing, as it is shown."""
        return self._output_state.text()

    def show_audience(self, audience: Audience) -> None:
        """Say whether a program reads the virtual camera; the usual hint if that is not known."""
        self._is_read = audience.is_read
        if self._output_state.property("role") == _ROLES[Severity.INFORMATION]:
            self.show_output_state("")

    def show_pattern(self, is_on: bool) -> None:
        """Show whether the test pattern is sent."""
        self.pattern_button.setChecked(is_on)

    def set_active(self, is_active: bool) -> None:
        """Enable what needs a running session."""
        self.pattern_button.setEnabled(is_active)

    def _fill(self) -> None:
        self._fill_cameras()
        self._fill_outputs()

    def _fill_cameras(self) -> None:
        chosen = self._settings.camera.name
        self.cameras.clear()
        self.cameras.addItem("First camera found", "")
        for camera in self._devices.cameras:
            self.cameras.addItem(camera.name, camera.path or camera.name)
        names = {self.cameras.itemData(index) for index in range(self.cameras.count())}
        if chosen not in names and chosen != _SCREEN:
            self.cameras.addItem(_short(chosen), chosen)
            place = self.cameras.count() - 1
            self.cameras.setItemData(place, chosen, Qt.ItemDataRole.ToolTipRole)
        self.cameras.addItem("Whole screen", _SCREEN)
        self.cameras.insertSeparator(self.cameras.count())
        for name, kind in (
            ("Part of the screen…", _REGION), ("Video file…", _FILE),
            ("Folder of pictures…", _FOLDER), ("Network address…", _ADDRESS),
        ):  # fmt: skip
            self.cameras.addItem(name, (kind,))
        self.cameras.setCurrentIndex(self.cameras.findData(chosen))

    def _fill_outputs(self) -> None:
        output = self._settings.output
        self.outputs.clear()
        self.outputs.addItem("Best available", ("virtual", ""))
        for choice in self._devices.outputs:
            mark = "" if choice.ready else " (not ready)"
            self.outputs.addItem(choice.name + mark, ("virtual", choice.name))
            self.outputs.setItemData(
                self.outputs.count() - 1, choice.description, Qt.ItemDataRole.ToolTipRole
            )
        self.outputs.addItem("None, preview only", ("none", ""))
        wanted = (output.target, output.backend if output.target == "virtual" else "")
        found = [
            index
            for index in range(self.outputs.count())
            if tuple(self.outputs.itemData(index)) == wanted
        ]
        if not found:
            self.outputs.addItem(_short(output.target), wanted)
            found = [self.outputs.count() - 1]
        self.outputs.setCurrentIndex(found[0])
        self.show_output_state("")

    def _hint(self) -> str:
        if self._is_read:
            return "A program reads the virtual camera."
        return f"Nobody watches. {self._advice()}" if self._is_read is False else self._advice()

    def _advice(self) -> str:
        if self._settings.output.target == "none":
            return "Nothing is sent: only you see the avatar."
        return self.set_up.state.advice or HINT

    def _show_set_up(self) -> None:
        state = self.set_up.state
        shows = self._settings.output.target == "virtual"
        fill_with_buttons(self._remedies, state.remedies if shows else ())
        self.show_output_state("")

    def _switch_on(self) -> None:
        self.output_changed.emit(replace(self._settings.output, target="virtual"))

    def _choose_camera(self, index: int) -> None:
        chosen = self.cameras.itemData(index)
        if not isinstance(chosen, str) and chosen[0] == _REGION:
            self._fill_cameras()
            self.pick_region()
            return
        name = chosen if isinstance(chosen, str) else self._ask(str(chosen[0]))
        if not name and not isinstance(chosen, str):
            self._fill_cameras()
            return
        is_file = not isinstance(chosen, str) and chosen[0] in (_FILE, _FOLDER)
        self.camera_changed.emit(replace(self._settings.camera, name=name, loop=is_file))

    def pick_region(self) -> RegionPicker:
        """Let the user draw a rectangle on the screen that shows this window."""
        picker = RegionPicker(self.screen(), self)
        picker.picked.connect(self._use_camera)
        picker.showFullScreen()
        picker.activateWindow()
        return picker

    def _use_camera(self, name: str) -> None:
        self.camera_changed.emit(replace(self._settings.camera, name=name, loop=False))

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

    def _choose_output(self, index: int) -> None:
        target, backend = self.outputs.itemData(index)
        self.output_changed.emit(replace(self._settings.output, target=target, backend=backend))


def _narrow_box() -> QComboBox:
    box = ComboBox()
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    box.setMinimumContentsLength(12)
    return box


def _short(name: str) -> str:
    """A file's own name, and no more than fits of anything else."""
    if name.startswith(f"{_SCREEN}:"):
        return f"Part of the screen ({' x '.join(name.split(',')[-2:])})"
    if "://" not in name:
        name = Path(name).name or name
    return name if len(name) <= 34 else f"…{name[-33:]}"
