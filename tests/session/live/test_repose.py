"""A session rests while nobody watches, and is there at once for who does."""

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from avatarify.session.avatars.avatar import Avatar
from avatarify.session.keeping.settings import OutputSettings, Settings, WhenUnwatched
from avatarify.session.live import repose
from avatarify.session.live.listener import Audience, LiveState
from avatarify.session.live.repose import Repose

UNSEEN = {"goes_out": True, "is_read": False, "is_kept": False, "is_ready": True}


def rests(decision: Repose, seconds: float, **seen: Any) -> bool:
    """Whether it rests after these seconds without a change."""
    decision.update(0.0, **{**UNSEEN, "is_read": True})
    return decision.update(seconds, **{**UNSEEN, **seen}).is_resting


@pytest.mark.parametrize(
    ("seconds", "seen", "expected"),
    [
        (4.9, {}, False),
        (5.1, {}, True),
        (99.0, {"is_read": True}, False),
        (99.0, {"is_read": None}, False),  # no system tells: somebody may watch
        (99.0, {"is_kept": True}, False),
        (99.0, {"is_starting": True}, False),
        (30.0, {"is_ready": False}, False),
        (61.0, {"is_ready": False}, True),
        (99.0, {"goes_out": False}, False),  # `run --output none` measures
    ],
)
def test_who_watches_and_for_how_long_decides(
    seconds: float, seen: dict[str, Any], expected: bool
) -> None:
    assert rests(Repose(WhenUnwatched.REST), seconds, **seen) is expected


def test_a_visible_preview_watches() -> None:
    decision = Repose(WhenUnwatched.REST)
    decision.is_previewed = True
    assert not rests(decision, 99.0)
    decision.is_previewed = False
    assert rests(decision, 99.0)
    assert rests(decision, 99.0, goes_out=False)  # a hidden window, and nothing goes out
    assert not rests(decision, 99.0, is_read=None)


def test_who_does_not_want_it_gets_no_rest() -> None:
    decision = Repose(WhenUnwatched.GO_ON)
    assert not rests(decision, 99.0)
    assert decision.update(100.0, **UNSEEN) == Audience(False, is_resting=False)


@pytest.fixture
def watched(make_stage: Any, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A session whose virtual camera tells that it is read, and that rests soon if it is not."""
    monkeypatch.setattr(repose, "REST_AFTER_S", 0.3)
    stage = make_stage(settings)
    stage.sink.is_watched = True
    stage.session.set_avatar(Avatar("grey", stage.portrait))
    stage.session.calibrate()
    stage.session.start()
    stage.until_live()
    yield stage
    stage.session.stop()


def test_without_a_reader_nothing_is_tracked_and_animated(watched: Any) -> None:
    assert watched.diary.audiences[-1] == Audience(True, is_resting=False)
    watched.sink.is_watched = False
    watched.until_state(LiveState.RESTING)
    watched.until_still()
    assert watched.diary.audiences[-1] == Audience(False, is_resting=True)
    animated, seen = watched.engine.animated, watched.diary.camera_views
    written = len(watched.sink.frames)
    time.sleep(0.6)
    assert (watched.engine.animated, watched.diary.camera_views) == (animated, seen)
    assert 1 <= len(watched.sink.frames) - written <= 6  # of 36 at 60 fps


def test_a_reader_finds_motion_within_a_second(watched: Any) -> None:
    watched.sink.is_watched = False
    watched.until_still()
    watched.sink.is_watched = True
    began_s = time.monotonic()
    watched.until_delivered(1)
    assert time.monotonic() - began_s < 1.0
    watched.until_state(LiveState.LIVE)


def test_a_window_that_is_looked_at_keeps_it_going(watched: Any) -> None:
    watched.session.set_previewed(True)
    watched.sink.is_watched = False
    watched.until(lambda: watched.diary.audiences[-1] == Audience(False, is_resting=False))
    time.sleep(0.5)
    assert watched.session.state is LiveState.LIVE
    watched.session.set_previewed(False)
    watched.until_state(LiveState.RESTING)


def test_a_recording_keeps_it_going(watched: Any, tmp_path: Path) -> None:
    watched.session.start_recording(tmp_path / "mine.mp4")
    watched.sink.is_watched = False
    time.sleep(0.6)
    assert watched.session.state is LiveState.LIVE
    watched.session.stop_recording()
    watched.until_state(LiveState.RESTING)


def test_the_webcam_is_kept_unless_the_user_wants_otherwise(watched: Any) -> None:
    watched.sink.is_watched = False
    watched.until_state(LiveState.RESTING)
    time.sleep(0.3)
    assert not watched.camera.is_closed
    watched.session.set_unwatched(WhenUnwatched.RELEASE)
    watched.until(lambda: watched.camera.is_closed)
    time.sleep(0.2)
    assert watched.session.state is LiveState.RESTING
    watched.sink.is_watched = True
    watched.until_live()
    assert watched.camera.opened == 2
    assert not [notice for notice in watched.diary.notices if "silent" in notice.text]


def test_the_real_camera_is_not_sent_to_nobody(watched: Any, has_leak: Any) -> None:
    watched.session.set_pass_through(True)
    watched.until(lambda: has_leak(watched.sink.frames[-1].image))
    watched.sink.is_watched = False
    watched.until(watched.is_at_rest)
    time.sleep(0.3)
    assert watched.is_at_rest()


def test_an_output_that_is_a_file_is_watched(
    make_stage: Any, settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(repose, "REST_AFTER_S", 0.1)
    output = OutputSettings(target=str(tmp_path / "out.mp4"), width=128, height=96)
    stage = make_stage(replace(settings, output=output))
    stage.session.set_avatar(Avatar("grey", stage.portrait))
    stage.session.calibrate()
    stage.session.start()
    stage.until_state(LiveState.LIVE)
    time.sleep(0.4)
    assert stage.session.state is LiveState.LIVE
    stage.session.stop()
