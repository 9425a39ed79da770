from collections.abc import Callable

import cv2
import numpy as np
import pytest

from avatarify.frames import Image
from avatarify.tracking.calibration import GOOD_SCORE, rate, speed
from avatarify.tracking.conditions import Light, Observation, observe
from avatarify.tracking.face import Face
from avatarify.tracking.landmarker import FaceLandmarker

MakeFace = Callable[..., Face]


def seen(face: Face | None, time_s: float = 0.0, light: Light | None = None) -> Observation:
    return Observation(face, (480, 640), time_s, light or Light(140, 1))


def test_the_same_pose_and_face_is_perfect(make_face: MakeFace) -> None:
    avatar = make_face(size=90, yaw=10, mouthSmileLeft=0.5, mouthSmileRight=0.5)
    driver = make_face(yaw=10, mouthSmileLeft=0.5, mouthSmileRight=0.5)
    rating = rate(seen(driver), avatar)
    assert (rating.score, rating.advice, rating.faults) == (100, "Good", ())


def test_no_face_scores_nothing(make_face: MakeFace) -> None:
    rating = rate(seen(None), make_face())
    assert (rating.score, rating.advice) == (0, "Face the camera")


# Positive angles are to the person's own left, up, and onto the left shoulder: see test_face.py.
@pytest.mark.parametrize(
    ("driver", "avatar", "advice"),
    [
        ({"yaw": -15}, {}, "Turn your head a little to your left"),
        ({"yaw": 15}, {}, "Turn your head a little to your right"),
        ({}, {"yaw": 30}, "Turn your head to your left"),
        ({"pitch": -18}, {}, "Raise your chin a little"),
        ({"pitch": 30}, {}, "Lower your chin"),
        ({"roll": -12}, {}, "Tilt your head a little to your left"),
        ({"roll": 12}, {}, "Tilt your head a little to your right"),
        ({"lips": 0.06}, {}, "Close your mouth"),
        ({}, {"lips": 0.06}, "Open your mouth a little, like the avatar"),
        ({"eyeBlinkLeft": 0.6, "eyeBlinkRight": 0.6}, {}, "Open your eyes"),
        ({}, {"eyeBlinkLeft": 0.6, "eyeBlinkRight": 0.6}, "Relax your eyes"),
        ({"mouthSmileLeft": 0.9, "mouthSmileRight": 0.9}, {}, "Relax your smile"),
        ({}, {"mouthSmileLeft": 0.9, "mouthSmileRight": 0.9}, "Smile a little, like the avatar"),
        (
            {"browInnerUp": 1, "browOuterUpLeft": 1, "browOuterUpRight": 1},
            {},
            "Relax your brows",
        ),
        ({"browDownLeft": 1, "browDownRight": 1}, {}, "Raise your brows a little"),
        ({"size": 80}, {}, "Come closer"),
        ({"size": 430}, {}, "Move back a little"),
        # The left of the camera's picture shows what is on the driver's right.
        ({"x": 40}, {}, "Move to your left"),
        ({"x": 600}, {}, "Move to your right"),
        ({"y": 60}, {}, "Tilt the camera up or sit lower"),
        ({"y": 420}, {}, "Tilt the camera down or sit higher"),
    ],
)
def test_advice_undoes_the_difference(
    make_face: MakeFace,
    driver: dict[str, float],
    avatar: dict[str, float],
    advice: str,
) -> None:
    rating = rate(seen(make_face(**driver)), make_face(**avatar))
    assert rating.advice == advice
    assert rating.score < GOOD_SCORE


def test_in_a_mirrored_camera_frame_the_sides_are_swapped(make_face: MakeFace) -> None:
    # The driver turned to the own right; mirrored, that looks like a turn to the left.
    turned = rate(seen(make_face(yaw=15)), None, is_mirrored=True)
    assert turned.advice == "Turn your head a little to your left"
    tilted = rate(seen(make_face(roll=15)), None, is_mirrored=True)
    assert tilted.advice == "Tilt your head a little to your left"
    aside = rate(seen(make_face(x=40)), None, is_mirrored=True)
    assert aside.advice == "Move to your right"


def test_the_gravest_fault_is_named_and_all_cost(make_face: MakeFace) -> None:
    turned = rate(seen(make_face(yaw=10)), None)
    both = rate(seen(make_face(yaw=10, lips=0.06)), None)
    assert turned.advice == "Turn your head a little to your right"
    assert both.advice == "Close your mouth"
    assert both.score < turned.score
    # (10 - 3) / 25 is lost to the turn, (0.06 - 0.015) / 0.06 of the rest to the mouth.
    assert turned.score == round(100 * (1 - 7 / 25))
    assert both.score == round(100 * (1 - 7 / 25) * (1 - 0.045 / 0.06))


def test_light_counts(make_face: MakeFace) -> None:
    dark = rate(seen(make_face(), light=Light(30, 1)), None)
    assert dark.advice.startswith("Too dark")
    assert rate(seen(make_face(), light=Light(140, 9)), None).advice.startswith("The picture is")


def test_moving_driver_is_asked_to_hold_still(make_face: MakeFace) -> None:
    before, now = seen(make_face(x=300), 1.0), seen(make_face(x=330), 1.1)
    # 30 pixels of 200 in 0.1 s.
    assert speed(now, before) == pytest.approx(1.5, abs=0.01)
    assert rate(now, None, before=before).advice == "Hold still"
    assert rate(seen(make_face(x=300), 1.1), None, before=before).score == 100
    assert speed(now, now) == 0


def test_small_differences_cost_nothing(make_face: MakeFace) -> None:
    assert rate(seen(make_face(yaw=2, pitch=-7, roll=-2, lips=0.01)), None).score == 100


def test_photographs_are_rated_like_a_person_would(
    image_landmarker: FaceLandmarker, still: Callable[[str], Image]
) -> None:
    avatar = image_landmarker.find(still("s3.jpg"))
    scores, advice = {}, {}
    for name in ("s3.jpg", "s0.jpg", "s10.jpg"):
        picture = still(name)
        picture = np.asarray(cv2.resize(picture, None, fx=2, fy=2), dtype=np.uint8)
        rating = rate(observe(picture, image_landmarker.find_all(picture), 0), avatar)
        scores[name], advice[name] = rating.score, rating.advice

    assert scores["s3.jpg"] >= 95
    assert scores["s0.jpg"] >= 80
    assert scores["s10.jpg"] < 20
    assert advice["s10.jpg"] == "Turn your head to your left"
