from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from avatarify.tracking.crop import Crop, crop_of_face
from avatarify.tracking.face import Face
from avatarify.tracking.follow import FIXED_SIZE, FaceFollower, FollowSettings, Framing
from avatarify.tracking.landmarker import FaceLandmarker

MakeFace = Callable[..., Face]
SIZE = (480, 640)
FPS = 30


def feed(follower: FaceFollower, face: Face | None, seconds: float, start_s: float) -> list[Crop]:
    count = round(seconds * FPS)
    return [follower.follow(face, SIZE, start_s + index / FPS) for index in range(count)]


def same(crop: Crop, other: Crop, part: float) -> bool:
    """Whether centre and size agree to a part of the size."""
    differences = np.subtract(
        (crop.center_x, crop.center_y, crop.size), (other.center_x, other.center_y, other.size)
    )
    return bool(np.abs(differences).max() <= part * other.size)


def test_first_face_is_framed_at_once(make_face: MakeFace) -> None:
    follower = FaceFollower()
    assert follower.follow(make_face(), SIZE, 0.0) == crop_of_face(make_face())


def test_jittering_box_does_not_move_the_crop_at_all(make_face: MakeFace) -> None:
    follower = FaceFollower()
    jitter = np.random.default_rng(0)
    crops = set()
    for index in range(300):
        x, y, size = np.array([320, 240, 200]) + jitter.normal(scale=6, size=3)
        crops.add(follower.follow(make_face(x=x, y=y, size=size), SIZE, index / FPS))
    assert len(crops) == 1


def test_one_wrong_frame_does_not_move_the_crop(make_face: MakeFace) -> None:
    follower = FaceFollower()
    crops = set(feed(follower, make_face(), 1, 0))
    crops.add(follower.follow(make_face(x=500, size=400), SIZE, 1.0))
    crops.update(feed(follower, make_face(), 1, 1 + 1 / FPS))
    assert len(crops) == 1


@pytest.mark.parametrize(("x", "y", "size"), [(320, 240, 60), (90, 380, 200), (560, 80, 90)])
def test_far_and_off_centre_faces_end_up_framed_the_same(
    make_face: MakeFace, x: float, y: float, size: float
) -> None:
    follower = FaceFollower()
    feed(follower, make_face(), 1, 0)
    moved = make_face(x=x, y=y, size=size)
    crops = feed(follower, moved, 3, 1)
    assert same(crops[-1], crop_of_face(moved), 0.03)
    assert crops[-1] == crops[-2]
    assert not follower.is_moving


def test_crop_glides_and_never_leaps(make_face: MakeFace) -> None:
    follower = FaceFollower()
    feed(follower, make_face(), 1, 0)
    crops = feed(follower, make_face(x=440), 2, 1)
    path = np.array([crop.center_x for crop in crops])
    assert (np.diff(path) >= 0).all()
    assert np.diff(path).max() < 0.04 * crops[0].size
    assert np.abs(np.diff(path, 2)).max() < 0.015 * crops[0].size


def test_opening_the_mouth_keeps_the_crop(make_face: MakeFace) -> None:
    follower = FaceFollower()
    feed(follower, make_face(y=240, size=200), 1, 0)
    crops = feed(follower, make_face(y=252, size=224), 1, 1)
    assert set(crops) == {crop_of_face(make_face(y=240, size=200))}


def test_lost_face_holds_then_the_crop_goes_to_the_middle(make_face: MakeFace) -> None:
    follower = FaceFollower()
    seen = feed(follower, make_face(x=200, size=120), 1, 0)[-1]
    assert set(feed(follower, None, 1.9, 1)) == {seen}
    later = feed(follower, None, 4, 2.9)
    assert same(later[-1], Crop(320, 240, FIXED_SIZE * 480), 0.03)
    assert np.abs(np.diff([crop.center_x for crop in later])).max() < 20


def test_face_that_comes_back_elsewhere_is_framed_at_once(make_face: MakeFace) -> None:
    follower = FaceFollower()
    feed(follower, make_face(), 1, 0)
    feed(follower, None, 1, 1)
    back = make_face(x=100, size=120)
    assert follower.follow(back, SIZE, 2.0) == crop_of_face(back)


def test_face_that_comes_back_to_its_place_finds_the_same_crop(make_face: MakeFace) -> None:
    follower = FaceFollower()
    crops = set(feed(follower, make_face(), 1, 0))
    crops.update(feed(follower, None, 1, 1))
    crops.update(feed(follower, make_face(x=325), 1, 2))
    assert len(crops) == 1


def test_without_a_tracker_the_crop_is_fixed_and_framed_by_hand() -> None:
    follower = FaceFollower()
    assert set(feed(follower, None, 5, 0)) == {Crop(320, 240, 0.8 * 480)}

    follower.framing = Framing().zoomed(2).moved(0.25, 0)
    assert same(feed(follower, None, 3, 5)[-1], Crop(320 + 0.25 * 192, 240, 192), 0.03)


def test_zoom_and_offset_apply_on_top_of_the_face(make_face: MakeFace) -> None:
    follower = FaceFollower()
    before = feed(follower, make_face(), 1, 0)[-1]
    follower.framing = Framing(zoom=1.1, offset_y=0.05)  # both inside the dead zones
    after = feed(follower, make_face(), 2, 1)[-1]
    assert same(after, before.zoomed(1.1).moved(0, 0.05), 0.03)


def test_automatic_following_can_be_off(make_face: MakeFace) -> None:
    follower = FaceFollower(FollowSettings(is_automatic=False))
    assert set(feed(follower, make_face(x=100, size=50), 1, 0)) == {Crop(320, 240, 384)}


def test_recenter_frames_exactly_at_calibration(make_face: MakeFace) -> None:
    follower = FaceFollower()
    feed(follower, make_face(), 1, 0)
    leaning = make_face(x=350)
    assert feed(follower, leaning, 1, 1)[-1] != crop_of_face(leaning)
    assert follower.recenter(leaning, SIZE, 2.0) == crop_of_face(leaning)
    assert follower.follow(leaning, SIZE, 2.1) == crop_of_face(leaning)


def test_another_camera_size_starts_anew(make_face: MakeFace) -> None:
    follower = FaceFollower()
    feed(follower, make_face(), 1, 0)
    large = make_face(x=960, y=540, size=500)
    assert follower.follow(large, (1080, 1920), 1.0) == crop_of_face(large)
    assert follower.follow(None, (240, 320), 1.1) == Crop(160, 120, 0.8 * 240)


def test_framing_stays_within_its_limits() -> None:
    assert Framing().zoomed(100).zoom == 3
    assert Framing().zoomed(0.01).zoom == 0.5
    assert Framing().moved(-9, 9) == Framing(1, -0.5, 0.5)
    with pytest.raises(ValueError, match="zoom"):
        Framing(zoom=0)
    with pytest.raises(ValueError, match="Offsets"):
        Framing(offset_x=0.6)


def test_speaking_driver_has_a_constant_crop(model_path: Path, shared: Path) -> None:
    video = cv2.VideoCapture(str(shared / "clips" / "grid_sbia1a.mpg"))
    follower = FaceFollower()
    crops = set()
    with FaceLandmarker(model_path) as landmarker:
        for index in range(40):
            frame = np.asarray(video.read()[1], dtype=np.uint8)[:, :, ::-1]
            face = landmarker.find(frame, index / 25)
            crops.add(follower.follow(face, (frame.shape[0], frame.shape[1]), index / 25))
    video.release()
    assert len(crops) == 1
