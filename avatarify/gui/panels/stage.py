"""The middle of the window: the preview, its red banner, the guide and the row of buttons."""

from PySide6.QtCore import QEvent, QObject, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from avatarify.gui.panels.guide import Guide
from avatarify.gui.pieces.actions import WindowActions
from avatarify.gui.pieces.widgets import label
from avatarify.gui.views.output_view import OutputPreview


class Stage(QWidget):
    """What others see, and what can be done with it."""

    exposure_ended = Signal()
    """The button in the red banner was pressed."""

    def __init__(self, actions: WindowActions) -> None:
        """Lay it out.

        Args:
            actions: What the buttons do.
        """
        super().__init__()
        self.preview = OutputPreview()
        self.preview.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.guide = Guide(self.preview)
        self.guide.hide()
        self.preview.installEventFilter(self)
        self.exposure = self._make_exposure()
        self.start_button = QPushButton("S&tart")
        self.start_button.setProperty("role", "primary")
        self.start_button.setMinimumWidth(66)
        self.start_button.setToolTip("Start or stop camera and avatar (Ctrl+Return)")
        self.start_button.clicked.connect(actions.start.trigger)
        self.hold_button = _button("Hold", "Rest on the still avatar (0)", actions.hold)
        self.snapshot_button = _button("Snapshot", "Save the picture (Ctrl+S)", actions.snapshot)
        self.record_button = _button("● Record", "Record as mp4 (Ctrl+R)", actions.record)
        self.record_button.setProperty("role", "recording")
        self.xray_button = _button("X-ray", "Show how the motion is computed (V)", actions.xray)
        self.camera_button = _button(
            "Real camera…", "Show your real camera to others", actions.pass_through
        )
        self.camera_button.setProperty("role", "recording")
        buttons = QHBoxLayout()
        buttons.setSpacing(5)
        for button in (
            self.start_button, self.hold_button, self.snapshot_button, self.record_button,
            self.xray_button,
        ):  # fmt: skip
            buttons.addWidget(button)
        buttons.addStretch(1)
        buttons.addWidget(self.camera_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self.exposure)
        layout.addWidget(self.preview, stretch=1)
        layout.addLayout(buttons)

    def set_exposed(self, is_exposed: bool) -> None:
        """Warn in red while the real camera is shown to others."""
        self.exposure.setVisible(is_exposed)
        self.preview.set_exposed(is_exposed)

    def set_running(self, is_running: bool) -> None:
        """Offer to stop what runs, or to start."""
        self.start_button.setText("S&top" if is_running else "S&tart")

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keep the guide as large as the preview."""
        if watched is self.preview and event.type() is QEvent.Type.Resize:
            self.guide.setGeometry(self.preview.rect())
        return super().eventFilter(watched, event)

    def _make_exposure(self) -> QWidget:
        frame = QWidget()
        words = label("Others see your REAL CAMERA, not the avatar.", "exposed", wraps=True)
        words.setAccessibleName("Warning: others see your real camera")
        self.cover_button = QPushButton("Back to the &avatar")
        self.cover_button.setMinimumHeight(34)
        self.cover_button.clicked.connect(self.exposure_ended)
        layout = QHBoxLayout(frame)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(words, stretch=1)
        layout.addWidget(self.cover_button)
        frame.setVisible(False)
        return frame


def _button(text: str, tip: str, action: QAction) -> QPushButton:
    """A button that does, shows and is disabled as an action of the menu."""
    button = QPushButton(text)
    button.setToolTip(tip)
    button.setCheckable(action.isCheckable())
    button.clicked.connect(action.trigger)

    def follow() -> None:
        button.setEnabled(action.isEnabled())
        button.setChecked(action.isChecked())

    action.changed.connect(follow)
    button.clicked.connect(follow)
    return button
