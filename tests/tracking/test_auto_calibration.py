from collections.abc import Callable

import pytest

from avatarify.tracking.auto_calibration import (
    AutoCalibrationSettings,
    AutoCalibrator,
    CalibrationState,
    CalibrationStatus,
)
from avatarify.tracking.calibration import Rating
from avatarify.tracking.face import Face

MakeFace = Callable[..., Face]
SETTINGS = AutoCalibrationSettings(
    settle_s=0.5, patience_s=4.5, first_score=90, least_score=50, drift_window_s=10
)


class Driver:
    """Feeds ten frames per second; the reference of a frame is the time it was taken at."""

    def __init__(self, calibrator: AutoCalibrator[float], face: Face) -> None:
        self.calibrator, self.face, self.time_s = calibrator, face, 0.0

    def show(
        self, score: int, seconds: float = 0.1, face: Face | None = None
    ) -> list[CalibrationStatus[float]]:
        return [self._frame(score, face or self.face) for _ in range(round(seconds * 10))]

    def leave(self, seconds: float) -> list[CalibrationStatus[float]]:
        return [self._frame(0, None) for _ in range(round(seconds * 10))]

    def _frame(self, score: int, face: Face | None) -> CalibrationStatus[float]:
        self.time_s = round(self.time_s + 0.1, 1)
        return self.calibrator.update(self.time_s, face, Rating(score, "advice"), self.time_s)


def taken(statuses: list[CalibrationStatus[float]]) -> list[float]:
    return [status.taken for status in statuses if status.taken is not None]


@pytest.fixture
def driver(make_face: MakeFace) -> Driver:
    return Driver(AutoCalibrator(SETTINGS), make_face())


def test_idle_takes_nothing(driver: Driver) -> None:
    statuses = driver.show(100, seconds=5)
    assert taken(statuses) == []
    assert statuses[-1].state is CalibrationState.IDLE


def test_good_frame_is_taken_once_things_have_settled(driver: Driver) -> None:
    driver.calibrator.begin(0)
    statuses = driver.show(95, seconds=2)
    assert taken(statuses) == [0.1]
    assert [status.taken is not None for status in statuses].index(True) == 4  # at 0.5 s
    assert statuses[-1].state is CalibrationState.IDLE
    assert statuses[-1].best_score == 95


def test_the_mark_sinks_evenly(driver: Driver) -> None:
    # From 90 at 0.5 s to 50 at 4.5 s: 70 is enough at 2.5 s.
    driver.calibrator.begin(0)
    assert taken(driver.show(70, seconds=2.4)) == []
    assert taken(driver.show(70)) == [0.1]


def test_the_best_frame_is_taken_not_the_last(driver: Driver) -> None:
    driver.calibrator.begin(0)
    driver.show(55, seconds=1)
    driver.show(75)  # at 1.1 s
    assert taken(driver.show(55, seconds=2)) == [1.1]


def test_bad_frames_are_never_taken(driver: Driver) -> None:
    driver.calibrator.begin(0)
    statuses = driver.show(49, seconds=20)
    assert taken(statuses) == []
    assert statuses[-1].state is CalibrationState.COLLECTING
    assert statuses[-1].advice == "advice"
    assert taken(driver.show(50)) == [20.1]


def test_countdown_and_scores_are_shown(driver: Driver) -> None:
    driver.calibrator.begin(0)
    driver.show(45)
    status = driver.show(30)[0]
    assert status.countdown_s == pytest.approx(4.3)
    assert (status.score, status.best_score) == (30, 45)


def test_another_person_starts_anew(driver: Driver) -> None:
    driver.calibrator.begin(0)
    driver.show(80, seconds=0.4)
    driver.leave(1.2)
    assert taken(driver.show(60, seconds=1)) == []
    assert driver.show(60)[0].best_score == 60


def test_a_moment_without_face_changes_nothing(driver: Driver) -> None:
    driver.calibrator.begin(0)
    driver.show(80, seconds=0.4)
    driver.leave(0.5)
    assert driver.show(60)[0].best_score == 80


def test_undo_brings_the_previous_reference_back_once(driver: Driver) -> None:
    calibrator = driver.calibrator
    assert not calibrator.can_undo
    calibrator.take(111.0, Rating(60, ""), driver.face)
    assert not calibrator.can_undo
    calibrator.begin(0)
    assert taken(driver.show(95, seconds=1)) == [0.1]
    assert calibrator.can_undo
    assert calibrator.undo() == 111.0
    assert calibrator.undo() is None
    assert driver.show(10)[0].best_score == 60


def test_taking_by_hand_ends_the_search(driver: Driver) -> None:
    driver.calibrator.begin(0)
    driver.calibrator.take(5.0, Rating(20, ""), None)
    assert taken(driver.show(100, seconds=3)) == []


def test_cancel_keeps_what_is_in_use(driver: Driver) -> None:
    driver.calibrator.take(5.0, Rating(70, ""), driver.face)
    driver.calibrator.begin(0)
    driver.calibrator.cancel()
    assert taken(driver.show(100, seconds=3)) == []
    assert driver.show(100)[0].best_score == 70


def test_long_drift_is_offered_and_accepted(driver: Driver, make_face: MakeFace) -> None:
    driver.calibrator.take(5.0, Rating(90, ""), driver.face)
    slumped = make_face(pitch=-15)
    states = [status.state for status in driver.show(70, seconds=9, face=slumped)]
    assert set(states) == {CalibrationState.IDLE}
    offered = driver.show(70, seconds=1, face=slumped)[-1]
    assert offered.state is CalibrationState.OFFERING
    assert offered.advice == "You sit differently now. Calibrate again?"

    driver.calibrator.begin(driver.time_s)
    assert len(taken(driver.show(70, seconds=5, face=slumped))) == 1
    assert {s.state for s in driver.show(70, seconds=20, face=slumped)} == {CalibrationState.IDLE}


def test_looking_aside_for_a_while_is_no_drift(driver: Driver, make_face: MakeFace) -> None:
    driver.calibrator.take(5.0, Rating(90, ""), driver.face)
    states: set[CalibrationState] = set()
    for _ in range(5):
        states.update(s.state for s in driver.show(90, seconds=6))
        states.update(s.state for s in driver.show(20, seconds=4, face=make_face(yaw=40)))
    assert states == {CalibrationState.IDLE}


def test_small_drift_is_not_offered(driver: Driver, make_face: MakeFace) -> None:
    driver.calibrator.take(5.0, Rating(90, ""), driver.face)
    statuses = driver.show(80, seconds=30, face=make_face(yaw=10, roll=-11))
    assert {status.state for status in statuses} == {CalibrationState.IDLE}


def test_offer_ends_when_the_driver_sits_as_before(driver: Driver, make_face: MakeFace) -> None:
    driver.calibrator.take(5.0, Rating(90, ""), driver.face)
    leaning = driver.show(70, seconds=11, face=make_face(roll=20))
    assert leaning[-1].state is CalibrationState.OFFERING
    assert driver.show(90, seconds=8)[-1].state is CalibrationState.IDLE
    assert driver.calibrator.state is CalibrationState.IDLE


def test_declined_offer_rests(driver: Driver, make_face: MakeFace) -> None:
    driver.calibrator.take(5.0, Rating(90, ""), driver.face)
    aside = make_face(yaw=20)
    driver.show(70, seconds=11, face=aside)
    driver.calibrator.decline(driver.time_s)
    assert {s.state for s in driver.show(70, 119, face=aside)} == {CalibrationState.IDLE}
    assert driver.show(70, 2, face=aside)[-1].state is CalibrationState.OFFERING


def test_without_a_reference_nothing_drifts(driver: Driver, make_face: MakeFace) -> None:
    statuses = driver.show(70, seconds=30, face=make_face(yaw=30))
    assert {status.state for status in statuses} == {CalibrationState.IDLE}


def test_impossible_settings_are_refused() -> None:
    with pytest.raises(ValueError, match="settle_s"):
        AutoCalibrationSettings(settle_s=5, patience_s=4)
    with pytest.raises(ValueError, match="score"):
        AutoCalibrationSettings(least_score=95)
