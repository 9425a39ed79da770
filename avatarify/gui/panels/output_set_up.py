"""Helps to a virtual camera: how it is doing in one sentence, and a button that does the rest."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QObject, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QGuiApplication

from avatarify.gui.pieces.background import Background
from avatarify.gui.pieces.banners import Remedy
from avatarify.media.output_remedy import OutputRemedy, RemedyKind
from avatarify.media.pipewire.service import start_service
from avatarify.media.virtual_outputs import OWN_CAMERA, OutputChoice, to_set_up
from avatarify.session.keeping.settings import OutputSettings

COPIED = "Copied. Paste it into a terminal; the camera is found by itself afterwards."
OPENED = "The page opens in your browser. Install it, then come back."


@dataclass(frozen=True, slots=True)
class OutputState:
    """How the virtual camera is doing."""

    words: str
    """One sentence."""

    is_ready: bool = False
    """Others can see the avatar."""

    remedies: tuple[Remedy, ...] = ()
    """What a button can do about it; none where nothing can or need be done."""

    advice: str = ""
    """The long way to it, for those who read."""

    camera: str = OWN_CAMERA
    """What the camera is called in the call program."""


class OutputSetUp(QObject):
    """Knows what this machine offers, and does one step towards it at the press of a button."""

    changed = Signal()
    """There is another state to show."""

    looked_for = Signal()
    """Something was done: the devices should be looked for again."""

    switched_on = Signal()
    """The user wants a virtual camera after all."""

    def __init__(self, background: Background, parent: QObject) -> None:
        """Know nothing yet.

        Args:
            background: Where services are started.
            parent: Its Qt parent.
        """
        super().__init__(parent)
        self._background = background
        self._choices: tuple[OutputChoice, ...] | None = None
        self._output = OutputSettings()
        self._refused: set[OutputRemedy] = set()
        self._news = ""
        self._is_busy = False

    def show_choices(self, choices: Sequence[OutputChoice]) -> None:
        """Take what the machine offers now."""
        self._choices = tuple(choices)
        if to_set_up(self._wanted()) is None:
            self._news = ""
        self.changed.emit()

    def show_output(self, output: OutputSettings) -> None:
        """Take what the user chose."""
        if output != self._output:
            self._output = output
            self.changed.emit()

    @property
    def state(self) -> OutputState:
        """How the virtual camera is doing."""
        if self._output.target == "none":
            on = Remedy("Switch it on", self.switched_on.emit)
            return OutputState(
                "The virtual camera is off: only you see the avatar.", remedies=(on,)
            )
        if self._output.target != "virtual":
            return OutputState("The pictures go into a file, not to a call.", is_ready=True)
        if self._choices is None:
            return OutputState("Looking for a virtual camera…")
        wanted = self._wanted()
        lacking = to_set_up(wanted)
        if lacking is not None:
            return self._lack(lacking)
        ready = [choice for choice in wanted if choice.ready]
        if not ready:
            return OutputState(
                "No virtual camera is known for this system: record a video instead."
            )
        words = f"The virtual camera “{ready[0].camera}” is ready."
        return OutputState(words, is_ready=True, advice=ready[0].hint, camera=ready[0].camera)

    def _wanted(self) -> list[OutputChoice]:
        """The kind that the user chose, or any; without those whose remedy was tried in vain."""
        choices = list(self._choices or ())
        chosen = [choice for choice in choices if choice.name == self._output.backend] or choices
        return [choice for choice in chosen if choice.remedy not in self._refused] or chosen

    def _lack(self, choice: OutputChoice) -> OutputState:
        if self._news:
            words = self._news
        elif choice.ready:
            words = "Browsers will not list the virtual camera as it is loaded now."
        else:
            words = "There is no virtual camera yet, so only you see the avatar."
        remedy = choice.remedy
        remedies = () if remedy is None else (Remedy(remedy.words, partial(self.do, remedy)),)
        return OutputState(words, choice.ready, remedies, choice.hint, choice.camera)

    def do(self, remedy: OutputRemedy) -> None:
        """Do what the button says."""
        match remedy.kind:
            case RemedyKind.COPY:
                QGuiApplication.clipboard().setText(remedy.value)
                self._tell(COPIED)
            case RemedyKind.OPEN:
                QDesktopServices.openUrl(QUrl(remedy.value))
                self._tell(OPENED)
            case RemedyKind.START:
                self._start(remedy)

    def _tell(self, news: str) -> None:
        """Say what was done where the button is, as long as no camera has come of it."""
        self._news = news
        self.changed.emit()

    def _start(self, remedy: OutputRemedy) -> None:
        if self._is_busy:
            return
        self._is_busy = True

        def finish(_: None) -> None:
            self._is_busy = False
            self.looked_for.emit()

        def give_up(error: Exception) -> None:
            self._is_busy = False
            self._refused.add(remedy)
            self._tell(str(error))

        self._background.run(start_service, finish, give_up, words="Starting PipeWire…")
