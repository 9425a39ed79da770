"""Heads in every position, and when the picture is turned for them."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from avatarify.frames import Image
from avatarify.media.composition import rotate
from avatarify.media.image_file import read_image
from avatarify.tracking.face import Face
from avatarify.tracking.landmarker import LandmarkerMode
from avatarify.tracking.own_finder import OwnFinder
from avatarify.tracking.upright import LYING_S, UprightTurn
from tests.tracking.conftest import MakeFace

ROOT = Path(__file__).resolve().parents[2]
BLACK = np.zeros((480, 640, 3), np.uint8)


def on_a_sofa(name: str, degrees: float) -> Image:
    """A built-in avatar before a grey wall, turned clockwise by some degrees."""
    picture = np.full((480, 640, 3), 90, np.uint8)
    portrait = read_image(ROOT / "assets" / "avatars" / f"{name}.png")
    side = min(portrait.shape[:2])
    left = (portrait.shape[1] - side) // 2
    square = portrait[:side, left : left + side]
    picture[60:460, 120:520] = cv2.resize(square, (400, 400), interpolation=cv2.INTER_AREA)
    matrix = cv2.getRotationMatrix2D((320, 260), -degrees, 1.0)
    return np.asarray(
        cv2.warpAffine(picture, matrix, (640, 480), borderMode=cv2.BORDER_REPLICATE), np.uint8
    )


@pytest.mark.parametrize("name", ["maya", "omar"])
@pytest.mark.parametrize(
    ("degrees", "turn"), [(0, 0), (-20, 0), (75, 270), (90, 270), (-90, 90), (180, 180)]
)
def test_a_head_is_found_upright_however_it_lies(name: str, degrees: float, turn: int) -> None:
    picture, upright, face = on_a_sofa(name, degrees), UprightTurn(), None
    with OwnFinder(ROOT / "models" / "landmarks.safetensors", LandmarkerMode.LIVE) as finder:
        for index in range(36):
            frame = rotate(picture, upright.turn)
            face = finder.find(frame, index / 15)
            upright.look(frame, () if face is None else (face,), index / 15)
    assert upright.turn == turn
    assert face is not None
    assert abs(face.roll_deg) < 30


def play(upright: UprightTurn, faces: tuple[Face, ...], begin_s: float, seconds: float) -> None:
    for index in range(round(30 * seconds)):
        upright.look(BLACK, faces, begin_s + index / 30)


def test_a_head_that_leans_is_left_alone(make_face: MakeFace) -> None:
    upright = UprightTurn()
    play(upright, (make_face(roll=50),), 0.0, 2.0)
    play(upright, (make_face(roll=-50),), 2.0, 2.0)
    assert upright.turn == 0


def test_only_who_lies_for_a_while_is_turned(make_face: MakeFace) -> None:
    upright = UprightTurn()
    play(upright, (make_face(roll=0),), 0.0, 0.5)
    play(upright, (make_face(roll=80),), 0.5, LYING_S / 2)
    play(upright, (make_face(roll=0),), 1.0, 0.5)
    assert upright.turn == 0
    play(upright, (make_face(roll=80),), 1.5, LYING_S + 0.1)
    assert upright.turn == 270
    play(upright, (make_face(roll=40),), 2.5, 2.0)  # sits up half-way: no to and fro
    assert upright.turn == 270
    play(upright, (make_face(roll=88),), 4.5, LYING_S + 0.1)
    assert upright.turn == 180
    upright.reset()
    assert upright.turn == 0


def test_a_new_face_is_turned_at_once(make_face: MakeFace) -> None:
    upright = UprightTurn()
    assert upright.look(BLACK, (make_face(roll=-85),), 0.0)
    assert upright.turn == 90


def test_whoever_hangs_upside_down_is_turned_though_the_first_look_tells_nothing(
    make_face: MakeFace,
) -> None:
    # mediapipe takes an inverted face for an upright one, and a cascade misses some.
    upright, hanging = UprightTurn(), on_a_sofa("maya", 180)
    face = make_face(x=320, y=275, size=200)
    play(upright, (face,), 0.0, 0.2)
    assert upright.turn == 0
    assert upright.look(hanging, (face,), 0.2)
    assert upright.turn == 180


def test_a_face_that_is_never_clear_is_left_alone_soon(make_face: MakeFace) -> None:
    upright, face = UprightTurn(), make_face(x=320, y=275, size=200)
    play(upright, (face,), 0.0, 1.0)
    assert not upright.look(on_a_sofa("maya", 180), (face,), 1.0)


def test_an_empty_room_is_not_turned_for_ever() -> None:
    upright = UprightTurn()
    play(upright, (), 0.0, 5.0)
    assert upright.turn == 0
    wrong = rotate(on_a_sofa("maya", 0), 90)
    turns = []
    for index in range(240):  # a picture of a face that no tracker finds
        upright.look(rotate(wrong, upright.turn), (), 5.0 + index / 30)
        turns.append(upright.turn)
    assert 270 in turns
    assert turns[-1] == 0 or turns.count(0) > 100
