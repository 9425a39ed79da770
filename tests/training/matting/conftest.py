"""Discs that stand for people, and settings small enough for a test."""

from collections.abc import Callable

import cv2
import numpy as np
import pytest

from avatarify.geometry.average_face import face_in_the_middle
from avatarify.training.matting.people import SIDE, Look, Person
from avatarify.training.matting.settings import MatteSettings

MakePerson = Callable[[str], Person]


def look(seed: int) -> Look:
    """A bright person before a dark room."""
    chance = np.random.default_rng(seed)
    matte = np.zeros((SIDE, SIDE), np.uint8)
    cv2.ellipse(matte, (SIDE // 2, 175), (60, 80), 0, 0, 360, 255, -1, cv2.LINE_AA)
    cv2.rectangle(matte, (120, 250), (264, SIDE), 255, -1)
    room = np.full((SIDE, SIDE, 3), 40, np.uint8) + chance.integers(0, 12, 3, np.uint8)
    share = matte[..., None] / 255.0
    person = chance.integers(150, 250, 3)
    picture = np.round(person * share + room * (1 - share)).astype(np.uint8)
    here = np.full((SIDE, SIDE), 255, np.uint8)
    landmarks = face_in_the_middle((250, SIDE)) + np.array([0.0, 60.0, 0.0])
    return Look(picture, matte, room, here, landmarks.astype(np.float32))


@pytest.fixture(scope="session")
def make_person() -> MakePerson:
    def make(name: str) -> Person:
        return Person(name, tuple(look(sum(name.encode()) + number) for number in range(2)))

    return make


@pytest.fixture
def settings() -> MatteSettings:
    return MatteSettings("people", steps=6, batch=2, widths=(4, 5), measure_every=2)
