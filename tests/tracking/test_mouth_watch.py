from collections.abc import Callable

import numpy as np

from avatarify.tracking.face import Face
from avatarify.tracking.mouth_watch import PATIENCE_S, SHUT_MOUTH, MouthWatch, opens

MakeFace = Callable[..., Face]
FPS = 10


def watch(watch: MouthWatch, face: Face | None, seconds: float, begin_s: float) -> list[str]:
    told = (watch.update(face, begin_s + k / FPS) for k in range(round(seconds * FPS)))
    return [words for words in told if words is not None]


def test_a_mouth_that_never_opens_is_told_once_and_taken_back(make_face: MakeFace) -> None:
    mouth = MouthWatch()
    assert watch(mouth, make_face(lips=0.015), PATIENCE_S - 1, 0.0) == []
    assert watch(mouth, make_face(lips=0.02), 30.0, PATIENCE_S) == [SHUT_MOUTH]
    assert watch(mouth, make_face(lips=0.08), 1.0, 100.0) == [""]
    assert watch(mouth, make_face(lips=0.0), 100.0, 200.0) == []


def test_who_has_talked_hears_nothing(make_face: MakeFace) -> None:
    mouth = MouthWatch()
    assert watch(mouth, make_face(lips=0.08), 0.2, 0.0) == []
    assert watch(mouth, make_face(lips=0.0), 2 * PATIENCE_S, 1.0) == []


def test_time_without_a_face_does_not_count(make_face: MakeFace) -> None:
    mouth = MouthWatch()
    assert watch(mouth, make_face(lips=0.0), 20.0, 0.0) == []
    assert watch(mouth, None, 100.0, 20.0) == []
    assert watch(mouth, make_face(lips=0.0), 15.0, 120.0) == []


def test_one_frame_is_no_open_mouth(make_face: MakeFace) -> None:
    shut, wide = make_face(lips=0.01).landmarks, make_face(lips=0.09).landmarks
    assert not opens(np.stack([shut] * 99 + [wide]))
    assert opens(np.stack([shut] * 90 + [wide] * 10))
