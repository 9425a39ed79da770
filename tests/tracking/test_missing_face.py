"""Faces of the program's avatars, made small, dark, cut and covered: it is said what is wrong."""

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from avatarify.frames import Image
from avatarify.media.image_file import read_image
from avatarify.tracking.landmarker import LandmarkerMode
from avatarify.tracking.missing_face import Missing, why_missing
from avatarify.tracking.own_finder import OwnFinder

ROOT = Path(__file__).resolve().parents[2]
NAMES = ("nia", "leo", "zoe")


@pytest.fixture(scope="module")
def finder() -> Iterator[OwnFinder]:
    with OwnFinder(ROOT / "models" / "landmarks.safetensors", LandmarkerMode.IMAGE) as finder:
        yield finder


@pytest.fixture(params=NAMES)
def portrait(request: pytest.FixtureRequest) -> Image:
    return read_image(ROOT / "assets" / "avatars" / f"{request.param}.png")


@pytest.fixture
def points(request: pytest.FixtureRequest, finder: OwnFinder, portrait: Image) -> np.ndarray:
    face = finder.find(portrait)
    assert face is not None
    return face.landmarks[:, :2]


def test_a_face_at_a_twelfth_of_the_height_is_too_far(
    finder: OwnFinder, portrait: Image, points: np.ndarray
) -> None:
    scale = 720 / 12 / np.ptp(points[:, 1])
    small = cv2.resize(portrait, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    room = np.full((720, 1280, 3), 118, np.uint8)
    room[300 : 300 + small.shape[0], 500 : 500 + small.shape[1]] = small
    assert why_missing(room, finder) is Missing.FAR


def test_a_face_cut_at_the_brows_is_cut_off(
    finder: OwnFinder, portrait: Image, points: np.ndarray
) -> None:
    brows = round(float(points[[105, 334], 1].mean()))
    assert why_missing(np.ascontiguousarray(portrait[brows:]), finder) is Missing.CUT_OFF


def test_who_wears_a_mask_hears_of_it(
    finder: OwnFinder, portrait: Image, points: np.ndarray
) -> None:
    masked = portrait.copy()
    jaw = [234, 132, 172, 150, 152, 379, 397, 361, 454, 280, 195, 50]
    cv2.fillPoly(masked, [np.round(points[jaw]).astype(np.int32)], (150, 190, 215))
    assert "take off what covers" in why_missing(masked, finder).value.lower()


def test_darkness_and_an_empty_room_are_told_apart(finder: OwnFinder) -> None:
    assert why_missing(np.full((480, 640, 3), 8, np.uint8), finder) is Missing.DARK
    assert why_missing(np.full((480, 640, 3), 120, np.uint8), finder) is Missing.NOTHING


def test_every_reason_says_what_to_do() -> None:
    for reason, words in (
        (Missing.FAR, "Come closer"),
        (Missing.COVERED, "Take off"),
        (Missing.CUT_OFF, "turn the camera"),
        (Missing.DARK, "light"),
        (Missing.NOTHING, "take off"),
    ):
        assert words in reason.value
