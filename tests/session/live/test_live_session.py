"""What a session does when its buttons are pressed."""

import gc
import threading
import time
import weakref
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from avatarify.errors import CheckpointError, OutputError, TrackerError, VideoError
from avatarify.frames import Image
from avatarify.geometry.face_gains import FaceGains
from avatarify.session.avatars.avatar import Avatar
from avatarify.session.keeping.settings import (
    CameraSettings,
    EngineSettings,
    MotionControls,
    OutputSettings,
    Settings,
    ViewSettings,
)
from avatarify.session.live.listener import LiveState, Topic
from avatarify.session.live.sighting import Driving


def test_it_goes_live_and_tells_everyone(stage: Any) -> None:
    stage.until_live()
    diary = stage.diary
    stage.until(lambda: LiveState.LIVE in diary.states)
    assert diary.states.index(LiveState.STARTING) < diary.states.index(LiveState.LIVE)
    assert diary.engines[0].model == "shift"
    assert diary.camera_views > 0
    assert diary.output_views > 0
    report = stage.session.report()
    assert report.latency is not None
    names = [name for name, _ in report.stages if name != "look back"]
    assert names == ["track", "animate", "compose"]


def test_every_thread_has_a_name_and_ends(stage: Any) -> None:
    stage.until_live()
    names = {thread.name for thread in threading.enumerate()}
    ours = {f"avatarify-{name}" for name in ("capture", "track", "animate", "output")}
    assert ours <= names
    stage.session.stop()
    assert not ours & {thread.name for thread in threading.enumerate()}


def test_no_more_frames_are_tracked_than_are_painted(stage: Any) -> None:
    stage.engine.cost_s = 0.03
    stage.until_live()
    stage.until_delivered(10)  # how long one takes is known by now
    tracked, painted = stage.diary.camera_views, stage.engine.animated
    stage.until_delivered(30)  # of about a hundred that the camera gives meanwhile
    tracked, painted = stage.diary.camera_views - tracked, stage.engine.animated - painted
    assert tracked <= 1.3 * painted + 3


def test_a_slow_engine_hears_of_a_calibration_and_of_another_avatar(stage: Any) -> None:
    stage.engine.cost_s = 0.3
    stage.until_live()
    told = len(stage.diary.calibrations)
    stage.session.calibrate()
    stage.until(lambda: len(stage.diary.calibrations) > told)
    stage.session.set_avatar(Avatar("dark", stage.portrait // 2))
    stage.until_delivered(2)
    stage.until(lambda: 40 <= stage.sink.frames[-1].image.max() <= 72)


def test_stopping_twice_and_without_starting(
    stage: Any, make_stage: Any, settings: Settings
) -> None:
    stage.session.stop()
    stage.session.stop()
    assert stage.diary.stops == [None]
    make_stage(settings).session.stop()


def test_a_session_runs_once(stage: Any) -> None:
    with pytest.raises(ValueError, match="runs once"):
        stage.session.start()
    stage.session.stop()
    with pytest.raises(ValueError, match="runs once"):
        stage.session.start()


def test_the_still_avatar_is_shown_until_calibrated(make_stage: Any, settings: Settings) -> None:
    stage = make_stage(settings)
    stage.session.set_avatar(Avatar("grey", stage.portrait))
    stage.session.start()
    stage.until_state(LiveState.CALIBRATING)
    stage.until_still()
    assert stage.engine.animated == 0
    stage.session.calibrate()
    stage.until_live()
    stage.session.stop()


def test_absolute_motion_needs_no_calibration(make_stage: Any, settings: Settings) -> None:
    stage = make_stage(replace(settings, motion=MotionControls(is_relative=False)))
    stage.engine.calibrate(Driving(np.zeros((4, 4, 3), np.uint8)))
    stage.session.set_avatar(Avatar("grey", stage.portrait))
    stage.session.start()
    stage.until_live()
    stage.session.stop()


def test_auto_calibration_takes_a_frame_by_itself(make_stage: Any, settings: Settings) -> None:
    stage = make_stage(replace(settings, auto_calibration=True))
    stage.session.set_avatar(Avatar("grey", stage.portrait))
    stage.session.start()
    stage.until_live()
    assert any(status.is_searching for status in stage.diary.calibrations)
    assert any(status.score for status in stage.diary.calibrations)
    stage.until(lambda: stage.diary.calibrations[-1].is_calibrated)
    stage.session.stop()


def test_without_a_tracker_it_works_and_says_so(make_stage: Any, settings: Settings) -> None:
    stage = make_stage(replace(settings, auto_calibration=True))

    def refuse() -> Any:
        raise TrackerError("The face tracker's file is missing.")

    stage.open_finder = refuse
    stage.session.set_avatar(Avatar("grey", stage.portrait))
    stage.session.start()
    stage.until_live()
    notices = [notice for notice in stage.diary.notices if notice.topic is Topic.TRACKER]
    assert "fixed" in notices[0].text
    stage.open_finder = lambda: stage.finder  # the file has come
    stage.session.reload_tracker()
    stage.until(lambda: stage.diary.notices[-1].topic is Topic.TRACKER)
    assert stage.diary.notices[-1].text == ""
    stage.camera.colour = (254, 0, 255)
    stage.until_state(LiveState.WAITING_FOR_FACE)  # faces are looked for now
    assert not stage.sink.is_closed
    stage.session.stop()


def test_a_missing_model_leaves_the_avatar_still(make_stage: Any, settings: Settings) -> None:
    stage = make_stage(settings)

    def refuse(engine: EngineSettings) -> Any:
        raise CheckpointError("The model file is missing. Run `avatarify models pull compact`.")

    stage.load_engine = refuse
    stage.session.set_avatar(Avatar("grey", stage.portrait))
    stage.session.start()
    stage.until_state(LiveState.FAILED)
    stage.until_still()
    assert any("models pull" in notice.text for notice in stage.diary.notices)
    stage.session.stop()


def test_another_model_takes_over(stage: Any) -> None:
    stage.until_live()
    stage.session.set_engine(EngineSettings(device="cpu"))
    stage.until(lambda: len(stage.diary.engines) == 2)
    stage.until_live()
    assert stage.session.settings.engine.device == "cpu"


def test_undo_goes_back_and_forth(stage: Any) -> None:
    stage.until_live()
    first = stage.engine.reference.arrays[0][1][0]
    stage.camera.colour = (255, 30, 255)
    stage.until_delivered(5)
    stage.session.calibrate()
    stage.until(lambda: stage.engine.reference.arrays[0][1][0] != first)
    stage.session.undo_calibration()
    stage.until(lambda: stage.engine.reference.arrays[0][1][0] == first)


def test_the_reference_survives_a_restart_as_numbers(
    stage: Any, make_stage: Any, settings: Settings, tmp_path: Path
) -> None:
    stage.until_live()
    stage.session.set_motion(MotionControls(gain=0.5))
    stage.session.zoom(1.5)
    stage.session.stop()
    again = make_stage(settings)
    again.session.set_avatar(Avatar("grey", again.portrait))
    again.session.start()
    again.until_live()  # nobody pressed calibrate
    assert again.session.profile.gain == 0.5
    assert again.session.profile.framing.zoom == 1.5
    again.session.stop()
    files = list((tmp_path / "profiles").iterdir())
    assert [file.suffix for file in files] == [".json"]
    assert files[0].stat().st_size < 1000


def test_each_avatar_has_its_profile(stage: Any, portrait: Image) -> None:
    stage.until_live()
    motion = stage.session.settings.motion
    stage.session.set_motion(replace(motion, gain=0.25, gains=FaceGains(mouth=0.5)))
    stage.session.set_avatar(Avatar("other", portrait.transpose(1, 0, 2).copy()))
    stage.session.set_motion(replace(motion, gain=1.75, gains=FaceGains(gaze=2.0)))
    stage.session.set_view(replace(stage.session.settings.view, mirror=True))
    stage.session.set_avatar(Avatar("grey", portrait))
    assert stage.session.settings.motion.gain == 0.25
    assert stage.session.settings.motion.gains == FaceGains(mouth=0.5)
    assert not stage.session.settings.view.mirror
    stage.until(lambda: stage.engine.motion.gain == 0.25)
    stage.until_live()


def test_the_reference_of_the_driver_is_kept_for_a_new_avatar(stage: Any, portrait: Image) -> None:
    stage.until_live()
    stage.session.set_avatar(Avatar("other", portrait.transpose(1, 0, 2).copy()))
    stage.until_live()


def test_the_camera_can_be_changed_and_mirrored(stage: Any) -> None:
    stage.until_live()
    stage.session.set_camera(CameraSettings(name="1", mirror=True))
    stage.until(lambda: stage.camera.opened == 2)
    stage.until_live()
    assert stage.session._driver.is_mirrored


def test_a_camera_is_turned_without_opening_it_again(stage: Any) -> None:
    stage.until_live()
    stage.session.set_camera(replace(stage.session.settings.camera, rotation=90))
    stage.until(lambda: stage.diary.camera_sizes[-1] == (160, 120))
    stage.session.set_camera(replace(stage.session.settings.camera, mirror=True))
    stage.until(lambda: stage.session._driver.is_mirrored)
    assert stage.camera.opened == 1
    assert stage.diary.cameras == ["magenta camera"]


def test_a_camera_that_delivers_is_not_silent_while_the_tracker_loads(
    make_stage: Any, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("avatarify.session.live.camera_watch.STALL_S", 0.2)
    stage = make_stage(settings)

    def load_slowly() -> Any:
        time.sleep(1.0)
        return stage.finder

    stage.open_finder = load_slowly
    stage.session.set_avatar(Avatar("grey", stage.portrait))
    stage.session.calibrate()
    stage.session.start()
    stage.until_live()
    stage.session.stop()
    assert not [notice for notice in stage.diary.notices if "silent" in notice.text]


def test_a_stalled_camera_does_not_keep_another_one_waiting_for_ever(stage: Any) -> None:
    stage.until_live()
    stage.camera.is_stalled = True
    stage.session.set_camera(CameraSettings(name="2"))
    stage.camera.is_stalled = False
    stage.until_live()


def test_the_output_size_changes_only_with_the_output(stage: Any) -> None:
    stage.until_live()
    stage.session.set_output(OutputSettings(width=64, height=64, fps=60))
    stage.until(lambda: stage.sink.frames[-1].image.shape == (64, 64, 3))
    shapes = [frame.image.shape for frame in stage.sink.frames]
    assert sorted(shapes, reverse=True) == shapes  # first all of one size, then all of the other


def test_without_an_output_the_preview_lives(stage: Any) -> None:
    stage.until_live()
    stage.session.set_output(OutputSettings(target="none", width=128, height=96, fps=60))
    stage.until(lambda: stage.sink.is_closed)
    stage.until_delivered(5)
    snapshot = stage.session.snapshot()
    assert snapshot is not None
    assert snapshot.shape == (96, 128, 3)


def test_a_recording_is_what_the_output_shows(stage: Any, tmp_path: Path) -> None:
    stage.until_live()
    stage.session.start_recording(tmp_path / "clip.mp4")
    assert stage.session.is_recording
    stage.until(lambda: len(stage.recording.frames) >= 5)
    stage.session.stop_recording()
    stage.until(lambda: stage.diary.recordings == [(str(tmp_path / "clip.mp4"), None)])
    assert stage.recording.is_closed
    assert not stage.session.is_recording
    assert {frame.image.shape for frame in stage.recording.frames} == {(96, 128, 3)}


def test_a_file_as_output_ends_with_the_clip(make_stage: Any, settings: Settings) -> None:
    output = replace(settings.output, target="clip.mp4")
    stage = make_stage(replace(settings, output=output))
    stage.session.set_avatar(Avatar("grey", stage.portrait))
    stage.session.calibrate()
    stage.session.start()
    stage.until_live()
    stage.camera.is_over = True
    assert stage.session.wait(30)
    stage.session.stop()
    assert stage.sink.frames == []  # the virtual camera was never opened
    assert stage.recording.is_closed
    assert len(stage.recording.frames) > 5


def test_a_full_disk_under_the_output_file(make_stage: Any, settings: Settings) -> None:
    stage = make_stage(replace(settings, output=replace(settings.output, target="clip.mp4")))

    def write(frame: Any) -> None:
        raise OutputError("The disk is full. Free some space.")

    stage.recording.write = write
    stage.session.set_avatar(Avatar("grey", stage.portrait))
    stage.session.start()
    with pytest.raises(OutputError, match="disk is full"):
        stage.session.wait(30)
    stage.session.stop()


def test_a_broken_video_ends_the_session(make_stage: Any, settings: Settings) -> None:
    stage = make_stage(replace(settings, camera=CameraSettings(name="/none/clip.mp4")))
    stage.camera.error = VideoError("The video holds no frames.")
    stage.session.start()
    with pytest.raises(VideoError, match="no frames"):
        stage.session.wait(30)
    assert stage.session.state is LiveState.CAMERA_FAILED
    stage.session.stop()


def test_a_video_that_ends_ends_the_session(stage: Any) -> None:
    stage.until_live()
    stage.camera.is_over = True
    assert stage.session.wait(30)
    assert stage.session.state is LiveState.ENDED
    stage.camera.is_over = False
    stage.session.set_camera(CameraSettings(name="0"))
    stage.until_live()


def test_the_test_pattern_goes_out_and_moves(stage: Any) -> None:
    stage.until_live()
    stage.session.set_test_pattern(True)
    first = len(stage.sink.frames)
    stage.until_written(40)
    bars = stage.sink.frames[-1].image[20]
    assert len(np.unique(bars, axis=0)) >= 7
    assert len({frame.image.tobytes() for frame in stage.sink.frames[first + 30 :]}) > 1
    stage.session.set_test_pattern(False)
    stage.until_live()


def test_xray_while_it_is_on(stage: Any) -> None:
    stage.until_live()
    stage.session.set_xray(True)
    stage.until(lambda: stage.diary.xrays)
    stage.session.set_xray(False)


def test_framing_by_hand_stays_within_limits(stage: Any) -> None:
    for _ in range(50):
        stage.session.zoom(1.2)
        stage.session.pan(0.1, -0.1)
    framing = stage.session.profile.framing
    assert (framing.zoom, framing.offset_x, framing.offset_y) == (3.0, 0.5, -0.5)
    stage.session.reset_framing()
    assert stage.session.profile.framing.zoom == 1.0


def test_a_hundred_avatar_switches(
    stage: Any, portrait: Image, has_leak: Callable[[Image], bool]
) -> None:
    stage.until_live()
    for number in range(100):
        stage.session.set_avatar(Avatar("other", np.roll(portrait, number % 7, axis=1)))
        stage.until_written(1)
    stage.until_live()
    assert stage.session.report().longest_gap_s < 1.0
    assert not any(has_leak(frame.image) for frame in stage.sink.frames)


def test_an_avatar_that_cannot_be_encoded_rests(stage: Any, portrait: Image) -> None:
    stage.until_live()
    other = np.roll(portrait, 3, axis=1)
    encode = stage.engine.set_avatar

    def refuse(image: Image) -> None:
        raise RuntimeError("out of memory")

    stage.engine.set_avatar = refuse
    stage.session.set_avatar(Avatar("heavy", other))
    stage.portrait = other
    stage.until_state(LiveState.FAILED)
    stage.until_still()
    stage.engine.set_avatar = encode
    stage.session.set_avatar(Avatar("grey", portrait))
    stage.until_live()


def test_a_defect_in_a_worker_is_raised_in_wait(stage: Any) -> None:
    stage.until_live()

    def break_down(view: Any) -> None:
        raise ZeroDivisionError("a bug in a listener")

    stage.diary.camera_seen = break_down
    stage.until_still()
    with pytest.raises(ZeroDivisionError):
        stage.session.wait(1)
    stage.session.stop()
    assert isinstance(stage.diary.stops[0], ZeroDivisionError)


def test_a_picture_without_colours_is_no_avatar() -> None:
    with pytest.raises(ValueError, match="RGB"):
        Avatar("grey", np.zeros((4, 8), np.uint8))


def test_the_badge_is_drawn_on_avatars(stage: Any) -> None:
    stage.until_live()
    stage.session.set_view(ViewSettings(badge=True, fit=stage.session.settings.view.fit))
    corner = (slice(70, 96), slice(0, 16))  # the left bar is black without a badge
    stage.until(lambda: stage.sink.frames[-1].image[corner].max() > 0)


def test_an_avatar_that_keeps_its_room_keeps_its_sides(make_stage: Any, settings: Settings) -> None:
    """No person is known in the grey picture, so green would only frame its room."""
    view = replace(settings.view, background="green")
    stage = make_stage(replace(settings, view=view))
    stage.session.set_avatar(Avatar("grey", stage.portrait))
    stage.session.start()
    stage.until_written(3)
    stage.until(lambda: np.all(stage.sink.frames[-1].image[:, :8] == 0))
    stage.session.stop()


def test_a_stopped_session_leaves_nothing_behind(
    make_stage: Callable[[Settings], Any], settings: Settings
) -> None:
    gc.collect()
    gc.freeze()  # as the first session of a program does, with the libraries that it loaded
    try:
        stage = make_stage(settings)
        stage.session.set_avatar(Avatar("grey", np.full((64, 64, 3), 90, np.uint8)))
        stage.session.calibrate()
        stage.session.start()
        stage.until_live()
        stage.session.stop()
        session = weakref.ref(stage.session)
        del stage
        gc.collect()
        assert session() is None
    finally:
        gc.unfreeze()
