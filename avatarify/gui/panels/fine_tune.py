"""How strongly each part of the face moves, folded away until it is wanted."""

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QSlider,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from avatarify.geometry.face_gains import FaceGains
from avatarify.gui.pieces.widgets import label

_PARTS = (
    ("turn", "Head turn", "Turning, nodding and leaning the head"),
    ("shift", "Head shift", "Moving the head sideways, up, down and nearer"),
    ("mouth", "Mouth", "Lips, jaw and cheeks"),
    ("eyes", "Eyes", "Opening and shutting the eyes"),
    ("brows", "Brows", "Raising and lowering the brows"),
    ("gaze", "Gaze", "Where the eyes look"),
)
_SCALE = "100 % as you do, 0 % not at all"


class FineTune(QWidget):
    """Six sliders under a button that unfolds them; each avatar keeps its own values."""

    def __init__(self, changed: Callable[[FaceGains], None]) -> None:
        """Build it, folded.

        Args:
            changed: Gets the gains, when the user moved a slider or reset them.
        """
        super().__init__()
        self._changed = changed
        self._gains = FaceGains()
        self.fold = _quiet_button("Fi&ne-tune", "How strongly each part of the face moves")
        self.fold.setCheckable(True)
        self.fold.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.fold.toggled.connect(self._unfold)
        self.reset = _quiet_button("Reset", "All parts back to 100 %")
        self.reset.clicked.connect(lambda: self._take(FaceGains()))
        self._reason = label("", "dim", wraps=True)
        self._content = QWidget()
        self._values: dict[str, QLabel] = {}
        self.sliders: dict[str, QSlider] = {}
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        head = QHBoxLayout()
        head.addWidget(self.fold)
        head.addStretch(1)
        head.addWidget(self.reset)
        layout.addLayout(head)
        layout.addWidget(self._reason)
        layout.addWidget(self._content)
        self._add_sliders()
        self._unfold(False)

    @property
    def reason(self) -> str:
        """Why nothing can be tuned now, or empty."""
        return self._reason.text()

    def show_gains(self, gains: FaceGains) -> None:
        """Show gains that were set elsewhere; nothing is told."""
        self._gains = gains
        for part, slider in self.sliders.items():
            slider.blockSignals(True)
            slider.setValue(round(100 * getattr(gains, part)))
            slider.blockSignals(False)
            self._values[part].setText(f"{slider.value()} %")
        self.reset.setEnabled(gains != FaceGains())

    def set_reason(self, reason: str) -> None:
        """Switch the sliders off and say why, or on with an empty reason."""
        self._reason.setText(reason)
        self._content.setEnabled(not reason)
        self._show_parts()

    def _add_sliders(self) -> None:
        grid = QGridLayout(self._content)
        grid.setContentsMargins(14, 0, 0, 4)
        grid.setHorizontalSpacing(9)
        grid.setVerticalSpacing(7)
        for line, (part, name, tip) in enumerate(_PARTS):
            slider = self._slider(part, name, f"{tip}: {_SCALE}")
            caption = QLabel(name)
            caption.setBuddy(slider)
            caption.setToolTip(slider.toolTip())
            value = label("", "dim")
            value.setMinimumWidth(value.fontMetrics().horizontalAdvance("200 %") + 2)
            value.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            grid.addWidget(caption, line, 0)
            grid.addWidget(slider, line, 1)
            grid.addWidget(value, line, 2)
            self.sliders[part], self._values[part] = slider, value
        self.show_gains(self._gains)

    def _slider(self, part: str, name: str, tip: str) -> QSlider:
        slider = QSlider(Qt.Orientation.Horizontal)
        slider.setRange(0, 200)
        slider.setPageStep(10)
        slider.setToolTip(tip)
        slider.setAccessibleName(name)
        slider.setAccessibleDescription(tip)
        slider.valueChanged.connect(
            lambda percent: self._take(replace(self._gains, **{part: percent / 100}))
        )
        return slider

    def _take(self, gains: FaceGains) -> None:
        self.show_gains(gains)
        self._changed(gains)

    def _unfold(self, is_open: bool) -> None:
        self.fold.setArrowType(Qt.ArrowType.DownArrow if is_open else Qt.ArrowType.RightArrow)
        self._show_parts()

    def _show_parts(self) -> None:
        is_open = self.fold.isChecked()
        self._content.setVisible(is_open)
        self._reason.setVisible(is_open and bool(self.reason))
        self.reset.setVisible(is_open)


def _quiet_button(words: str, tip: str) -> QToolButton:
    button = QToolButton()
    button.setText(words)
    button.setToolTip(tip)
    button.setAccessibleDescription(tip)
    button.setProperty("role", "quiet")
    return button
