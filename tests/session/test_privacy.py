"""Privacy, absolute: whatever breaks, nothing of the camera reaches the virtual camera.

Each test runs a whole session on a magenta camera, breaks one thing, and looks at every single
frame that was written from the first to the last.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from avatarify.errors import OutputError
from avatarify.frames import Image
from avatarify.session.listener import LiveState, Topic
from avatarify.session.avatar import Avatar
from avatarify.session.settings import FitMode, ViewSettings

FACELESS = (254, 0, 255)
LONGEST_GAP_S = 1.0


@pytest.fixture
def live(stage: Any, has_leak: Callable[[Image], bool]) -> Iterator[Any]:
    """A session that is live; after the test every frame is looked at."""
    stage.until_live()
    yield stage
    stage.camera.is_stalled = False
    stage.session.stop()
    assert len(stage.sink.frames) > 10
    assert not any(has_leak(frame.image) for frame in stage.sink.frames)
    assert {frame.image.shape for frame in stage.sink.frames} == {(96, 128, 3)}
    assert stage.session.report().longest_gap_s < LONGEST_GAP_S


def test_the_looking_glass_works(has_leak: Callable[[Image], bool]) -> None:
    grey = np.full((4, 4, 3), 60, np.uint8)
    camera = np.full((4, 4, 3), (255, 0, 255), np.uint8)
    assert not has_leak(grey)
    assert has_leak(camera)
    assert has_leak((0.95 * grey + 0.05 * camera).astype(np.uint8))


def test_normal_operation(live: Any) -> None:
    live.until_delivered(20)


def test_camera_read_raises_and_the_camera_comes_back(live: Any, unplugged: Exception) -> None:
    live.camera.error = unplugged
    live.until_state(LiveState.WAITING_FOR_CAMERA)
    live.until_still()
    assert any(notice.topic is Topic.CAMERA and notice.text for notice in live.diary.notices)
    live.camera.error = RuntimeError("cv2 says no")  # libraries raise anything
    live.until_written(30)
    live.camera.error = None
    live.until_live()
    assert live.camera.opened == 2
    assert [n.text for n in live.diary.notices if n.topic is Topic.CAMERA][-1] == ""


def test_camera_stalls(live: Any) -> None:
    live.camera.is_stalled = True
    live.until_state(LiveState.WAITING_FOR_CAMERA)
    live.until_still()
    live.camera.is_stalled = False
    live.until_live()


def test_face_lost_and_found(live: Any) -> None:
    live.camera.colour = FACELESS
    live.until_state(LiveState.WAITING_FOR_FACE)
    live.until_still()
    assert live.engine.strengths[-1] < 0.3  # it relaxed, not froze
    live.camera.colour = (255, 0, 255)
    live.until_live()


def test_tracker_breaks(live: Any) -> None:
    live.finder.error = RuntimeError("the graph stopped")
    live.until(lambda: any(n.topic is Topic.TRACKER for n in live.diary.notices))
    live.until_delivered(10)  # goes on with a fixed crop


def test_animator_raises(live: Any) -> None:
    live.engine.error = ValueError("NaN")
    live.until_state(LiveState.FAILED)
    live.until_still()
    live.engine.error = None
    live.until_live()
    assert [n.text for n in live.diary.notices if n.topic is Topic.MODEL][-1] == ""


def test_animator_gives_the_camera_back(live: Any) -> None:
    live.engine.returns_camera = True
    live.until_state(LiveState.FAILED)
    live.until_still()


def test_animator_is_overloaded(live: Any) -> None:
    live.engine.cost_s = 0.1  # ten periods of the camera
    live.until_delivered(5)
    report = live.session.report()
    assert report.frames_dropped > 5
    live.engine.cost_s = 2.0
    live.until_still()
    live.engine.cost_s = 0.0


def test_avatar_switches_while_frames_are_under_way(live: Any, portrait: Image) -> None:
    for number in range(10):
        live.session.set_avatar(Avatar("other", np.roll(portrait, number, axis=1)))
        live.until_written(2)
    live.until_live()


def test_the_virtual_camera_fails_and_returns(live: Any) -> None:
    live.sink.refuses = True
    live.until(lambda: any(n.topic is Topic.OUTPUT and n.text for n in live.diary.notices))
    live.sink.refuses = False
    live.until_written(10)
    assert [n.text for n in live.diary.notices if n.topic is Topic.OUTPUT][-1] == ""


def test_the_disk_is_full_while_recording(live: Any, tmp_path: Path) -> None:
    def write(frame: Any) -> None:
        raise OutputError("The disk is full. Free some space.")

    live.recording.write = write
    live.session.start_recording(tmp_path / "clip.mp4")
    live.until(lambda: live.diary.recordings)
    assert isinstance(live.diary.recordings[0][1], OutputError)
    live.until_delivered(5)


def test_view_changes(live: Any) -> None:
    for fit in FitMode:
        live.session.set_view(ViewSettings(fit=fit, mirror=True, badge=True))
        live.until_delivered(3)


def test_hold_shows_the_still_avatar(live: Any) -> None:
    live.session.set_hold(True)
    live.until_state(LiveState.HOLDING)
    live.until_still()
    live.session.set_hold(False)
    live.until_live()


def test_stopping_ends_on_the_still_avatar(live: Any) -> None:
    live.session.stop()
    assert live.is_at_rest()
    assert live.sink.is_closed
    assert live.engine.is_closed
    assert live.finder.is_closed
    assert live.diary.stops == [None]


def test_pass_through_shows_the_camera_only_while_permitted(
    stage: Any, has_leak: Callable[[Image], bool]
) -> None:
    stage.until_live()
    before = len(stage.sink.frames)
    stage.session.set_pass_through(True)
    assert stage.session.is_passing_through
    stage.until(lambda: has_leak(stage.sink.frames[-1].image), "the camera is not shown")
    stage.until_state(LiveState.PASS_THROUGH)
    stage.session.set_pass_through(False)
    stage.until_written(1)  # one write may have been under way
    after = len(stage.sink.frames)
    stage.until_live()
    stage.session.stop()
    assert not any(has_leak(frame.image) for frame in stage.sink.frames[:before])
    assert not any(has_leak(frame.image) for frame in stage.sink.frames[after:])


@pytest.mark.parametrize(
    "ask",
    [
        lambda session, portrait: session.set_hold(True),
        lambda session, portrait: session.set_avatar(Avatar("next", portrait[::-1].copy())),
    ],
    ids=["hold", "avatar"],
)
def test_asking_for_anything_else_covers_the_camera(
    stage: Any, has_leak: Callable[[Image], bool], portrait: Image, ask: Callable[..., None]
) -> None:
    stage.until_live()
    stage.session.set_pass_through(True)
    stage.until(lambda: has_leak(stage.sink.frames[-1].image), "the camera is not shown")
    ask(stage.session, portrait)
    assert not stage.session.is_passing_through
    stage.until_written(1)  # one write may have been under way
    after = len(stage.sink.frames)
    stage.until_written(15)
    stage.session.stop()
    assert not any(has_leak(frame.image) for frame in stage.sink.frames[after:])


def test_the_test_pattern_covers_the_camera(stage: Any) -> None:
    stage.until_live()
    stage.session.set_pass_through(True)
    stage.session.set_test_pattern(True)
    assert not stage.session.is_passing_through


def test_pass_through_ends_with_the_session(stage: Any, has_leak: Callable[[Image], bool]) -> None:
    stage.until_live()
    stage.session.set_pass_through(True)
    stage.until(lambda: has_leak(stage.sink.frames[-1].image), "the camera is not shown")
    stage.session.stop()
    assert not has_leak(stage.sink.frames[-1].image)
    assert not stage.session.is_passing_through


def test_before_an_avatar_there_is_a_card(
    make_stage: Callable[[Any], Any], settings: Any, has_leak: Callable[[Image], bool]
) -> None:
    stage = make_stage(settings)
    stage.session.start()
    stage.until_written(20)
    stage.session.stop()
    assert not any(has_leak(frame.image) for frame in stage.sink.frames)
    assert stage.engine.animated == 0
