"""Which camera drives the avatar, where the pictures go, and how both are doing."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from avatarify.gui.panels.camera_choice import CameraChoice, short_name
from avatarify.gui.panels.output_set_up import OutputSetUp
from avatarify.gui.pieces.background import Background
from avatarify.gui.pieces.banners import fill_with_buttons
from avatarify.gui.pieces.combo_box import narrow_box
from avatarify.gui.pieces.widgets import label, row, set_role
from avatarify.media.camera_list import CameraInfo, list_cameras
from avatarify.media.virtual_outputs import OutputChoice, available_outputs
from avatarify.session.keeping.settings import Settings
from avatarify.session.live.listener import Audience, Severity

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
        self._camera_notice = self._camera_facts = ""
        self.camera_choice = CameraChoice()
        self.camera_choice.changed.connect(self.camera_changed)
        self.cameras, self.turn = self.camera_choice.box, self.camera_choice.turn
        self.refresh_button = self.camera_choice.refresh_button
        self.refresh_button.clicked.connect(self.refresh)
        self._camera_state = label("", "dim", wraps=True)
        self.outputs = narrow_box()
        self.outputs.activated.connect(self._choose_output)
        self.pattern_button = QPushButton("&Test pattern")
        self.pattern_button.setCheckable(True)
        self.pattern_button.setToolTip("Send moving colours, to find the camera in the call")
        self.pattern_button.clicked.connect(self.pattern_changed)
        self._is_read: bool | None = None
        self._output_state = label(HINT, "dim", wraps=True)
        self._remedies = QHBoxLayout()
        output_caption = QLabel("V&irtual camera")
        output_caption.setBuddy(self.outputs)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(2, 8, 2, 2)
        layout.setSpacing(6)
        for part in (
            self.camera_choice,
            self._camera_state,
            output_caption,
            row(self.outputs, self.pattern_button),
            self._output_state,
        ):
            layout.addWidget(part)
        layout.addLayout(self._remedies)
        layout.addStretch(1)
        self._fill_outputs()
        self.refresh()

    def refresh(self) -> None:
        """Look for devices in the background."""
        self.refresh_button.setEnabled(False)

        def use(devices: Devices) -> None:
            self.refresh_button.setEnabled(True)
            self._devices = devices
            self.camera_choice.show_cameras(devices.cameras)
            self._fill_outputs()
            self.set_up.show_choices(devices.outputs)

        def give_up(error: Exception) -> None:
            self.refresh_button.setEnabled(True)
            self.show_camera_state(str(error), Severity.WARNING)

        self._background.run(self._find, use, give_up)

    def show_settings(self, settings: Settings) -> None:
        """Show what is chosen; nothing is signalled."""
        self.camera_choice.show_settings(settings.camera)
        has_other_output = settings.output != self._settings.output
        self._settings = settings
        if has_other_output:
            self._fill_outputs()
        self.set_up.show_output(settings.output)

    def camera_box(self) -> QComboBox:
        """Another list that chooses the same camera, for another place in the window."""
        return self.camera_choice.second_box()

    def show_camera_state(self, text: str, severity: Severity = Severity.INFORMATION) -> None:
        """Say how the camera is doing; for no text, what it delivers."""
        self._camera_notice = text
        self._camera_state.setText(text or self._camera_facts)
        set_role(self._camera_state, _ROLES[severity])

    def show_camera_facts(self, name: str, size: tuple[int, int], fps: float) -> None:
        """Say what the camera delivers, while nothing graver is to be said.

        Args:
            name: Of the camera that is open.
            size: (height, width) of its pictures, as they are used; zeros before the first.
            fps: How many arrive in a second; 0 when none do.
        """
        height, width = size
        facts = f"{width} × {height}, {fps:.0f} fps" if height else "waiting for its picture"
        self._camera_facts = f"{short_name(name)}: {facts}" if fps >= 0.5 else ""
        if not self._camera_notice:
            self._camera_state.setText(self._camera_facts)

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
        if not is_active:
            self.camera_choice.show_turn("")

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
            self.outputs.addItem(short_name(output.target), wanted)
            found = [self.outputs.count() - 1]
        self.outputs.setCurrentIndex(found[0])
        self.show_output_state("")

    def _hint(self) -> str:
        if self._is_read:
            return "A program reads the virtual camera."
        is_unread = self._is_read is False and not self.set_up.state.remedies
        return f"Nobody watches. {self._advice()}" if is_unread else self._advice()

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

    def _choose_output(self, index: int) -> None:
        target, backend = self.outputs.itemData(index)
        self.output_changed.emit(replace(self._settings.output, target=target, backend=backend))
