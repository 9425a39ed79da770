"""Mattes of persons that are drawn here, so that the truth is known."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from avatarify.animation.face.backdrop import fill_backdrop
from avatarify.animation.face.matte import person_matte
from avatarify.animation.face.matte_cut import shortest_outline
from avatarify.animation.face.matte_prior import person_prior, surely_face
from avatarify.animation.face.matte_reach import reach
from avatarify.animation.face.matte_shape import one_piece, signed_distance
from avatarify.frames import Image
from avatarify.geometry.face_mesh import CHIN, FOREHEAD, LANDMARK_COUNT, OVAL

_CENTER = (150.0, 140.0)


def _landmarks() -> NDArray[np.float32]:
    """A face 100 pixels high; only its outline counts here."""
    turn = np.linspace(0.0, 2.0 * np.pi, len(OVAL), endpoint=False)
    points = np.tile(np.array([*_CENTER, 0.0], np.float32), (LANDMARK_COUNT, 1))
    points[list(OVAL), 0] += 38.0 * np.sin(turn)
    points[list(OVAL), 1] -= 50.0 * np.cos(turn)
    return points


def _drawn() -> tuple[Image, NDArray[np.bool_]]:
    """A person before a wall that grows brighter to the right, and where the person is."""
    wall = np.linspace(120.0, 220.0, 300)[None, :, None] * np.array([1.0, 0.9, 0.8])
    picture = np.tile(wall, (300, 1, 1)).astype(np.uint8)
    truth = np.zeros((300, 300), np.uint8)
    for center, axes, colour in (
        ((150, 300), (95, 80), (40, 60, 130)),
        ((150, 210), (20, 40), (190, 140, 120)),
        ((150, 128), (52, 72), (60, 35, 20)),
        ((150, 140), (38, 50), (205, 150, 130)),
    ):
        cv2.ellipse(picture, center, axes, 0, 0, 360, colour, -1, cv2.LINE_AA)
        cv2.ellipse(truth, center, axes, 0, 0, 360, 1, -1)
    grain = np.random.default_rng(0).normal(0.0, 2.0, picture.shape)
    return np.clip(picture + grain, 0, 255).astype(np.uint8), truth.astype(bool)


def test_person_is_found() -> None:
    picture, truth = _drawn()
    matte = person_matte(picture, _landmarks())
    assert matte.shape == truth.shape
    assert matte.dtype == np.uint8
    found = matte > 127
    assert (found & truth).sum() / (found | truth).sum() > 0.97
    assert (matte[truth] < 128).mean() < 0.005


def test_matte_and_backdrop_make_the_picture() -> None:
    picture, _ = _drawn()
    matte = person_matte(picture, _landmarks())
    backdrop = fill_backdrop(picture, matte)
    through = 1.0 - matte[..., None] / 255.0
    person = np.clip(np.round(picture - through * backdrop), 0, 255)
    assert (person <= matte[..., None] + 2.0).all(), "a person brighter than its share can be"
    again = np.round(person + through * backdrop)
    assert np.abs(again - picture).max() <= 1.0


def test_prior_knows_face_torso_and_corners() -> None:
    prior = person_prior(_landmarks(), (300, 300))
    landmarks = _landmarks()
    assert prior.face_height == pytest.approx(100.0)
    assert landmarks[CHIN, 1] > landmarks[FOREHEAD, 1]
    assert prior.is_face[140, 150]
    assert prior.log_odds[140, 150] > 3.0
    assert prior.log_odds[290, 150] > 2.0, "the torso below the chin"
    assert prior.log_odds[10, 10] < -2.0
    left, right = prior.log_odds[:, 50:150], prior.log_odds[:, 250:150:-1]
    assert np.abs(left - right).mean() < 0.03, "both sides are alike"


def test_reach_counts_what_is_entered() -> None:
    seeds = np.zeros((3, 5), bool)
    seeds[1, 0] = True
    cost = np.ones((3, 5), np.float32)
    cost[:, 2] = 4.0
    np.testing.assert_allclose(reach(seeds, cost)[1], [0, 1, 5, 6, 7])
    np.testing.assert_allclose(reach(seeds, cost)[0], [1, 2, 6, 7, 8])


def test_outline_gives_up_a_lonely_pixel() -> None:
    """Its border of 4 costs more than its own odds of 3; a block of 8 × 8 pays for itself."""
    odds = np.full((24, 24), -1.0, np.float32)
    odds[3, 3] = 3.0
    odds[10:18, 10:18] = 3.0
    cut = shortest_outline(odds, np.ones((24, 24), np.float32), 300)
    assert cut[3, 3] < 0.5
    assert (cut[12:16, 12:16] > 0.9).all()
    assert (cut[:8] < 0.5).all()


def test_one_piece_has_neither_islands_nor_holes() -> None:
    face = np.zeros((60, 60), bool)
    face[25:35, 25:35] = True
    cut = np.zeros((60, 60), np.float32)
    cut[15:45, 15:45] = 1.0
    cut[20:22, 28:30] = 0.0
    cut[2:8, 50:56] = 1.0
    whole = one_piece(cut, face, 30.0) >= 0.5
    assert whole[20:22, 28:30].all()
    assert not whole[2:8, 50:56].any()


def test_signed_distance_is_zero_on_the_outline() -> None:
    cut = np.zeros((1, 6), np.float32)
    cut[:, 3:] = 1.0
    np.testing.assert_allclose(signed_distance(cut)[0], [-2.5, -1.5, -0.5, 0.5, 1.5, 2.5], atol=0.1)


@pytest.mark.parametrize("tall", [60.0, 240.0])
def test_surely_the_face_s_is_a_little_less_than_its_outline(tall: float) -> None:
    is_face = np.zeros((300, 300), np.bool_)
    is_face[30:270, 60:240] = True
    rows, columns = np.nonzero(surely_face(is_face, tall))
    assert rows.min() == pytest.approx(30 + 0.035 * tall, abs=1.5)
    assert columns.max() == pytest.approx(239 - 0.035 * tall, abs=1.5)
