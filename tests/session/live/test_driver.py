"""When the tracker looks at a frame, and when what it saw last serves."""

from collections.abc import Callable
from dataclasses import replace

import cv2
import numpy as np
import pytest

from avatarify.errors import TrackerError
from avatarify.frames import Frame, Image
from avatarify.session.live.driver import LOOK_EVERY_S, Driver
from avatarify.session.live.listener import CameraView, LiveListener, Notice, Topic
from avatarify.tracking.face import Face


class _Finder:
    """Sees the face that it is told to."""

    def __init__(self, face: Face) -> None:
        self.faces: tuple[Face, ...] = (face,)
        self.looks: list[float] = []

    name = "made for tests"

    def find_all(self, image: Image, time_s: float = 0.0) -> tuple[Face, ...]:
        self.looks.append(time_s)
        return self.faces

    def prefer(self, face: Face) -> None:
        pass

    def close(self) -> None:
        pass


@pytest.fixture
def finder(find_face: Callable[[Image], Face]) -> _Finder:
    picture = np.zeros((480, 640, 3), np.uint8)
    picture[140:340, 220:420] = 255
    return _Finder(find_face(picture))


def _driver(finder: _Finder | Callable[[], _Finder], is_calibrated: bool = True) -> Driver:
    driver = Driver(
        (lambda: finder) if isinstance(finder, _Finder) else finder,
        LiveListener(),
        show_camera=lambda picture: None,
        generation=lambda: 0,
        is_calibrated=lambda: is_calibrated,
        tell_calibration=lambda status: None,
    )
    driver.between()
    return driver


def _play(driver: Driver, fps: float, seconds: float, begin_s: float = 0.0) -> None:
    for index in range(round(fps * seconds)):
        frame = Frame(np.zeros((480, 640, 3), np.uint8), begin_s + index / fps, index)
        assert driver.work(frame) is not None
        driver.look_back()


@pytest.mark.parametrize(("fps", "every"), [(15.0, 1), (30.0, 2), (60.0, 3)])
def test_while_all_is_at_rest_the_tracker_looks_now_and_then(
    finder: _Finder, fps: float, every: int
) -> None:
    _play(_driver(finder), fps, 1.0)
    assert len(finder.looks) == pytest.approx(fps / every, abs=1)
    assert np.diff(finder.looks).min() >= min(LOOK_EVERY_S, 1.0 / fps) - 1e-9


def test_every_frame_is_looked_at_until_calibrated_and_while_a_frame_is_wanted(
    finder: _Finder,
) -> None:
    _play(_driver(finder, is_calibrated=False), 30.0, 1.0)
    assert len(finder.looks) == 30
    finder.looks.clear()
    driver = _driver(finder)
    driver.search.begin()
    _play(driver, 30.0, 0.3)
    assert len(finder.looks) == 9


def test_every_frame_is_looked_at_without_a_face(finder: _Finder) -> None:
    finder.faces = ()
    _play(_driver(finder), 30.0, 1.0)
    assert len(finder.looks) == 30


def test_at_rest_nobody_waits_for_the_tracker(finder: _Finder) -> None:
    driver = _driver(finder)
    _play(driver, 30.0, 1.0)
    finder.looks.clear()
    assert driver.work(Frame(np.zeros((480, 640, 3), np.uint8), 1.1, 33)) is not None
    assert finder.looks == []
    assert driver.owes_a_look
    driver.look_back()
    assert finder.looks == [1.1]
    assert not driver.owes_a_look


def test_a_lost_face_is_noticed_at_the_next_look(finder: _Finder) -> None:
    driver = _driver(finder)
    _play(driver, 30.0, 1.0)
    assert driver.has_face
    finder.faces = ()
    _play(driver, 30.0, 2.5 / 30.0, begin_s=1.0)
    assert not driver.has_face


def test_a_picture_is_turned_and_then_mirrored_before_anything_sees_it(finder: _Finder) -> None:
    driver = _driver(finder)
    seen: list[Image] = []
    driver._listener.camera_seen = lambda view: seen.append(view.image)  # type: ignore[method-assign]
    image = np.zeros((480, 640, 3), np.uint8)
    image[:100, :100] = 200
    driver.lay(90, is_mirrored=False)
    driver.work(Frame(image, 0.0, 0))
    driver.lay(90, is_mirrored=True)
    driver.work(Frame(image, 1.0, 1))
    assert [picture.shape for picture in seen] == [(640, 480, 3)] * 2
    assert seen[0][50, 430, 0] == 200  # clockwise: from the upper left to the upper right
    assert seen[1][50, 50, 0] == 200


def test_a_click_makes_another_face_drive_and_takes_it_as_reference(finder: _Finder) -> None:
    (middle,) = finder.faces
    aside = Face(middle.landmarks + np.array([150, 0, 0], np.float32), middle.blendshapes)
    finder.faces = (middle, aside)
    driver = _driver(finder)
    driver.wants_landmarks = True
    before = driver.work(Frame(np.zeros((480, 640, 3), np.uint8), 0.0, 0))
    assert before is not None
    assert before.driving.landmarks is middle.landmarks
    driver.follow_at(*aside.box.center)
    after = driver.work(Frame(np.zeros((480, 640, 3), np.uint8), 0.1, 1))
    assert after is not None
    assert after.driving.landmarks is aside.landmarks
    assert after.calibration is not None
    assert after.calibration.driving.landmarks is aside.landmarks


def test_a_click_while_one_face_is_seen_changes_nothing(finder: _Finder) -> None:
    driver = _driver(finder)
    _play(driver, 30.0, 0.1)
    driver.follow_at(5.0, 5.0)
    assert not driver.search.is_expecting


class _Diary(LiveListener):
    """Keeps what the user sees and is told."""

    def __init__(self) -> None:
        self.views: list[CameraView] = []
        self.notices: list[Notice] = []

    def camera_seen(self, view: CameraView) -> None:
        self.views.append(view)

    def noticed(self, notice: Notice) -> None:
        self.notices.append(notice)


def _leaning(face: Face, degrees: float) -> Face:
    transform = np.eye(4, dtype=np.float32)
    transform[:3, :3] = cv2.Rodrigues(np.radians([0.0, 0.0, -degrees]))[0]
    return replace(face, transform=transform)


def test_a_head_on_its_side_is_turned_upright_and_that_is_said(finder: _Finder) -> None:
    driver, diary = _driver(finder), _Diary()
    driver._listener = diary
    upright = finder.faces[0]
    finder.faces = (_leaning(upright, 80),)
    _play(driver, 30.0, 0.1)
    finder.faces = (_leaning(upright, -10),)
    _play(driver, 30.0, 0.2, begin_s=0.1)
    assert diary.views[0].image.shape == (480, 640, 3)
    assert diary.views[-1].image.shape == (640, 480, 3)
    assert diary.views[-1].face is finder.faces[0]
    told = [notice.text for notice in diary.notices if notice.topic is Topic.TURN]
    assert len(told) == 1
    assert "turned by 270°" in told[0]
    assert driver.search.is_expecting  # the head is elsewhere in the picture now
    driver.lay(90, is_mirrored=False)  # as the user turns it, it stays
    _play(driver, 30.0, 0.1, begin_s=0.5)
    assert diary.views[-1].image.shape == (640, 480, 3)
    assert diary.notices[-1].text == ""


def test_a_user_who_calibrates_by_hand_is_left_alone(finder: _Finder) -> None:
    driver = _driver(finder)
    driver.calibrates_itself = False
    finder.faces = (_leaning(finder.faces[0], 80),)
    _play(driver, 30.0, 0.1)
    assert not driver.search.is_expecting


@pytest.mark.parametrize("colour", [(0, 0, 0), (128, 128, 128), (0, 135, 0), (2, 80, 3)])
def test_blank_first_frames_do_not_calibrate(colour: tuple[int, int, int]) -> None:
    def lacks() -> _Finder:
        raise TrackerError("There is no tracker.")

    driver = _driver(lacks, is_calibrated=False)
    driver.search.begin()
    noise = np.random.default_rng(0)
    for index in range(60):
        blank = np.full((120, 160, 3), colour, np.float64) + noise.normal(0, 3, (120, 160, 3))
        sighting = driver.work(Frame(blank.clip(0, 255).astype(np.uint8), index / 30, index))
        assert sighting is not None
        assert sighting.calibration is None
    for index in range(60, 90):
        room = noise.integers(0, 255, (3, 4, 3)).repeat(40, axis=0).repeat(40, axis=1)
        sighting = driver.work(Frame(room.astype(np.uint8), index / 30, index))
    assert sighting is not None
    assert sighting.calibration is not None


def test_a_picture_of_another_shape_is_looked_at_and_framed_at_once(finder: _Finder) -> None:
    driver = _driver(finder)
    _play(driver, 30.0, 1.0)
    (before,) = finder.faces
    moved = replace(before, landmarks=before.landmarks + np.array([150, 60, 0], np.float32))
    finder.faces, looks = (moved,), len(finder.looks)
    sighting = driver.work(Frame(np.zeros((720, 1280, 3), np.uint8), 1.0, 30))
    assert sighting is not None
    assert len(finder.looks) == looks + 1
    seen = driver.work(Frame(np.zeros((720, 1280, 3), np.uint8), 1.03, 31))
    assert seen is not None
    landmarks = seen.driving.landmarks
    assert landmarks is not None
    np.testing.assert_allclose(landmarks, before.landmarks, atol=1e-2)


def test_after_another_shape_a_face_moves_on_from_where_it_was(finder: _Finder) -> None:
    driver = _driver(finder)
    driver.wants_landmarks = True
    _play(driver, 30.0, 1.0)
    (before,) = finder.faces
    middle = before.landmarks.mean(axis=0)
    upright = 2 * (before.landmarks - middle) + np.array([360, 900, 0], np.float32)
    finder.faces = (replace(before, landmarks=upright),)
    for index, way in enumerate((0, 30, 60)):
        finder.faces = (replace(before, landmarks=upright + np.array([way, 0, 0], np.float32)),)
        seen = driver.work(Frame(np.zeros((1280, 720, 3), np.uint8), 1.0 + index / 30, 30 + index))
        assert seen is not None
        assert seen.driving.landmarks is not None
        wanted = before.landmarks + np.array([way / 2, 0, 0], np.float32)
        np.testing.assert_allclose(seen.driving.landmarks[:, :2], wanted[:, :2], atol=1e-2)


def test_what_calibrates_after_another_shape_is_placed_as_the_motion_is(finder: _Finder) -> None:
    driver = _driver(finder)
    _play(driver, 30.0, 1.0)
    (before,) = finder.faces
    finder.faces = (replace(before, landmarks=2 * before.landmarks),)
    driver.search.take_next()
    seen = driver.work(Frame(np.zeros((960, 1280, 3), np.uint8), 1.0, 30))
    assert seen is not None
    assert seen.calibration is not None
    taken = seen.calibration.driving.landmarks
    assert taken is not None
    assert seen.driving.landmarks is not None
    np.testing.assert_allclose(taken, before.landmarks, atol=1e-2)
    np.testing.assert_allclose(seen.driving.landmarks, before.landmarks, atol=1e-2)


def test_a_picture_of_another_shape_calibrates_again(finder: _Finder) -> None:
    driver = _driver(finder)
    _play(driver, 30.0, 1.0)
    assert not driver.search.is_expecting
    driver.work(Frame(np.zeros((720, 1280, 3), np.uint8), 1.0, 30))
    assert driver.search.is_expecting
