"""Where each notice of the session is shown: as a banner, beside its device, or in passing."""

from dataclasses import replace

from PySide6.QtCore import QObject, Qt, Signal

from avatarify.gui.dialogs.tracker_offer import TrackerOffer
from avatarify.gui.panels.device_panel import DevicePanel
from avatarify.gui.panels.guide import Guide
from avatarify.gui.panels.status_line import StatusLine
from avatarify.gui.pieces.banners import BannerStack, Remedy
from avatarify.session.keeping.tracker_file import tracker_is_missing
from avatarify.session.live.listener import Notice, Severity, Topic

MESSAGE_MS = 6000
"""How long something stays in the status bar that is told in passing."""


class NoticeBoard(QObject):
    """Shows notices, and offers the tracker's file with the one about the tracker."""

    tracker_came = Signal()
    """The tracker's file was installed from here."""

    points_wanted = Signal()
    """The user wants to set the points of the present avatar's face."""

    def __init__(
        self,
        banners: BannerStack,
        devices: DevicePanel,
        guide: Guide,
        status_line: StatusLine,
        offer: TrackerOffer,
    ) -> None:
        """Show notices in these.

        Args:
            banners: For warnings.
            devices: Says how camera and virtual camera are doing.
            guide: Makes the offer itself while it is open.
            status_line: For what is told in passing.
            offer: Gets the tracker's file.
        """
        super().__init__(banners)
        self._banners = banners
        self._devices = devices
        self._guide = guide
        self._status_line = status_line
        self._offer = offer
        self._wait = ""
        self._tracker_notice: Notice | None = None
        self._output_notice = Notice(Topic.OUTPUT, "")
        devices.set_up.changed.connect(self._show_set_up)
        guide.finished.connect(self._show_output)
        offer.progressed.connect(self.say)
        offer.failed.connect(self._show_failed_offer)
        offer.installed.connect(self._finish_offer)
        guide.finished.connect(self._show_kept_notice)

    def say(self, text: str) -> None:
        """Tell something in passing."""
        self._status_line.showMessage(text, MESSAGE_MS)

    def show_wait(self, words: str) -> None:
        """Say what is waited for, with the pointer too, or (empty) that nothing is."""
        window = self._status_line.window()
        if words:
            self._status_line.showMessage(words)
            window.setCursor(Qt.CursorShape.BusyCursor)
        else:
            if self._status_line.currentMessage() == self._wait:  # else something was told since
                self._status_line.clearMessage()
            window.unsetCursor()
        self._wait = words

    def show(self, notice: Notice) -> None:
        """Show a notice, or take its topic's away when its text is empty."""
        if notice.topic is Topic.TRACKER:
            if self._guide.isVisible() and notice.text:
                self._tracker_notice = notice  # the guide makes the offer
            else:
                self._show_tracker(notice)
            return
        if notice.topic is Topic.TURN:
            self._devices.camera_choice.show_turn(notice.text)
            notice = replace(notice, text=notice.text.partition(". ")[0])  # a line has little room
        elif notice.topic is Topic.CAMERA:
            self._devices.show_camera_state(notice.text, notice.severity)
        elif notice.topic is Topic.OUTPUT:
            self._take_output(notice)
            return
        is_quiet = notice.severity is Severity.INFORMATION
        self._banners.show_notice(replace(notice, text="") if is_quiet else notice)
        if is_quiet and notice.text and notice.topic is not Topic.CAMERA:
            self.say(notice.text)

    def show_face(self, text: str) -> None:
        """Say that no face is known in the avatar's picture, or (empty) no longer."""
        points = Remedy("Set the points…", self.points_wanted.emit)
        self._banners.show_notice(Notice(Topic.FACE, text), (points,))

    def offer_in_guide(self) -> None:
        """Let the guide of a new user offer the tracker's file, if it is missing."""
        if tracker_is_missing():
            self._guide.set_offer(self._offer.words, self._offer.remedies)

    def _take_output(self, notice: Notice) -> None:
        """Show how the virtual camera is doing; what this machine offers may have changed, too."""
        has_changed = bool(notice.text) is not bool(self._output_notice.text)
        self._output_notice = notice
        self._show_output()
        if has_changed:
            self._devices.refresh()

    def _show_output(self) -> None:
        """A camera that is not set up takes one sentence and a button; other trouble its words."""
        notice, state = self._output_notice, self._devices.set_up.state
        lacks = bool(notice.text) and not state.is_ready and bool(state.remedies)
        self._devices.show_output_state("" if lacks else notice.text, notice.severity)
        if lacks and self._guide.isVisible():
            self._banners.show_notice(replace(notice, text=""))  # its last step makes the offer
        elif lacks:
            self._banners.show_notice(replace(notice, text=state.words), state.remedies)
        else:
            self._banners.show_notice(notice)

    def _show_set_up(self) -> None:
        self._guide.show_output(self._devices.set_up.state)
        if self._output_notice.text:
            self._show_output()

    def _show_tracker(self, notice: Notice) -> None:
        self._tracker_notice = None
        if notice.text and tracker_is_missing():
            offered = replace(notice, text=self._offer.words)
            self._banners.show_notice(offered, self._offer.remedies)
        else:
            self._banners.show_notice(notice)

    def _show_kept_notice(self) -> None:
        if self._tracker_notice is not None:
            self._show_tracker(self._tracker_notice)

    def _show_failed_offer(self, text: str) -> None:
        if self._guide.isVisible():
            self._guide.set_offer(text, self._offer.remedies)
        else:
            self._banners.show_notice(Notice(Topic.TRACKER, text), self._offer.remedies)

    def _finish_offer(self) -> None:
        self._tracker_notice = None
        self._guide.set_offer("")
        self._banners.show_notice(Notice(Topic.TRACKER, ""))
        self.tracker_came.emit()
