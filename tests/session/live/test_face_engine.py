"""The face engine behind a session, on a built-in avatar."""

from typing import Any

import numpy as np
import pytest
import torch

from avatarify.animation.face.person_painter import PersonPainters
from avatarify.frames import Image
from avatarify.geometry.face_gains import FaceGains
from avatarify.session.avatars.avatar import Avatar
from avatarify.session.avatars.portrait_file import read_portrait
from avatarify.session.avatars.profiles import DrivingReference
from avatarify.session.keeping.settings import MotionControls
from avatarify.session.live.face_engine import NO_FACE, NO_TRACKER, FaceEngine
from avatarify.session.live.sighting import Driving
from tests.drivers import AVATARS, landmarks_of, small_portrait, turned

SQUARE = np.zeros((256, 256, 3), np.uint8)


@pytest.fixture(scope="module")
def maya() -> Avatar:
    image, layers = small_portrait("maya")  # the room is known, as for users
    return Avatar("maya", image, layers.landmarks, layers.matte, layers.room)


@pytest.fixture
def engine(maya: Avatar, make_engine: Any) -> FaceEngine:
    engine = FaceEngine(make_engine)
    engine.set_motion(MotionControls(smoothing=0.0))
    engine.set_avatar(maya)
    return engine


def psnr_db(first: Image, second: Image) -> float:
    difference = first.astype(float) - second
    return float(10 * np.log10(255**2 / max((difference**2).mean(), 1e-9)))


def driver(yaw: float = 0.0, jaw: float = 0.0) -> Driving:
    return Driving(SQUARE, turned(landmarks_of("omar"), yaw, jaw))


def test_the_reference_pose_leaves_the_avatar_as_it_is(engine: FaceEngine, maya: Avatar) -> None:
    engine.calibrate(driver())
    assert psnr_db(engine.animate(driver(), 0.0, 1.0), maya.image) >= 45.0


def test_the_report_says_why_a_device_does_not_paint(maya: Avatar, make_engine: Any) -> None:
    engine = FaceEngine(make_engine, painters=PersonPainters(torch.device("meta")))
    assert engine.report.device == "meta"
    engine.set_avatar(maya)
    assert engine.report.device == "cpu"
    assert "instead of meta" in engine.report.note
    engine.calibrate(driver())
    assert psnr_db(engine.animate(driver(), 0.0, 1.0), maya.image) >= 45.0


def test_a_device_paints_the_avatar_with_eyes_and_mouth(make_engine: Any) -> None:
    maya = read_portrait(AVATARS / "maya.png")  # of the size that users see
    painters = PersonPainters(torch.device("cpu"), must_be_faster=False)
    pictures = []
    for each in (FaceEngine(make_engine), FaceEngine(make_engine, painters=painters)):
        each.set_motion(MotionControls(smoothing=0.0))
        each.set_avatar(maya)
        each.calibrate(driver())
        pictures.append(each.animate(driver(0.4, 0.05), 0.1, 1.0))
    assert painters.note == ""
    assert psnr_db(*pictures) >= 45.0


def test_a_turn_moves_the_face_and_not_the_room(engine: FaceEngine, maya: Avatar) -> None:
    engine.calibrate(driver())
    moved = engine.animate(driver(0.3, 0.05), 0.1, 1.0)
    changed = np.abs(moved.astype(int) - maya.image).max(axis=2) > 12
    assert maya.landmarks is not None
    nose = np.round(maya.landmarks[4, :2]).astype(int)
    assert changed[nose[1] - 30 : nose[1] + 30, nose[0] - 30 : nose[0] + 30].mean() > 0.2
    assert not changed[:, :60].any()
    assert not changed[:, -60:].any()


def test_without_strength_the_avatar_is_still(engine: FaceEngine, maya: Avatar) -> None:
    engine.calibrate(driver())
    still = engine.animate(driver(0.4, 0.1), 0.0, 0.0)
    assert psnr_db(still, maya.image) >= 45.0


def test_gains_of_nothing_leave_the_avatar_still(engine: FaceEngine, maya: Avatar) -> None:
    engine.set_motion(MotionControls(smoothing=0.0, gains=FaceGains(0, 0, 0, 0, 0, 0)))
    engine.calibrate(driver())
    still = engine.animate(driver(0.4, 0.1), 0.0, 1.0)
    assert psnr_db(still, maya.image) >= 45.0


def test_a_reference_comes_back_as_numbers(
    engine: FaceEngine, make_engine: Any, maya: Avatar
) -> None:
    engine.calibrate(driver(0.1))
    reference = engine.reference
    assert reference is not None
    again = FaceEngine(make_engine)
    again.set_motion(MotionControls(smoothing=0.0))
    again.set_avatar(maya)
    again.use_reference(reference)
    again.animate(driver(0.1), 0.0, 1.0)  # the driver sits where he sat
    np.testing.assert_array_equal(
        again.animate(driver(0.3), 0.0, 1.0), engine.animate(driver(0.3), 0.0, 1.0)
    )


@pytest.mark.parametrize(
    "arrays",
    [
        (("value", np.zeros((10, 2), np.float32)),),
        (("landmarks", np.zeros((10, 3), np.float32)),),
        (("landmarks", np.full((478, 3), np.nan, np.float32)),),
    ],
)
def test_a_foreign_reference_is_refused(engine: FaceEngine, arrays: Any) -> None:
    with pytest.raises(ValueError, match="landmarks"):
        engine.use_reference(DrivingReference("face", arrays))


def test_a_reference_of_another_day_is_placed_where_the_driver_is_now(
    engine: FaceEngine, maya: Avatar
) -> None:
    """The camera has other pixels today, and the driver sits elsewhere: that is no motion."""
    engine.use_reference(DrivingReference("face", (("landmarks", landmarks_of("omar")),)))
    today = Driving(SQUARE, landmarks_of("omar") * np.float32(1.7) + np.float32(40.0))
    assert psnr_db(engine.animate(today, 0.0, 1.0), maya.image) >= 45.0


def test_absolute_motion_takes_the_drivers_pose_without_calibration(
    engine: FaceEngine, maya: Avatar
) -> None:
    engine.set_motion(MotionControls(smoothing=0.0, is_relative=False))
    ahead = engine.animate(driver(), 0.0, 1.0)
    aside = engine.animate(driver(0.4), 0.1, 1.0)
    assert psnr_db(aside, ahead) < psnr_db(ahead, maya.image)


def test_a_face_that_was_not_tracked_moves_nothing(engine: FaceEngine) -> None:
    engine.calibrate(driver())
    with pytest.raises(ValueError, match="not tracked"):
        engine.animate(Driving(SQUARE), 0.0, 1.0)


def test_a_picture_without_a_face_is_moved_by_the_substitute(
    engine: FaceEngine, make_engine: Any
) -> None:
    picture = np.random.default_rng(0).integers(0, 255, (40, 60, 3), np.uint8)
    assert engine.wants_landmarks
    engine.set_avatar(Avatar("wall", picture))
    assert not engine.wants_landmarks
    assert engine.report.note == NO_FACE
    assert engine.report.lacks_face
    engine.calibrate(Driving(SQUARE))
    assert engine.animate(Driving(SQUARE), 0.0, 1.0).shape == (40, 40, 3)


def test_without_a_tracker_nobody_says_that_there_is_no_face(make_engine: Any) -> None:
    engine = FaceEngine(make_engine, lambda: False)
    engine.set_avatar(Avatar("wall", np.zeros((40, 60, 3), np.uint8)))
    assert engine.report.note == NO_TRACKER
    assert not engine.report.lacks_face


def test_the_substitute_goes_when_a_face_comes(engine: FaceEngine, maya: Avatar) -> None:
    engine.set_avatar(Avatar("wall", np.zeros((40, 60, 3), np.uint8)))
    engine.set_avatar(maya)
    assert engine.wants_landmarks
    assert engine.report.model == "face"


def test_the_xray_shows_landmarks_masks_flow_and_layers(engine: FaceEngine) -> None:
    engine.calibrate(driver())
    view = engine.xray(driver(0.3))
    assert view is not None
    titles = [title.partition(":")[0] for title, _ in view.panels]
    assert titles[:2] == ["Your keypoints", "Avatar keypoints"]
    assert {"Masks", "Dense flow", "Person layer", "Matte layer", "Result"} <= set(titles)
    assert len(set(titles)) == len(titles)  # what is left of them where there is little room
    assert all(picture.shape == (256, 256, 3) and picture.any() for _, picture in view.panels)
