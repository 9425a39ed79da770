"""How the motion is transferred and how the picture is framed."""

from dataclasses import replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QLabel, QVBoxLayout, QWidget

from avatarify.gui.panels.background_choice import BackgroundChoice
from avatarify.gui.panels.fine_tune import FineTune
from avatarify.gui.pieces.check_box import CheckBox
from avatarify.gui.pieces.combo_box import ComboBox
from avatarify.gui.pieces.widgets import LabelledSlider, label
from avatarify.session.keeping.settings import (
    FACE_MODEL,
    FitMode,
    MotionControls,
    Settings,
    ViewSettings,
)

_SIDES = (
    (FitMode.BLUR, "Blurred"),
    (FitMode.FIT, "Black"),
    (FitMode.FILL, "None: cut to fill"),
)

WHOLE_FACE = (
    "The model {model} moves this avatar. It moves the face as a whole: only Motion gain counts."
)
ONE_PIECE = "The model {model} knows no person apart from the room."


MIRROR_WORDS = "Call programs mirror only your own preview: Mirror picture is for the others."


class MotionPanel(QWidget):
    """Sliders and switches; shows the settings and says what the user wants instead."""

    motion_changed = Signal(object)
    """MotionControls."""

    view_changed = Signal(object)
    """ViewSettings."""

    input_mirror_changed = Signal(bool)

    def __init__(self) -> None:
        super().__init__()
        self._motion = MotionControls()
        self._view = ViewSettings()
        self.gain = LabelledSlider(
            "Motion &gain",
            "How strongly the avatar moves: 100 % as you do",
            (0, 200),
            lambda gain: self._change_motion(replace(self._motion, gain=gain)),
        )
        self.fine_tune = FineTune(
            lambda gains: self._change_motion(replace(self._motion, gains=gains))
        )
        self.smoothing = LabelledSlider(
            "&Smoothing",
            "More is calmer, less follows faster",
            (0, 100),
            lambda amount: self._change_motion(replace(self._motion, smoothing=amount)),
        )
        self.background = BackgroundChoice(
            lambda background: self._change_view(replace(self._view, background=background))
        )
        self.sides = ComboBox()
        for mode, name in _SIDES:
            self.sides.addItem(name, mode)
        self.sides.setToolTip("What fills the picture beside an avatar of another shape")
        self.sides.activated.connect(self._choose_sides)
        self.mirror_input = CheckBox("Mirror camera (R)")
        self.mirror_input.setToolTip("The avatar turns to the other side")
        self.mirror_input.toggled.connect(self.input_mirror_changed)
        self.mirror_output = CheckBox("Mirror picture (T)")
        self.mirror_output.setToolTip("Flips the picture that others see")
        self.mirror_output.toggled.connect(
            lambda is_on: self._change_view(replace(self._view, mirror=is_on))
        )
        self.badge = CheckBox('"AI avatar" badge')
        self.badge.setToolTip("Writes AI avatar into a corner, so that everybody knows")
        self.badge.toggled.connect(
            lambda is_on: self._change_view(replace(self._view, badge=is_on))
        )
        layout = QVBoxLayout(self)
        layout.setContentsMargins(2, 8, 2, 2)
        layout.setSpacing(7)
        layout.addWidget(self.gain)
        layout.addWidget(self.fine_tune)
        layout.addWidget(self.smoothing)
        layout.addLayout(self._picture_lines())
        for box in (self.mirror_input, self.mirror_output, self.badge):
            layout.addWidget(box)
        layout.insertWidget(layout.indexOf(self.badge), label(MIRROR_WORDS, "dim", wraps=True))
        layout.addStretch(1)

    def _picture_lines(self) -> QGridLayout:
        lines = QGridLayout()
        lines.setColumnStretch(1, 1)
        lines.setVerticalSpacing(7)
        for line, (name, buddy, part) in enumerate(
            (
                ("&Background", self.background.box, self.background),
                ("Si&des", self.sides, self.sides),
            )
        ):
            caption = QLabel(name)
            caption.setBuddy(buddy)
            caption.setFixedHeight(buddy.sizeHint().height())
            lines.addWidget(caption, line, 0, Qt.AlignmentFlag.AlignTop)
            lines.addWidget(part, line, 1)
        return lines

    def show_settings(self, settings: Settings) -> None:
        """Show settings; nothing is signalled."""
        self._motion, self._view = settings.motion, settings.view
        self.gain.show_fraction(settings.motion.gain)
        self.fine_tune.show_gains(settings.motion.gains)
        self.smoothing.show_fraction(settings.motion.smoothing)
        self.background.show_background(settings.view.background)
        self.sides.setCurrentIndex(self.sides.findData(settings.view.fit))
        for box, is_on in (
            (self.mirror_input, settings.camera.mirror),
            (self.mirror_output, settings.view.mirror),
            (self.badge, settings.view.badge),
        ):
            box.blockSignals(True)
            box.setChecked(is_on)
            box.blockSignals(False)

    def show_model(self, model: str) -> None:
        """Say what moves the avatar: a motion model moves the face as one piece.

        Args:
            model: Its name, `face` for the face engine.
        """
        is_face = model == FACE_MODEL
        self.fine_tune.set_reason("" if is_face else WHOLE_FACE.format(model=model))
        self.background.set_reason("" if is_face else ONE_PIECE.format(model=model))

    def _choose_sides(self, index: int) -> None:
        self._change_view(replace(self._view, fit=FitMode(self.sides.itemData(index))))

    def _change_motion(self, motion: MotionControls) -> None:
        self._motion = motion
        self.motion_changed.emit(motion)

    def _change_view(self, view: ViewSettings) -> None:
        self._view = view
        self.view_changed.emit(view)
