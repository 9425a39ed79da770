"""Mouths drawn by the compiled function against those drawn by OpenCV."""

from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from avatarify.animation.face.mouth import MouthInside
from avatarify.animation.face.native_mouth import NativeMouthInside
from avatarify.animation.native.library import NativeLibrary
from avatarify.frames import Image
from avatarify.geometry.face_mesh import CHIN, INNER_LIPS_LOWER, OUTER_LIPS_LOWER
from avatarify.geometry.face_motion import face_unit
from avatarify.geometry.face_transfer import MovedFace
from avatarify.geometry.similarity import Similarity, rotation_from_vector
from avatarify.media.image_file import read_image
from tests.animation.face.test_mouth import TOOTH, opened, portrait
from tests.geometry.face_shapes import made_face

Face = NDArray[np.floating]

AVATARS = Path(__file__).resolve().parents[3] / "assets" / "avatars"
STILL = Similarity(1.0, np.eye(3), np.zeros(3))
GAPS = (0.0, 0.03, 0.1, 0.22, 0.4)
"""How far lower lips go down, in distances of the outer eye corners: up to a mouth wide open."""


@lru_cache(maxsize=4)
def mouth_of(who: str) -> tuple[MouthInside, Image, Face]:
    picture = read_image(AVATARS / f"{who}.png")
    landmarks = np.load(AVATARS / f"{who}.npz")["landmarks"].astype(np.float64)
    return MouthInside(picture, landmarks), picture, landmarks


def moved(face: Face, gap: float, turn: tuple[float, float, float]) -> MovedFace:
    below = [*INNER_LIPS_LOWER[1:-1], *OUTER_LIPS_LOWER[1:-1], CHIN]
    face = face.copy()
    face[below, 1] += gap * face_unit(face)
    rotation, middle = rotation_from_vector(np.array(turn)), face.mean(axis=0)
    head = Similarity(1.05, rotation, middle - 1.05 * rotation @ middle)
    return MovedFace(head.apply(face), head)


def likeness_db(
    library: NativeLibrary, mouth: MouthInside, picture: Image, face: MovedFace
) -> float:
    """Of the window around the mouth; nothing may differ beyond it."""
    own, theirs = picture.copy(), picture.copy()
    NativeMouthInside(mouth, library).draw(own, face)
    mouth.draw(theirs, face)
    found = mouth.find(face, picture.shape[:2])
    if found is None:
        np.testing.assert_array_equal(own, theirs)
        return float("inf")
    x0, y0, x1, y1 = found.box
    likeness = cv2.PSNR(own[y0:y1, x0:x1], theirs[y0:y1, x0:x1])
    own[y0:y1, x0:x1] = theirs[y0:y1, x0:x1]
    np.testing.assert_array_equal(own, theirs)
    return float(likeness)


@pytest.mark.parametrize(
    "turn", [(0.0, 0.0, 0.0), (0.1, 0.5, 0.05), (-0.1, -0.4, -0.1), (-0.3, -0.5, -0.4)]
)
@pytest.mark.parametrize("who", ["maya", "omar", "nia"])
def test_avatars_mouths_are_drawn_alike(
    library: NativeLibrary, who: str, turn: tuple[float, float, float]
) -> None:
    mouth, picture, face = mouth_of(who)
    drawn = 0
    for gap in GAPS:
        there = moved(face, gap, turn)
        assert likeness_db(library, mouth, picture, there) > 44.0
        drawn += mouth.find(there, picture.shape[:2]) is not None
    assert drawn >= 3


@pytest.mark.parametrize("gap", [0.0, 3.0, 40.0])
def test_a_portraits_own_teeth_are_drawn_alike(library: NativeLibrary, gap: float) -> None:
    """Shut, there is a line of lip before them."""
    face = made_face(lip_gap=14.0)
    picture = portrait(face, inside=TOOTH)
    mouth = MouthInside(picture, face)
    there = MovedFace(opened(gap), STILL)
    assert mouth.find(there, picture.shape[:2]) is not None
    assert likeness_db(library, mouth, picture, there) > 48.0


@pytest.mark.parametrize("way", [(-190, 0), (190, 0), (0, -250), (0, 135), (-195, 140), (900, 0)])
def test_mouths_at_the_edge_of_the_picture(library: NativeLibrary, way: tuple[int, int]) -> None:
    face = made_face()
    picture = portrait(face)
    gone = MovedFace(opened(30.0) + np.array([*way, 0.0]), STILL)
    assert likeness_db(library, MouthInside(picture, face), picture, gone) > 45.0


def test_a_window_of_a_larger_picture_is_enough(library: NativeLibrary) -> None:
    """Rows of the picture may lie apart; what is between them belongs to others."""
    face = made_face()
    picture = portrait(face)
    native = NativeMouthInside(MouthInside(picture, face), library)
    room = np.full((420, 500, 3), 7, np.uint8)
    room[10:410, 60:460] = picture
    alone = picture.copy()
    for canvas in (room[10:410, 60:460], alone):
        native.draw(canvas, MovedFace(opened(30.0), STILL))
    np.testing.assert_array_equal(room[10:410, 60:460], alone)
    assert (alone != picture).any()
    room[10:410, 60:460] = 7
    assert (room == 7).all()


@pytest.mark.parametrize("number", [np.nan, np.inf, -np.inf, 1e300, -1e9])
def test_no_number_leads_out_of_the_textures(library: NativeLibrary, number: float) -> None:
    face = made_face()
    picture = portrait(face)
    mouth = MouthInside(picture, face)
    native = NativeMouthInside(mouth, library)
    found = mouth.find(MovedFace(opened(30.0), STILL), picture.shape[:2])
    assert found is not None
    for axis in ("origin", "across", "down", "back"):
        for index in range(2):
            broken = getattr(found.upper, axis).copy()
            broken[index] = number
            room = np.full((420, 500, 3), 7, np.uint8)
            arch = found.upper._replace(**{axis: broken})
            native.paint(room[10:410, 60:460], found._replace(upper=arch, lower=arch))
            room[10:410, 60:460] = 7
            assert (room == 7).all()


@pytest.mark.parametrize("shape", [(400, 400, 4), (200, 200, 3), (400, 400)])
def test_what_is_no_picture_around_the_mouth_is_refused(
    library: NativeLibrary, shape: tuple[int, ...]
) -> None:
    face = made_face()
    picture = portrait(face)
    mouth = MouthInside(picture, face)
    found = mouth.find(MovedFace(opened(30.0), STILL), picture.shape[:2])
    assert found is not None
    with pytest.raises(ValueError, match="RGB"):
        NativeMouthInside(mouth, library).paint(np.zeros(shape, np.uint8), found)
