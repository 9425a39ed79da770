"""The listener hears of each change once."""

import numpy as np

from avatarify.session.live.announcer import Announcer
from avatarify.session.live.listener import LiveListener, LiveState, Notice, OutputView, Topic
from avatarify.streaming.output_picture import Origin
from avatarify.streaming.statistics import StreamReport


class Notes(LiveListener):
    def __init__(self) -> None:
        self.states: list[LiveState] = []
        self.views: list[OutputView] = []
        self.notices: list[Notice] = []

    def state_changed(self, state: LiveState) -> None:
        self.states.append(state)

    def output_shown(self, view: OutputView) -> None:
        self.views.append(view)

    def noticed(self, notice: Notice) -> None:
        self.notices.append(notice)


def slow() -> StreamReport:
    """Four pictures a second from a camera that gives thirty."""
    return StreamReport(
        elapsed_s=10.0,
        frames_captured=0,
        frames_delivered=0,
        frames_repeated=0,
        frames_dropped=0,
        capture_fps=30.0,
        output_fps=4.0,
        latency=None,
        longest_gap_s=0.0,
        stages=(),
    )


def test_a_state_is_told_when_it_changes() -> None:
    notes = Notes()
    announcer = Announcer(notes, slow)
    for state in (LiveState.STOPPED, LiveState.LIVE, LiveState.LIVE, LiveState.HOLDING):
        announcer.tell_state(state)
    assert notes.states == [LiveState.LIVE, LiveState.HOLDING]


def test_a_repeated_picture_is_told_once() -> None:
    notes = Notes()
    announcer = Announcer(notes, slow)
    first, second = np.zeros((2, 2, 3), np.uint8), np.zeros((2, 2, 3), np.uint8)
    for image in (first, first, second):
        announcer.tell_picture(image, Origin.AVATAR, 0.05)
    assert [view.image is first for view in notes.views] == [True, False]


def test_slowness_counts_only_while_the_avatar_should_move() -> None:
    notes = Notes()
    announcer = Announcer(notes, slow)
    for second in range(1, 20):
        announcer.watch_speed(float(second))
    assert not notes.notices
    announcer.tell_state(LiveState.LIVE)
    for second in range(20, 40):
        announcer.watch_speed(float(second))
    assert [notice.topic for notice in notes.notices] == [Topic.SPEED]
