"""Eyes drawn by the compiled function against those drawn by OpenCV."""

from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from avatarify.animation.face.eyes import Eyeballs
from avatarify.animation.face.native_eyes import NativeEyeballs
from avatarify.animation.native.library import NativeLibrary
from avatarify.geometry.face_mesh import EYES
from avatarify.geometry.face_motion import read_motion
from avatarify.geometry.face_transfer import FaceTransfer, MovedFace
from avatarify.geometry.similarity import Similarity, rotation_from_vector
from avatarify.media.image_file import read_image
from tests.animation.face.test_eyes import STILL, face_with_eyes, painted

Face = NDArray[np.floating]

AVATARS = Path(__file__).resolve().parents[3] / "assets" / "avatars"

LOOKS = {
    "at rest": ((1.0, 1.0), (0.0, 0.0), (0.0, 0.0, 0.0)),
    "half shut": ((0.5, 0.4), (0.0, 0.0), (0.05, 0.1, 0.0)),
    "all but shut": ((0.1, 0.06), (0.0, 0.0), (0.0, -0.2, 0.0)),
    "shut": ((0.0, 0.0), (0.0, 0.0), (0.0, 0.0, 0.3)),
    "wink": ((1.2, 0.0), (0.1, 0.0), (0.0, 0.0, -0.2)),
    "aside": ((1.0, 1.0), (0.3, 0.1), (0.1, 0.5, 0.05)),
    "aside, down": ((0.7, 0.7), (-0.3, 0.1), (-0.2, -0.5, 0.1)),
    "wide": ((1.6, 1.6), (0.0, -0.2), (0.0, 0.0, 0.0)),
}
"""Openings of both eyes, gaze, and turn of the head."""


@lru_cache(maxsize=4)
def eyes_of(who: str) -> tuple[Eyeballs, FaceTransfer]:
    landmarks = np.load(AVATARS / f"{who}.npz")["landmarks"]
    return Eyeballs(read_image(AVATARS / f"{who}.png"), landmarks), FaceTransfer(landmarks)


def moved(transfer: FaceTransfer, look: str) -> MovedFace:
    lids, gaze, turn = map(np.array, LOOKS[look])
    rest = read_motion(transfer.portrait, transfer.portrait)
    return transfer(rest._replace(lids=lids, gaze=gaze, turn=turn), transfer.portrait)


def likeness_db(library: NativeLibrary, eyeballs: Eyeballs, face: MovedFace) -> float:
    """The least of both eyes' windows; nothing may differ beyond them."""
    own, theirs = eyeballs.skin.copy(), eyeballs.skin.copy()
    NativeEyeballs(eyeballs, library).draw(own, face)
    eyeballs.draw(theirs, face)
    least = np.inf
    for eye in eyeballs.eyes:
        place = eye.shape.find(face, own.shape[:2])
        if place is not None:
            least = min(least, cv2.PSNR(own[place.window], theirs[place.window]))
            own[place.window] = theirs[place.window]
    np.testing.assert_array_equal(own, theirs)
    return float(least)


@pytest.mark.parametrize("who", ["maya", "leo", "omar"])
@pytest.mark.parametrize("look", LOOKS)
def test_avatars_eyes_are_drawn_alike(library: NativeLibrary, who: str, look: str) -> None:
    eyeballs, transfer = eyes_of(who)
    assert len(eyeballs.eyes) == 2
    assert likeness_db(library, eyeballs, moved(transfer, look)) > 42.0


def test_eyes_at_rest_are_those_of_the_portrait(library: NativeLibrary) -> None:
    face = face_with_eyes()
    picture = painted(face)
    eyeballs = Eyeballs(picture, face)
    canvas = eyeballs.skin.copy()
    NativeEyeballs(eyeballs, library).draw(canvas, MovedFace(face, STILL))
    assert np.abs(canvas.astype(int) - picture).max() <= 2


@pytest.mark.parametrize(("scale", "least_db"), [(0.2, 39.0), (0.35, 40.0), (4.0, 50.0)])
def test_small_and_large_eyes_are_drawn_alike(
    library: NativeLibrary, scale: float, least_db: float
) -> None:
    """Eyes 7, 12 and 140 pixels wide."""
    face = face_with_eyes() * scale
    eyeballs, transfer = Eyeballs(painted(face, round(400 * scale)), face), FaceTransfer(face)
    assert len(eyeballs.eyes) == 2
    for look in LOOKS:
        assert likeness_db(library, eyeballs, moved(transfer, look)) > least_db


@pytest.mark.parametrize("angle", [1.5, 3.0, -2.0])
def test_eyes_of_a_head_that_lies_or_stands_on_its_crown(
    library: NativeLibrary, angle: float
) -> None:
    face = face_with_eyes()
    turn = rotation_from_vector(np.array([0.0, 0.0, angle]))
    middle = np.array([200.0, 200.0, 0.0])
    head = Similarity(0.9, turn, middle - 0.9 * turn @ middle)
    assert (
        likeness_db(library, Eyeballs(painted(face), face), MovedFace(head.apply(face), head))
        > 40.0
    )


@pytest.mark.parametrize(
    "way", [(-75, 0), (-80, 0), (85, 0), (0, -130), (0, 240), (0, 235), (-80, -132), (900, 900)]
)
def test_eyes_at_the_edge_of_the_picture(library: NativeLibrary, way: tuple[int, int]) -> None:
    face = face_with_eyes()
    eyeballs = Eyeballs(painted(face), face)
    gone = MovedFace(face + np.array([*way, 0.0]), STILL)
    assert likeness_db(library, eyeballs, gone) > 40.0


def test_a_window_of_a_larger_picture_is_enough(library: NativeLibrary) -> None:
    """Rows of the picture may lie apart; what is between them belongs to others."""
    face = face_with_eyes()
    eyeballs = Eyeballs(painted(face), face)
    room = np.full((420, 500, 3), 7, np.uint8)
    room[10:410, 60:460] = eyeballs.skin
    alone = eyeballs.skin.copy()
    for canvas in (room[10:410, 60:460], alone):
        NativeEyeballs(eyeballs, library).draw(canvas, MovedFace(face, STILL))
    np.testing.assert_array_equal(room[10:410, 60:460], alone)
    room[10:410, 60:460] = 7
    assert (room == 7).all()


@pytest.mark.parametrize("number", [np.nan, np.inf, -np.inf, 1e300, -1e9, 1e6, -1e5])
def test_no_number_leads_out_of_the_picture(library: NativeLibrary, number: float) -> None:
    face = face_with_eyes()
    eyeballs = Eyeballs(painted(face), face)
    native = NativeEyeballs(eyeballs, library)
    room = np.full((420, 500, 3), 7, np.uint8)
    canvas = room[10:410, 60:460]
    for index in (EYES[0].iris, EYES[0].outer, EYES[1].inner, EYES[1].upper[3], EYES[1].lower[0]):
        broken = face.copy()
        broken[index, :2] = number
        native.draw(canvas, MovedFace(broken, STILL))
    turn = np.eye(3)
    turn[0, 1] = number
    heads = ((number, np.eye(3)), (0.0, np.eye(3)), (1.0, turn), (1.0, np.zeros((3, 3))))
    with np.errstate(invalid="ignore"):
        for scale, rotation in heads:
            native.draw(canvas, MovedFace(face, Similarity(scale, rotation, np.zeros(3))))
    canvas[:] = 7
    assert (room == 7).all()


def test_a_picture_of_another_kind_is_a_mistake(library: NativeLibrary) -> None:
    face = face_with_eyes()
    native = NativeEyeballs(Eyeballs(painted(face), face), library)
    for canvas in (np.zeros((400, 400, 4), np.uint8), np.zeros((3, 400, 400), np.uint8).T):
        with pytest.raises(ValueError, match="rows of RGB"):
            native.draw(canvas, MovedFace(face, STILL))
