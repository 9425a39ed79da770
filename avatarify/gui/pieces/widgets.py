"""Small pieces that several panels are made of."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QSlider,
    QVBoxLayout,
    QWidget,
)


def label(text: str, role: str = "", *, wraps: bool = False) -> QLabel:
    """Make a label.

    Args:
        text: Plain text.
        role: Of the style sheet: dim, section, title, fine, warning, danger.
        wraps: Break long text into lines.
    """
    made = QLabel(text)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setWordWrap(wraps)
    if wraps:
        made.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
    set_role(made, role)
    return made


def set_role(widget: QWidget, role: str, name: str = "role") -> None:
    """Change a property that the style sheet looks at, and show it at once."""
    if widget.property(name) != role:
        widget.setProperty(name, role)
        widget.style().unpolish(widget)
        widget.style().polish(widget)


def panel(*parts: QWidget) -> QFrame:
    """Put widgets under one another on a framed ground."""
    frame = QFrame()
    frame.setProperty("role", "panel")
    layout = QVBoxLayout(frame)
    layout.setContentsMargins(10, 9, 10, 10)
    layout.setSpacing(7)
    for part in parts:
        layout.addWidget(part)
    return frame


def row(*parts: QWidget) -> QWidget:
    """Put widgets beside one another; the first takes the spare room."""
    holder = QWidget()
    layout = QHBoxLayout(holder)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(7)
    for position, part in enumerate(parts):
        layout.addWidget(part, stretch=1 if position == 0 else 0)
    return holder


def fill(holder: QWidget, content: QWidget) -> None:
    """Make one widget the whole content of another."""
    layout = QVBoxLayout(holder)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.addWidget(content)


class LabelledSlider(QWidget):
    """A slider with its name and value; double click on the value for the default."""

    def __init__(
        self,
        name: str,
        tip: str,
        limits: tuple[int, int],
        changed: Callable[[float], None],
    ) -> None:
        """Make a slider.

        Args:
            name: With an & before the key that reaches it.
            tip: What it does.
            limits: The least and the largest percent.
            changed: Gets the fraction, when the user moved it.
        """
        super().__init__()
        self._changed = changed
        self._value = label("", "dim")
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(*limits)
        self.slider.setPageStep(10)
        self.slider.setToolTip(tip)
        self.slider.setAccessibleName(name.replace("&", ""))
        self.slider.setAccessibleDescription(tip)
        self.slider.valueChanged.connect(self._show_value)
        self.slider.valueChanged.connect(lambda percent: self._changed(percent / 100))
        caption = QLabel(name)
        caption.setBuddy(self.slider)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(3)
        layout.addWidget(row(caption, self._value))
        layout.addWidget(self.slider)
        self._show_value(self.slider.value())

    def show_fraction(self, fraction: float) -> None:
        """Show a value that was set elsewhere; `changed` is not called."""
        self.slider.blockSignals(True)
        self.slider.setValue(round(100 * fraction))
        self.slider.blockSignals(False)
        self._show_value(self.slider.value())

    def _show_value(self, percent: int) -> None:
        self._value.setText(f"{percent} %")
