"""Skin that a turned portrait hides, on a built-in avatar that is turned first."""

import numpy as np
import pytest
from numpy.typing import NDArray

from avatarify.animation.face.hidden_skin import HiddenSkin
from avatarify.animation.face.processor_painter import ProcessorPainter
from avatarify.animation.face.puppet import FacePuppet
from avatarify.animation.face.sheet import Sheet
from avatarify.frames import Image
from avatarify.geometry.face_mesh import FACE_TRIANGLE_COUNT, OVAL, counterparts
from avatarify.geometry.face_motion import neck_joint
from avatarify.geometry.face_transfer import MovedFace
from avatarify.geometry.similarity import Similarity, rotation_from_vector
from tests.animation.face.round_heads import round_outline
from tests.drivers import landmarks_of

SIZE = (720, 1280)
GREY = np.full((*SIZE, 3), 128, np.uint8)
Face = NDArray[np.float64]


def turned(yaw: float) -> Face:
    face = landmarks_of("maya").astype(np.float64)
    joint = neck_joint(face)
    return np.asarray((face - joint) @ about_the_neck(yaw).T + joint)


def about_the_neck(yaw: float) -> Face:
    return np.asarray(rotation_from_vector(np.array([0.0, yaw, 0.0])), np.float64)


def sheet_of(portrait: Face) -> Sheet:
    return Sheet(portrait, SIZE, round_outline(portrait, SIZE))


def moved(portrait: Face, yaw: float) -> MovedFace:
    """Turn the head as a whole, farther than a transfer lets such a portrait turn."""
    joint, rotation = neck_joint(portrait), about_the_neck(yaw)
    head = Similarity(1.0, rotation, joint - rotation @ joint)
    return MovedFace(head.apply(portrait), head)


def halves(portrait: Face) -> Image:
    """Red on the side to which the nose points, blue on the other."""
    middle = portrait[[10, 152], 0].mean()
    columns = np.arange(SIZE[1]) > middle
    is_hidden = columns == (portrait[4, 0] > middle)
    picture = GREY.copy()
    picture[:, is_hidden] = (200, 60, 60)
    picture[:, ~is_hidden] = (60, 60, 200)
    return picture


def test_a_frontal_portrait_hides_nothing_worth_mending() -> None:
    assert not HiddenSkin(sheet_of(turned(0.0)), GREY).is_any


@pytest.mark.parametrize("yaw", [0.5, 0.8, -0.5])
def test_a_portrait_that_looks_aside_hides_a_cheek(yaw: float) -> None:
    portrait = turned(yaw)
    hidden = HiddenSkin(sheet_of(portrait), GREY)
    assert hidden.is_any
    shares = hidden.shares(about_the_neck(-yaw))[:FACE_TRIANGLE_COUNT]
    x = portrait[sheet_of(portrait).triangles[:FACE_TRIANGLE_COUNT]].mean(axis=1)[:, 0]
    middle = portrait[[10, 152], 0].mean()
    is_hidden_side = (x > middle) == (portrait[4, 0] > middle)
    assert shares[is_hidden_side].mean() > 10 * shares[~is_hidden_side].mean()
    assert shares.max() == pytest.approx(1.0, abs=0.05)


def test_at_rest_and_turned_on_nothing_is_mirrored() -> None:
    hidden = HiddenSkin(sheet_of(turned(0.6)), GREY)
    assert hidden.shares(np.eye(3)).max() == 0.0
    assert hidden.shares(about_the_neck(0.3))[:FACE_TRIANGLE_COUNT].mean() < 0.02


def test_light_is_that_of_the_hidden_side() -> None:
    portrait = turned(0.5)
    light = HiddenSkin(sheet_of(portrait), halves(portrait)).light
    assert light[0] == pytest.approx(1.6)  # at most
    assert light[2] == pytest.approx(0.5)  # at least


def test_turned_back_the_hidden_cheek_takes_the_other_ones_skin() -> None:
    portrait = turned(0.6)
    green = GREY.copy()
    middle, nose = portrait[[10, 152], 0].mean(), portrait[4, 0]
    side = np.sign(nose - middle)
    rim = portrait[list(OVAL), 0]
    edge = rim.max() if side > 0 else rim.min()
    hidden_strip = side * np.arange(SIZE[1]) > side * edge - 12  # what the portrait hardly shows
    green[:, hidden_strip] = (0, 220, 0)
    puppet = FacePuppet(green, portrait, np.full(SIZE, 255, np.uint8), np.zeros_like(green))
    face = moved(portrait, -0.6)
    picture = ProcessorPainter(puppet).draw(face).astype(int)
    cheek = face.landmarks[[50, 280]][np.argmax(side * face.landmarks[[50, 280], 0])]
    outline = face.landmarks[list(OVAL)]
    rim_x = float(side * max(side * outline[:, 0]))
    x, y = (float(cheek[0]) + 2 * rim_x) / 3, float(cheek[1])
    red, shown, blue = picture[round(y), round(x)]
    assert abs(red - shown) < 40
    assert abs(blue - shown) < 40


def test_mirror_images_of_the_rings_lie_on_the_other_side() -> None:
    sheet = sheet_of(turned(0.0))
    pairs = dict(zip(sheet.triangles.ravel(), sheet.mirrored_triangles.ravel(), strict=True))
    assert all(pairs[pairs[vertex]] == vertex for vertex in pairs)
    assert all(pairs[vertex] == counterparts()[vertex] for vertex in OVAL)
