from collections.abc import Callable

import cv2
import numpy as np
import pytest

from avatarify.errors import FaceNotFoundError
from avatarify.frames import Image
from avatarify.tracking.crop import Crop, crop_of_face
from avatarify.tracking.face import Face
from avatarify.tracking.face_choice import FaceChoice
from avatarify.tracking.landmarker import FaceLandmarker
from avatarify.tracking.portrait_check import PortraitReport, check_portrait, report_on

MakeFace = Callable[..., Face]
PICTURE = np.full((480, 640, 3), 128, np.uint8)


def texts(report: PortraitReport) -> str:
    return " | ".join(finding.text for finding in report.findings)


def test_frontal_face_has_no_remark(make_face: MakeFace) -> None:
    report = report_on(PICTURE, [make_face()])
    assert report.findings == ()
    assert report.is_usable
    assert report.crop == crop_of_face(make_face())


def test_no_face_is_a_remark_and_the_middle_suggested() -> None:
    report = report_on(PICTURE, [])
    assert report.is_usable
    assert "No human face" in texts(report)
    assert "points by hand" in texts(report)
    assert report.crop == Crop(320, 240, 480)
    assert report.face is None


def test_of_two_faces_the_larger_is_taken_and_named(make_face: MakeFace) -> None:
    small, large = make_face(x=150, size=150), make_face(x=450)
    report = report_on(PICTURE, [small, large])
    assert report.is_usable
    assert report.face is large
    assert report.faces == (small, large)
    words = "The picture shows 2 faces: the larger, the one on the right, is taken."
    assert texts(report) == words


def test_a_choice_is_kept_to_without_a_remark(make_face: MakeFace) -> None:
    small, large = make_face(x=150, size=150), make_face(x=450)
    report = report_on(PICTURE, [large, small], choice=FaceChoice.parse("left"))
    assert report.face is small
    assert report.findings == ()
    with pytest.raises(FaceNotFoundError, match=r"us\.png shows 2 faces and none of number 3"):
        report_on(PICTURE, [large, small], choice=FaceChoice.parse("3"), name="us.png")


@pytest.mark.parametrize(
    ("changes", "words", "is_usable"),
    [
        ({"yaw": 20}, "turned to the side", True),
        ({"yaw": -50}, "turned far to the side", False),
        ({"pitch": 25}, "looks up", True),
        ({"pitch": -40}, "looks down", False),
        ({"roll": 20}, "tilted", True),
        ({"size": 100}, "only 100 pixels large, so the avatar will look soft", True),
        ({"size": 50}, "only 50 pixels large. Choose", False),
        ({"x": 20}, "cut off", False),
        ({"lips": 0.1}, "mouth is open", True),
        ({"eyeBlinkLeft": 0.8, "eyeBlinkRight": 0.8}, "eyes are shut", True),
    ],
)
def test_remarks(
    make_face: MakeFace, changes: dict[str, float], words: str, is_usable: bool
) -> None:
    report = report_on(PICTURE, [make_face(**changes)])
    assert len(report.findings) == 1
    assert words in texts(report)
    assert report.is_usable == is_usable


def test_a_wink_is_no_shut_pair_of_eyes(make_face: MakeFace) -> None:
    assert report_on(PICTURE, [make_face(eyeBlinkLeft=0.9)]).findings == ()


def test_errors_come_first(make_face: MakeFace) -> None:
    report = report_on(PICTURE, [make_face(size=50, lips=0.1, yaw=20)])
    assert [finding.is_error for finding in report.findings] == [True, False, False]


def test_without_a_tracker_the_picture_is_usable_but_unchecked() -> None:
    report = check_portrait(PICTURE, None)
    assert report.is_usable
    assert "not checked" in texts(report)
    assert report.crop == Crop(320, 240, 480)


@pytest.mark.parametrize(
    "name", ["echomimic_a.png", "echomimic_e.png", "hellomeme_BeautyFool.jpg", "s7.jpg", "s12.jpg"]
)
def test_portraits_photographed_painted_and_drawn_pass(
    image_landmarker: FaceLandmarker, still: Callable[[str], Image], name: str
) -> None:
    report = check_portrait(still(name), image_landmarker)
    assert report.findings == ()


def test_turned_small_and_paired_faces_are_told(
    image_landmarker: FaceLandmarker, still: Callable[[str], Image]
) -> None:
    assert "turned to the side" in texts(check_portrait(still("s10.jpg"), image_landmarker))
    assert "pixels large" in texts(check_portrait(still("s3.jpg"), image_landmarker))

    one = np.asarray(cv2.resize(still("s7.jpg"), (400, 400)), dtype=np.uint8)
    pair = np.concatenate([one, one], axis=1)
    assert "shows 2 faces" in texts(check_portrait(pair, image_landmarker))
