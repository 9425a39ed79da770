"""Where the user chooses the global hotkeys; conflicts are shown while typing."""

from PySide6.QtCore import Signal
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QGridLayout, QKeySequenceEdit, QLabel, QToolButton, QWidget

from avatarify.gui.desktop.global_hotkeys import DEFAULTS, Bindings, HotkeyAction
from avatarify.gui.pieces.widgets import label

_NAMES = {
    HotkeyAction.CALIBRATE: "&Calibrate",
    HotkeyAction.HOLD: "&Hold",
    HotkeyAction.NEXT_AVATAR: "&Next avatar",
}


class HotkeyEditor(QWidget):
    """One line for each action."""

    changed = Signal()

    def __init__(self, bindings: Bindings) -> None:
        """Show bindings.

        Args:
            bindings: What is in use.
        """
        super().__init__()
        self._fields: dict[HotkeyAction, QKeySequenceEdit] = {}
        self._remarks: dict[HotkeyAction, QLabel] = {}
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setVerticalSpacing(4)
        for position, (action, keys) in enumerate(bindings.keys):
            field = QKeySequenceEdit(QKeySequence(keys))
            field.setMaximumSequenceLength(1)
            field.setClearButtonEnabled(True)
            field.setAccessibleName(f"Global hotkey for {action.value}")
            field.keySequenceChanged.connect(self._check)
            caption = QLabel(_NAMES[action])
            caption.setBuddy(field)
            back = QToolButton()
            back.setText("Default")
            back.setToolTip(f"Back to {DEFAULTS[action]}")
            back.setAccessibleName(f"Default hotkey for {action.value}")
            back.clicked.connect(
                lambda _=False, action=action: self.set_keys(action, DEFAULTS[action])
            )
            remark = label("", "danger", wraps=True)
            remark.setVisible(False)
            grid.addWidget(caption, 2 * position, 0)
            grid.addWidget(field, 2 * position, 1)
            grid.addWidget(back, 2 * position, 2)
            grid.addWidget(remark, 2 * position + 1, 1, 1, 2)
            self._fields[action], self._remarks[action] = field, remark
        self._check()

    @property
    def bindings(self) -> Bindings:
        """What the user chose."""
        form = QKeySequence.SequenceFormat.PortableText
        return Bindings(
            tuple(
                (action, field.keySequence().toString(form))
                for action, field in self._fields.items()
            )
        )

    @property
    def is_usable(self) -> bool:
        """Whether there is no conflict."""
        return not self.bindings.problems()

    def set_keys(self, action: HotkeyAction, keys: str) -> None:
        """Type keys for the user."""
        self._fields[action].setKeySequence(QKeySequence(keys))

    def remark(self, action: HotkeyAction) -> str:
        """What is wrong with an action's keys."""
        return self._remarks[action].text()

    def _check(self) -> None:
        problems = self.bindings.problems()
        for action, remark in self._remarks.items():
            remark.setText(problems.get(action, ""))
            remark.setVisible(action in problems)
        self.changed.emit()
