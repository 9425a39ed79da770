from collections.abc import Callable

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from avatarify.frames import Image
from avatarify.tracking.face import BLENDSHAPE_NAMES, Face, LiveFace
from avatarify.tracking.landmarker import FaceLandmarker

MakeFace = Callable[..., Face]


@pytest.mark.parametrize(
    ("yaw", "pitch", "roll"), [(20, 0, 0), (0, -15, 0), (0, 0, 10), (30, 9, 5)]
)
def test_pose_angles_are_those_of_the_rotation(
    make_face: MakeFace, yaw: float, pitch: float, roll: float
) -> None:
    face = make_face(yaw=yaw, pitch=pitch, roll=roll)

    assert face.yaw_deg == pytest.approx(yaw, abs=1e-3)
    assert face.pitch_deg == pytest.approx(pitch, abs=1e-3)
    assert face.roll_deg == pytest.approx(roll, abs=0.1)


def test_a_part_of_the_line_of_sight_is_no_turn(make_face: MakeFace) -> None:
    face = make_face()
    face.transform[:3, 3] = (50, 0, -50)  # 45° to the right of the picture's centre
    assert face.yaw_deg == pytest.approx(0.26 * 45, abs=1e-3)

    face.transform[:3, 3] = (0, 50, -50)
    assert face.pitch_deg == pytest.approx(0.33 * 45, abs=1e-3)


def test_box_and_interocular_are_in_pixels(make_face: MakeFace) -> None:
    face = make_face(x=300, y=200, size=100)

    assert face.box.center == pytest.approx((300, 200), abs=0.01)
    assert face.box.height == pytest.approx(100, abs=0.01)
    assert face.box.width == pytest.approx(80, abs=0.01)
    assert face.box.larger_side == face.box.height
    assert face.interocular == pytest.approx(36, abs=0.01)


def test_expressions_come_from_their_blendshapes(make_face: MakeFace) -> None:
    face = make_face(
        jawOpen=0.5, mouthSmileLeft=0.2, mouthSmileRight=0.4, eyeBlinkLeft=0.9, browDownLeft=0.6
    )

    assert face.jaw_open == pytest.approx(0.5)
    assert face.smile == pytest.approx(0.3)
    assert face.blink_left == pytest.approx(0.9)
    assert face.blink_right == 0
    assert face.brow == pytest.approx(-0.3)
    assert len(BLENDSHAPE_NAMES) == 52


def test_gap_between_the_lips_is_in_parts_of_the_face(make_face: MakeFace) -> None:
    assert make_face(size=100, lips=0.07).lips_apart == pytest.approx(0.07, abs=1e-4)


def test_wrong_shapes_are_refused() -> None:
    with pytest.raises(ValueError, match="landmarks must be"):
        Face(np.zeros((468, 3), np.float32), np.zeros(52, np.float32))


def test_pearl_earring_looks_over_her_left_shoulder_to_her_right(
    image_landmarker: FaceLandmarker, still: Callable[[str], Image]
) -> None:
    face = image_landmarker.find(still("s10.jpg"))

    assert face is not None
    assert -50 < face.yaw_deg < -25


def test_mirroring_swaps_yaw_and_roll_and_keeps_pitch(
    image_landmarker: FaceLandmarker, still: Callable[[str], Image]
) -> None:
    picture = still("s10.jpg")
    face = image_landmarker.find(picture)
    mirrored = image_landmarker.find(picture[:, ::-1])

    assert face is not None
    assert mirrored is not None
    assert mirrored.yaw_deg == pytest.approx(-face.yaw_deg, abs=4)
    assert mirrored.roll_deg == pytest.approx(-face.roll_deg, abs=4)
    assert mirrored.pitch_deg == pytest.approx(face.pitch_deg, abs=4)


def test_turning_the_picture_clockwise_leans_the_head_onto_its_left_shoulder(
    image_landmarker: FaceLandmarker, still: Callable[[str], Image]
) -> None:
    picture = still("s3.jpg")[:400, :400]
    clockwise = cv2.getRotationMatrix2D((200, 150), -20, 1)
    turned = np.asarray(cv2.warpAffine(picture, clockwise, (400, 400)), dtype=np.uint8)
    before, after = image_landmarker.find(picture), image_landmarker.find(turned)

    assert before is not None
    assert after is not None
    assert after.roll_deg - before.roll_deg == pytest.approx(20, abs=5)


def test_pose_does_not_depend_on_the_place_in_the_picture(
    image_landmarker: FaceLandmarker, still: Callable[[str], Image]
) -> None:
    portrait = cv2.resize(still("s7.jpg"), (320, 320))
    poses = []
    for left, top in ((0, 0), (160, 80), (320, 160)):
        picture = np.full((480, 640, 3), 120, np.uint8)
        picture[top : top + 320, left : left + 320] = portrait
        face = image_landmarker.find(picture)
        assert face is not None
        poses.append((face.yaw_deg, face.pitch_deg, face.roll_deg))

    assert np.ptp(poses, axis=0).max() < 6


@pytest.mark.parametrize("roll", [0.0, 20.0, -50.0, 90.0, 175.0])
def test_eyes_lean_as_far_as_the_head(make_face: MakeFace, roll: float) -> None:
    assert make_face(roll=roll).eyes_lean_deg == pytest.approx(abs(roll), abs=0.1)


def test_a_live_face_looks_for_expression_and_pose_when_asked_and_once(make_face: MakeFace) -> None:
    known = make_face(yaw=20, roll=10, jawOpen=0.5)
    asked: list[str] = []

    def told(name: str) -> NDArray[np.float32]:
        asked.append(name)
        return np.array(getattr(known, name))

    face = LiveFace(known.landmarks, lambda: told("blendshapes"), lambda: told("transform"))
    assert face.box == known.box
    assert not asked
    assert face.jaw_open == known.jaw_open == 0.5
    assert face.yaw_deg == known.yaw_deg
    assert face.roll_deg == known.roll_deg
    assert asked == ["blendshapes", "transform"]


def test_a_live_face_has_all_points() -> None:
    with pytest.raises(ValueError, match="478"):
        LiveFace(np.zeros((468, 3), np.float32), dict, dict)  # type: ignore[arg-type]
