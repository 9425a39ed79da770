"""The voice: how much later it should come, and a microphone that does it."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QMessageBox, QProgressBar, QPushButton, QVBoxLayout, QWidget

from avatarify.gui.pieces.check_box import CheckBox
from avatarify.gui.pieces.widgets import label, row, set_role
from avatarify.session.live.voice_delay import WHERE, advice

_QUIETEST_DB = -60


class VoicePanel(QWidget):
    """Says the delay; where PipeWire runs, also offers the delayed microphone."""

    wanted = Signal(bool)
    """The delayed microphone shall be there, or not."""

    muted = Signal(bool)

    def __init__(self) -> None:
        super().__init__()
        self.question: QMessageBox | None = None
        self._advice = label(advice(None), "dim", wraps=True)
        self.where_button = QPushButton("&Where?")
        self.where_button.setToolTip("Where to set the delay in OBS, Discord and PipeWire")
        self.where_button.clicked.connect(self._show_where)
        self.switch = CheckBox("&Delayed microphone for the call")
        self.switch.setToolTip(
            "Other programs see your microphone a second time, as Avatarify microphone, later by "
            "as much as the picture. Nothing is recorded."
        )
        self.switch.toggled.connect(self.wanted)
        self.level = QProgressBar()
        self.level.setRange(_QUIETEST_DB, 0)
        self.level.setTextVisible(False)
        self.level.setFixedHeight(8)
        self.level.setAccessibleName("Level of the delayed microphone")
        self.mute_button = QPushButton("&Mute")
        self.mute_button.setCheckable(True)
        self.mute_button.toggled.connect(self.muted)
        self._state = label("", "dim", wraps=True)
        self._controls = row(self.level, self.mute_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 8, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(label("Voice", "section"))
        for part in (
            row(self._advice, self.where_button),
            self.switch,
            self._controls,
            self._state,
        ):
            layout.addWidget(part)
        self.show_off("")

    @property
    def texts(self) -> tuple[str, str]:
        """The advice, and how the delayed microphone is doing."""
        return self._advice.text(), self._state.text()

    def offer(self, is_possible: bool) -> None:
        """Offer the delayed microphone, where PipeWire runs."""
        self.switch.setVisible(is_possible)

    def show_wish(self, is_on: bool) -> None:
        """Show whether it is wanted; nothing is signalled."""
        self.switch.blockSignals(True)
        self.switch.setChecked(is_on)
        self.switch.blockSignals(False)

    def show_advice(self, delay_ms: int | None) -> None:
        """Say how much the microphone should be delayed."""
        self._advice.setText(advice(delay_ms))

    def show_source(self, delay_ms: int, level_db: float, *, is_ready: bool) -> None:
        """Show that the delayed microphone runs."""
        self._controls.show()
        self._state.show()
        muted = self.mute_button.isChecked()
        self.level.setValue(_QUIETEST_DB if muted else max(_QUIETEST_DB, round(level_db)))
        words = f"Choose Avatarify microphone in the call: {delay_ms} ms later."
        self._state.setText(("Muted. " if muted else "") + words if is_ready else "Starting…")
        set_role(self._state, "dim")

    def show_off(self, problem: str) -> None:
        """Show that there is no delayed microphone, and why it ended if it did."""
        self._controls.hide()
        self._state.setVisible(bool(problem))
        self._state.setText(problem)
        set_role(self._state, "warning" if problem else "dim")
        self.mute_button.setChecked(False)

    def _show_where(self) -> None:
        self.question = QMessageBox(
            QMessageBox.Icon.Information,
            "Where to delay your microphone",
            self._advice.text(),
            QMessageBox.StandardButton.Close,
            self,
        )
        self.question.setInformativeText(WHERE)
        self.question.open()
