"""The first-run guide: three steps over the preview, once."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from avatarify.gui.pieces.banners import Remedy
from avatarify.gui.pieces.widgets import label

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
        "Start the call program now, after this one, and choose the camera Avatarify in its video "
        "settings. Hold (0) rests on the still avatar at any time.",
    ),
)
CALIBRATION_STEP = 1
"""The step that wants the face tracker: its file is offered there."""


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
        self.back_button = QPushButton("&Back")
        self.back_button.clicked.connect(self.go_back)
        self.skip_button = QPushButton("&Skip")
        self.skip_button.clicked.connect(self.finished)
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
        self._offer = label("", "warning", wraps=True)
        self._offer_buttons = QHBoxLayout()
        for part in (self._count, self._title, self._words, self._offer):
            inside.addWidget(part)
        inside.addLayout(self._offer_buttons)
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

    def set_offer(self, words: str, remedies: Sequence[Remedy] = ()) -> None:
        """Offer something with the step of calibration; no words take the offer back.

        Args:
            words: What is missing.
            remedies: What buttons offer to do about it.
        """
        self._offer.setText(words)
        while (item := self._offer_buttons.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.deleteLater()
        for remedy in remedies:
            self._offer_buttons.addWidget(remedy.button())
        self._offer_buttons.addStretch(1)
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

    def _show(self) -> None:
        title, words = STEPS[self._step]
        self._count.setText(f"Step {self._step + 1} of {len(STEPS)}")
        self._title.setText(title)
        self._words.setText(words)
        self.back_button.setVisible(self._step > 0)
        is_offering = self._step == CALIBRATION_STEP and bool(self._offer.text())
        self._offer.setVisible(is_offering)
        for position in range(self._offer_buttons.count()):
            item = self._offer_buttons.itemAt(position)
            if item is not None and (widget := item.widget()) is not None:
                widget.setVisible(is_offering)
        is_last = self._step == len(STEPS) - 1
        self.next_button.setText("&Start" if is_last else "&Next")
