"""Our finder on what comes with the project: rendered portraits and the demo's driver."""

import os
import shutil
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from avatarify.errors import TrackerError
from avatarify.frames import Image
from avatarify.media.image_file import read_image
from avatarify.tracking.face import Face
from avatarify.tracking.face_finder import FaceFinder
from avatarify.tracking.finder_maker import make_finder
from avatarify.tracking.landmarker import LandmarkerMode
from avatarify.tracking.own_finder import OwnFinder

ROOT = Path(__file__).resolve().parents[2]
MODEL = ROOT / "models" / "landmarks.safetensors"
GREY = 110


@pytest.fixture(scope="module")
def portrait() -> Image:
    return read_image(ROOT / "assets" / "avatars" / "nia.png")


@pytest.fixture
def live() -> Iterator[OwnFinder]:
    with OwnFinder(MODEL, LandmarkerMode.LIVE) as finder:
        yield finder


@pytest.fixture(scope="module")
def stills() -> Iterator[OwnFinder]:
    with OwnFinder(MODEL, LandmarkerMode.IMAGE) as finder:
        yield finder


def placed(portrait: Image, x: float, y: float, scale: float, turn_deg: float = 0.0) -> Image:
    """Lay the portrait's middle at (x, y) of a grey picture, 1280 × 720."""
    height, width = portrait.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), turn_deg, scale)
    matrix[:, 2] += (x - width / 2, y - height / 2)
    picture = cv2.warpAffine(portrait, matrix, (1280, 720), borderValue=(GREY, GREY, GREY))
    return np.asarray(picture, np.uint8)


def empty() -> Image:
    return np.full((720, 1280, 3), GREY, np.uint8)


def find_within(finder: FaceFinder, image: Image, frames: int, start_s: float) -> Face | None:
    found = (finder.find(image, start_s + i / 30) for i in range(frames))
    return next((face for face in found if face is not None), None)


def test_face_follows_a_shift_and_a_size(stills: OwnFinder, portrait: Image) -> None:
    first = stills.find(placed(portrait, 400, 300, 0.6))
    second = stills.find(placed(portrait, 700, 420, 0.9))
    assert first is not None
    assert second is not None
    expected = (first.landmarks[:, :2] - (400, 300)) * 1.5 + (700, 420)
    away = np.linalg.norm(second.landmarks[:, :2] - expected, axis=1).mean()
    assert away < 0.04 * second.interocular


@pytest.mark.parametrize("turn_deg", [-30, 30])
def test_tilted_head_is_found_and_its_roll_said(
    stills: OwnFinder, portrait: Image, turn_deg: float
) -> None:
    upright = stills.find(placed(portrait, 640, 360, 0.8))
    tilted = stills.find(placed(portrait, 640, 360, 0.8, turn_deg))
    assert upright is not None
    assert tilted is not None
    # OpenCV turns against the clock: the head then leans onto its own right shoulder.
    assert tilted.roll_deg - upright.roll_deg == pytest.approx(-turn_deg, abs=4)


def test_points_are_of_a_face(stills: OwnFinder, portrait: Image) -> None:
    face = stills.find(portrait)
    assert face is not None
    points = face.landmarks
    assert points[468, 0] < points[473, 0]  # the person's right eye is on the picture's left
    assert points[10, 1] < points[168, 1] < points[1, 1] < points[13, 1] < points[152, 1]
    assert points[1, 2] < points[10, 2]  # the nose's tip is nearer than the forehead
    assert face.blendshapes.min() >= 0.0
    assert face.blendshapes.max() <= 1.0
    assert abs(face.yaw_deg) < 20


def test_grey_and_noise_are_no_faces(stills: OwnFinder) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (720, 1280, 3), dtype=np.uint8)
    assert stills.find(empty()) is None
    assert stills.find(noise) is None


def test_face_is_lost_at_once_and_found_again_within_half_a_second(
    live: OwnFinder, portrait: Image
) -> None:
    here, there = placed(portrait, 400, 360, 0.7), placed(portrait, 850, 400, 0.8)
    assert find_within(live, here, 15, 0.0) is not None
    assert live.find(empty(), 0.6) is None
    again = find_within(live, there, 15, 0.63)
    assert again is not None
    assert again.box.center[0] == pytest.approx(850, abs=80)


def test_moving_face_is_followed(live: OwnFinder, portrait: Image) -> None:
    assert find_within(live, placed(portrait, 400, 360, 0.7), 15, 0.0) is not None
    for step in range(1, 20):
        x = 400 + 15 * step
        face = live.find(placed(portrait, x, 360, 0.7), 0.5 + step / 30)
        assert face is not None
        assert face.box.center[0] == pytest.approx(x, abs=40)


def test_larger_face_goes_first(stills: OwnFinder, portrait: Image) -> None:
    two = placed(portrait, 330, 360, 0.5)
    two[:, 640:] = placed(portrait, 950, 360, 0.9)[:, 640:]
    faces = stills.find_all(two)
    assert len(faces) == 2
    assert faces[0].box.larger_side > faces[1].box.larger_side
    assert faces[0].box.center[0] > 640 > faces[1].box.center[0]


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc for the memory")
def test_a_finder_for_each_picture_costs_no_memory(portrait: Image) -> None:
    def look() -> int:
        with OwnFinder(MODEL, LandmarkerMode.IMAGE) as finder:
            assert finder.find(portrait) is not None
        return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    sizes = [look() for _ in range(12)]
    assert sizes[-1] - sizes[3] < 16 * 2**20  # a compilation leaves 7 MiB behind


def test_a_file_that_is_replaced_is_loaded_again(portrait: Image, tmp_path: Path) -> None:
    model = tmp_path / MODEL.name
    shutil.copy(MODEL, model)
    with OwnFinder(model, LandmarkerMode.IMAGE) as finder:
        assert finder.find(portrait) is not None
    model.write_bytes(b"broken")
    with pytest.raises(TrackerError):
        OwnFinder(model, LandmarkerMode.IMAGE)


def test_closed_finder_and_other_threads_are_refused(portrait: Image) -> None:
    finder = make_finder("own", MODEL)
    finder.find(portrait)
    errors: list[ValueError] = []

    def ask() -> None:
        try:
            finder.find(portrait)
        except ValueError as error:
            errors.append(error)

    thread = threading.Thread(target=ask)
    thread.start()
    thread.join()
    assert "one thread" in str(errors[0])
    finder.close()
    finder.close()
    with pytest.raises(ValueError, match="closed"):
        finder.find(portrait)


def test_both_makers_agree_on_where_a_face_is(
    model_path: Path, still: Callable[[str], Image]
) -> None:
    image = still("maxine_portrait.jpg")
    with make_finder("own", MODEL, LandmarkerMode.IMAGE) as own:
        ours = own.find(image)
    with make_finder("mediapipe", model_path, LandmarkerMode.IMAGE) as other:
        theirs = other.find(image)
    assert ours is not None
    assert theirs is not None
    away = np.linalg.norm(ours.landmarks[:, :2] - theirs.landmarks[:, :2], axis=1).mean()
    assert away < 0.06 * theirs.interocular


def test_a_face_that_the_edge_cuts_comes_to_rest() -> None:
    """Each square follows from the last frame's points; they once swung to and fro by 0.3 %."""
    picture = read_image(ROOT / "assets" / "avatars" / "omar.png")[::2, ::2]
    with OwnFinder(MODEL, LandmarkerMode.IMAGE) as finder:
        face = finder.find(np.ascontiguousarray(picture))
    assert face is not None
    left = int(face.box.left) - 6  # nearer to it OpenCV's cascades find nothing to begin with
    half = np.ascontiguousarray(picture[:, left:])
    with OwnFinder(MODEL, LandmarkerMode.VIDEO) as finder:
        seen = [finder.find(half, number / 30) for number in range(16)]
    before, after = seen[-2:]
    assert before is not None
    assert after is not None
    way = np.linalg.norm(after.landmarks[:, :2] - before.landmarks[:, :2], axis=1).mean()
    assert way < 0.002 * after.interocular
