"""The first-run guide: three steps over the preview, once, with all that each step needs."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from avatarify.gui.panels.output_set_up import OutputState
from avatarify.gui.pieces.banners import Remedy, fill_with_buttons
from avatarify.gui.pieces.widgets import label, set_role

STEPS = (
    (
        "Choose an avatar",
        "Click a portrait in the gallery, or drop a picture of your own there. One face, from the "
        "front, works best.",
    ),
    (
        "Look into the camera and calibrate",
        "Sit as the avatar does: head straight, mouth closed. It is found by itself within "
        "seconds, or press Calibrate (X). Only you see your camera.",
    ),
    (
        "Choose this program's camera in the call",
        "In the video settings of the call program, choose the camera “{camera}”. Hold (0) rests "
        "on the still avatar at any time.",
    ),
)
CALIBRATION_STEP, CALL_STEP = 1, 2
"""The step that wants camera and face tracker, and the one that wants a virtual camera."""


class Guide(QWidget):
    """Covers the preview until it is read or skipped."""

    finished = Signal()
    step_changed = Signal(int)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._step = 0
        self._count = label("", "dim")
        self._title = label("", "title", wraps=True)
        self._words = label("", wraps=True)
        self.next_button = QPushButton()
        self.next_button.setProperty("role", "primary")
        self.next_button.clicked.connect(self.go_on)
        self.back_button = QPushButton("Back")
        self.back_button.clicked.connect(self.go_back)
        self.skip_button = QPushButton("Skip")
        self.skip_button.clicked.connect(self.finished)
        for button in (self.next_button, self.back_button, self.skip_button):
            button.setAutoDefault(True)  # Return presses it: Alt's letters belong to the window
        buttons = QHBoxLayout()
        buttons.addWidget(self.skip_button)
        buttons.addStretch(1)
        buttons.addWidget(self.back_button)
        buttons.addWidget(self.next_button)
        card = QFrame()
        card.setProperty("role", "panel")
        card.setMaximumWidth(440)
        inside = QVBoxLayout(card)
        inside.setContentsMargins(22, 18, 22, 18)
        inside.setSpacing(10)
        self._make_extras()
        for part in (self._count, self._title, self._words, *self._extras.values()):
            inside.addWidget(part)
        inside.addSpacing(6)
        inside.addLayout(buttons)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 14, 20, 14)
        layout.addStretch(1)
        line = QHBoxLayout()
        line.addStretch(1)
        line.addWidget(card, stretch=20)
        line.addStretch(1)
        layout.addLayout(line)
        layout.addStretch(1)
        self.setAccessibleName("First steps")
        self._show()

    @property
    def step(self) -> int:
        """Which step is shown, from 0."""
        return self._step

    def restart(self) -> None:
        """Begin with the first step."""
        self._step = 0
        self._show()
        self.show()
        self.raise_()
        self.next_button.setFocus(Qt.FocusReason.OtherFocusReason)

    def set_camera_box(self, box: QWidget) -> None:
        """Take the list that chooses the camera; it stands in the step of calibration."""
        box.setAccessibleName("Camera")
        self._camera_line.addWidget(label("Camera"))
        self._camera_line.addWidget(box, stretch=1)

    def set_offer(self, words: str, remedies: Sequence[Remedy] = ()) -> None:
        """Offer something with the step of calibration; no words take the offer back.

        Args:
            words: What is missing.
            remedies: What buttons offer to do about it.
        """
        self._offer.setText(words)
        self._offer.setVisible(bool(words))
        fill_with_buttons(self._offer_buttons, remedies)

    def show_output(self, state: OutputState) -> None:
        """Say in the last step how the virtual camera is doing, and offer what helps."""
        self._output = state
        self._output_words.setText(state.words)
        set_role(self._output_words, "fine" if state.is_ready else "warning")
        self._output_words.setToolTip(state.advice)
        self._output_advice.setText(state.advice)
        self._output_advice.setVisible(state.is_ready and bool(state.advice))
        fill_with_buttons(self._output_buttons, state.remedies)
        self._show()

    def go_on(self) -> None:
        """Show the next step, or finish."""
        if self._step == len(STEPS) - 1:
            self.finished.emit()
        else:
            self._step += 1
            self._show()
            self.step_changed.emit(self._step)

    def go_back(self) -> None:
        """Show the step before."""
        self._step = max(0, self._step - 1)
        self._show()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Dim what lies behind."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(8, 9, 12, 130))

    def _make_extras(self) -> None:
        """What single steps hold besides their words."""
        self._camera_line = QHBoxLayout()
        self._offer = label("", "warning", wraps=True)
        self._offer.hide()
        self._offer_buttons = QHBoxLayout()
        self._output = OutputState("")
        self._output_words = label("", wraps=True)
        self._output_buttons = QHBoxLayout()
        self._output_advice = label("", "dim", wraps=True)
        self._extras = {CALIBRATION_STEP: QWidget(), CALL_STEP: QWidget()}
        for extra, parts in (
            (self._extras[CALIBRATION_STEP], (self._camera_line, self._offer, self._offer_buttons)),
            (
                self._extras[CALL_STEP],
                (self._output_words, self._output_buttons, self._output_advice),
            ),
        ):
            inside = QVBoxLayout(extra)
            inside.setContentsMargins(0, 0, 0, 0)
            for part in parts:
                if isinstance(part, QWidget):
                    inside.addWidget(part)
                else:
                    inside.addLayout(part)

    def _show(self) -> None:
        title, words = STEPS[self._step]
        self._count.setText(f"Step {self._step + 1} of {len(STEPS)}")
        self._title.setText(title)
        self._words.setText(words.format(camera=self._output.camera))
        self.back_button.setVisible(self._step > 0)
        for step, extra in self._extras.items():
            extra.setVisible(step == self._step)
        is_last = self._step == len(STEPS) - 1
        self.next_button.setText("Done" if is_last else "Next")
