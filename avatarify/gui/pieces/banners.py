"""Warnings in words: one banner per topic, the newest on top, each can be put away."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from avatarify.gui.pieces.widgets import label, set_role
from avatarify.session.live.listener import Notice, Severity, Topic

_MARKS = {Severity.INFORMATION: "i", Severity.WARNING: "!", Severity.ERROR: "✕"}
MOST_SHOWN = 3
"""Banners at a time; the others wait until these are put away."""


@dataclass(frozen=True, slots=True)
class Remedy:
    """Something a button can do about a notice."""

    words: str
    do: Callable[[], None]

    def button(self) -> QPushButton:
        """A button that does it."""
        made = QPushButton(self.words)
        made.clicked.connect(lambda: self.do())  # noqa: PLW0108 - without Qt's argument
        return made


def fill_with_buttons(line: QHBoxLayout, remedies: Sequence[Remedy]) -> None:
    """Replace what a line holds by the buttons of some remedies, from the left."""
    while (item := line.takeAt(0)) is not None:
        if (widget := item.widget()) is not None:
            widget.hide()
            widget.deleteLater()
    for remedy in remedies:
        line.addWidget(remedy.button())
    line.addStretch(1)


class Banner(QFrame):
    """One warning."""

    dismissed = Signal()

    def __init__(self, notice: Notice, remedies: Sequence[Remedy] = ()) -> None:
        """Show a notice.

        Args:
            notice: What to say.
            remedies: What buttons offer to do about it.
        """
        super().__init__()
        self.notice = notice
        self.setProperty("role", "banner")
        self.setAccessibleName(f"{notice.severity.value}: {notice.text}")
        self._mark = label(_MARKS[notice.severity], "section")
        self._text = label(notice.text, wraps=True)
        self._text.setMinimumHeight(self._text.fontMetrics().height())
        close = QToolButton()
        close.setText("✕")
        close.setProperty("role", "quiet")
        close.setToolTip("Put this message away")
        close.setAccessibleName(f"Put away: {notice.text}")
        close.clicked.connect(self.dismissed)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(11, 5, 6, 5)
        layout.setSpacing(9)
        layout.addWidget(self._mark)
        layout.addWidget(self._text, stretch=1)
        for remedy in remedies:
            layout.addWidget(remedy.button())
        layout.addWidget(close)
        set_role(self, notice.severity.value, "severity")
        role = {Severity.WARNING: "warning", Severity.ERROR: "danger"}.get(notice.severity, "dim")
        set_role(self._mark, role)


class BannerStack(QWidget):
    """Shows what the session notices."""

    def __init__(self) -> None:
        super().__init__()
        self._banners: dict[Topic, Banner] = {}
        self._put_away: dict[Topic, str] = {}
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(5)
        self.setVisible(False)

    @property
    def texts(self) -> tuple[str, ...]:
        """What is shown or waits to be shown, the worst first."""
        return tuple(banner.notice.text for banner in self._ordered())

    def show_notice(self, notice: Notice, remedies: Sequence[Remedy] = ()) -> None:
        """Show a notice in place of the older one of its topic.

        A notice that the user put away stays away until it says something else.

        Args:
            notice: What to say; an empty text takes the topic's banner away.
            remedies: What buttons offer to do about it.
        """
        shown = self._banners.get(notice.topic)
        if shown is not None and shown.notice == notice:
            return
        self._take_away(notice.topic)
        if not notice.text:
            self._put_away.pop(notice.topic, None)
        elif self._put_away.get(notice.topic) != notice.text:
            self._put_away.pop(notice.topic, None)
            banner = Banner(notice, remedies)
            banner.dismissed.connect(lambda: self.dismiss(notice.topic))
            self._banners[notice.topic] = banner
        self._arrange()

    def dismiss(self, topic: Topic) -> None:
        """Put a topic's notice away."""
        banner = self._banners.get(topic)
        if banner is not None:
            self._put_away[topic] = banner.notice.text
            self._take_away(topic)
            self._arrange()

    def clear(self) -> None:
        """Put everything away and forget that it was shown."""
        for topic in tuple(self._banners):
            self._take_away(topic)
        self._put_away.clear()
        self._arrange()

    def _take_away(self, topic: Topic) -> None:
        banner = self._banners.pop(topic, None)
        if banner is not None:
            self._layout.removeWidget(banner)
            banner.hide()
            banner.deleteLater()

    def _ordered(self) -> list[Banner]:
        rank = list(reversed(Severity))
        return sorted(self._banners.values(), key=lambda banner: rank.index(banner.notice.severity))

    def _arrange(self) -> None:
        ordered = self._ordered()
        for position, banner in enumerate(ordered):
            self._layout.insertWidget(position, banner)
            banner.setVisible(position < MOST_SHOWN)
        self.setVisible(bool(ordered))
