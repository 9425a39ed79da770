"""Calibrating: the big button, how well the pose fits and why it does not."""

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QProgressBar, QPushButton, QSizePolicy, QWidget

from avatarify.gui.pieces.check_box import CheckBox
from avatarify.gui.pieces.widgets import fill, label, panel, row, set_role
from avatarify.session.live.listener import CalibrationStatus

COUNTDOWN_S = 3
GOOD_SCORE = 80
FAIR_SCORE = 55
"""Of 100: from where on the words turn calm, and are praise."""

PRAISE = "Good"
"""Advice stays long enough to be read; this one must not stay beside a score that has fallen."""


class CalibrationPanel(QWidget):
    """Asks for calibration; shows what the session says about it."""

    calibrate = Signal()
    calibrate_later = Signal()
    undo = Signal()
    decline = Signal()
    auto_changed = Signal(bool)

    def __init__(self) -> None:
        super().__init__()
        self._words = label("", wraps=True)
        self._words.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self._words.setMinimumHeight(2 * self._words.fontMetrics().lineSpacing() + 2)
        self._number = label("100 %", "section")
        self._number.setMinimumWidth(self._number.sizeHint().width() + 4)
        self._number.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._meter = QProgressBar()
        self._meter.setRange(0, 100)
        self._meter.setTextVisible(False)
        self._meter.setFixedHeight(8)
        self._meter.setAccessibleName("Match of your pose with the avatar's, in percent")
        self.button = QPushButton("&Calibrate")
        self.button.setProperty("role", "primary")
        self.button.setMinimumHeight(36)
        self.button.setToolTip("Sit as the avatar does, then press this (X)")
        self.button.clicked.connect(self.calibrate)
        self.later_button = QPushButton(f"In {COUNTDOWN_S} s")
        self.later_button.setMinimumHeight(36)
        self.later_button.setToolTip("Calibrate after a countdown, to sit back first")
        self.later_button.setAccessibleName("Calibrate after a countdown")
        self.later_button.clicked.connect(self.calibrate_later)
        self.auto_box = CheckBox("A&utomatically (F)")
        self.auto_box.setToolTip("Take the frame that matches the avatar best, within seconds")
        self.auto_box.toggled.connect(self.auto_changed)
        self.undo_button = QPushButton("Undo")
        self.undo_button.setToolTip("Go back to the calibration before (Ctrl+Z)")
        self.undo_button.setAccessibleName("Undo calibration")
        self.undo_button.clicked.connect(self.undo)
        self.decline_button = QPushButton("Keep")
        self.decline_button.setToolTip("Keep the calibration although you moved")
        self.decline_button.clicked.connect(self.decline)
        self.decline_button.setVisible(False)
        layout_parts = (
            row(label("Match with the avatar", "dim"), self._number),
            self._meter,
            row(self._words, self.decline_button),
            row(self.button, self.later_button),
            row(self.auto_box, self.undo_button),
        )
        fill(self, panel(*layout_parts))
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.show_idle()

    @property
    def words(self) -> str:
        """What is said about the pose."""
        return self._words.text()

    def show_auto(self, is_on: bool) -> None:
        """Show the switch as it was set elsewhere."""
        self.auto_box.blockSignals(True)
        self.auto_box.setChecked(is_on)
        self.auto_box.blockSignals(False)

    def show_idle(self) -> None:
        """Show that nothing runs."""
        self._show(None, "Start the camera to calibrate.", "dim")
        self.undo_button.setEnabled(False)
        self.decline_button.setVisible(False)
        self.set_active(False)

    def show_waiting(self, words: str) -> None:
        """Show that there is nothing to compare at the moment.

        Args:
            words: Why.
        """
        self._show(None, words, "dim")

    def set_active(self, is_active: bool) -> None:
        """Enable what needs a running session."""
        if is_active and not self.button.isEnabled():
            self._show(None, "Waiting for your face.", "dim")
        self.button.setEnabled(is_active)
        self.later_button.setEnabled(is_active)

    def show_status(self, status: CalibrationStatus) -> None:
        """Show how well the pose fits."""
        self.undo_button.setEnabled(status.can_undo)
        self.decline_button.setVisible(status.has_drifted)
        self._show(status.score, *_words(status))

    def _show(self, score: int | None, words: str, role: str) -> None:
        self._number.setText("–" if score is None else f"{score} %")
        self._meter.setValue(score or 0)
        self._words.setText(words)
        set_role(self._words, role)


class Countdown(QWidget):
    """Counts seconds down without blocking anything; invisible itself."""

    ticked = Signal(int)
    """Seconds left; 0 at the end or when it was stopped."""

    finished = Signal()

    def __init__(self, parent: QWidget, interval_ms: int = 1000) -> None:
        super().__init__(parent)
        self.setVisible(False)
        self._left = 0
        self._timer = QTimer(self)
        self._timer.setInterval(interval_ms)
        self._timer.timeout.connect(self._tick)

    def start(self, seconds: int) -> None:
        """Start from the beginning."""
        self._left = seconds
        self._timer.start()
        self.ticked.emit(seconds)

    def stop(self) -> None:
        """End without `finished`."""
        self._timer.stop()
        self.ticked.emit(0)

    def _tick(self) -> None:
        self._left -= 1
        self.ticked.emit(self._left)
        if self._left <= 0:
            self._timer.stop()
            self.finished.emit()


def _calm(score: int) -> str:
    """The role of words that warn of nothing."""
    return "fine" if score >= GOOD_SCORE else ""


def _words(status: CalibrationStatus) -> tuple[str, str]:
    """The sentence and its role in the style sheet."""
    if status.score is None:
        no_face = "No face is seen. Look into the camera."
        return (status.advice, "") if status.advice else (no_face, "warning")
    if status.has_drifted:
        return status.advice or "You have moved. Calibrate again?", "warning"
    if status.advice and not (status.advice == PRAISE and status.score < FAIR_SCORE):
        return status.advice, "warning" if status.score < FAIR_SCORE else _calm(status.score)
    if status.is_searching:
        return "Hold still: the best frame is being looked for.", ""
    if status.is_calibrated:
        return "Calibrated.", _calm(status.score)
    return "Sit as the avatar does and press Calibrate.", ""
