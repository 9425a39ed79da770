"""Which frame is taken, by invented times."""

from collections.abc import Callable

import numpy as np
import pytest

from avatarify.frames import Image
from avatarify.session.live.calibration_search import SETTLE_FRAMES, CalibrationSearch, Candidate
from avatarify.session.live.listener import CalibrationStatus
from avatarify.tracking.conditions import observe
from avatarify.tracking.face import Face

GREY = np.full((240, 320, 3), 128, np.uint8)


@pytest.fixture
def face(find_face: Callable[[Image], Face]) -> Face:
    return find_face(GREY)


class Watcher:
    """Shows frames at 30 fps to a search."""

    def __init__(self, *, has_tracker: bool = True, is_calibrated: bool = False) -> None:
        self.search = CalibrationSearch()
        self.has_tracker = has_tracker
        self.is_calibrated = is_calibrated
        self.now_s = 0.0
        self.statuses: list[CalibrationStatus] = []

    def watch(self, face: Face | None, seconds: float) -> list[Candidate]:
        taken = []
        for _ in range(round(seconds * 30)):
            self.now_s += 1 / 30
            observation = observe(GREY, () if face is None else (face,), self.now_s)
            candidate, status = self.search.look(
                observation,
                GREY,
                has_tracker=self.has_tracker,
                is_mirrored=False,
                is_calibrated=self.is_calibrated,
            )
            if status is not None:
                self.statuses.append(status)
            if candidate is not None:
                taken.append(candidate)
        return taken


def test_nothing_is_taken_unasked(face: Face) -> None:
    assert Watcher().watch(face, 6) == []


def test_a_good_face_is_taken_once(face: Face) -> None:
    watcher = Watcher()
    watcher.search.set_avatar(face)
    watcher.search.begin()
    taken = watcher.watch(face, 3)
    assert len(taken) == 1
    assert taken[0].face is face
    assert not watcher.search.is_searching


def test_the_button_takes_the_next_face_however_good(face: Face) -> None:
    watcher = Watcher()
    watcher.search.take_next()
    assert watcher.watch(None, 1) == []
    assert len(watcher.watch(face, 1)) == 1


def test_the_status_comes_some_times_a_second(face: Face) -> None:
    watcher = Watcher()
    watcher.watch(face, 3)
    assert 15 <= len(watcher.statuses) <= 31
    assert watcher.statuses[0].score is not None
    watcher.watch(None, 0.2)
    assert watcher.statuses[-1].score is None


def unlike(face: Face) -> Face:
    """The same face with the mouth wide open and the eyes shut."""
    return Face(face.landmarks, np.ones_like(face.blendshapes))


def test_a_poor_face_is_better_than_none(face: Face) -> None:
    watcher = Watcher()
    watcher.search.set_avatar(face)
    watcher.search.begin()
    assert len(watcher.watch(unlike(face), 4.5)) == 1
    watcher.is_calibrated = True
    assert watcher.search.is_searching  # for a good one
    assert watcher.watch(unlike(face), 10) == []
    assert len(watcher.watch(face, 3)) == 1


def test_a_poor_face_does_not_replace_a_reference(face: Face) -> None:
    watcher = Watcher(is_calibrated=True)
    watcher.search.set_avatar(face)
    watcher.search.begin()
    assert watcher.watch(unlike(face), 10) == []


def test_cancelling_ends_the_search(face: Face) -> None:
    watcher = Watcher()
    watcher.search.begin()
    watcher.search.cancel()
    assert watcher.watch(face, 5) == []


def test_without_a_tracker_a_settled_frame_is_taken() -> None:
    watcher = Watcher(has_tracker=False)
    watcher.search.begin()
    assert watcher.watch(None, (SETTLE_FRAMES - 1) / 30) == []
    assert len(watcher.watch(None, 2)) == 1


def test_without_a_tracker_the_button_takes_the_next_frame() -> None:
    watcher = Watcher(has_tracker=False)
    watcher.search.take_next()
    assert len(watcher.watch(None, 1)) == 1


def test_without_a_tracker_nobody_is_told_that_a_face_is_missing() -> None:
    watcher = Watcher(has_tracker=False)
    watcher.watch(None, 1)
    assert len(watcher.statuses) > 5  # whether it can be undone is news as well
    assert {status.score for status in watcher.statuses} == {None}
    assert all("press Calibrate" in status.advice for status in watcher.statuses)


def test_with_a_tracker_a_missing_face_gets_no_old_advice(face: Face) -> None:
    watcher = Watcher()
    watcher.watch(face, 1)
    watcher.watch(None, 1)
    assert (watcher.statuses[-1].score, watcher.statuses[-1].advice) == (None, "")
