"""The face engine driven by our own tracker, with what is there on every machine."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import pytest

from avatarify.frames import Image
from avatarify.media.image_file import read_image
from avatarify.shipped import shipped
from avatarify.tracking.face import Face
from avatarify.tracking.landmarker import LandmarkerMode
from avatarify.tracking.own_finder import OwnFinder
from avatarify.training.evaluation.driven_by import DrivenByOwn
from avatarify.training.evaluation.sight import Sight

MODEL = shipped("models/landmarks.safetensors")


class Listener:
    """Remembers with which faces it was driven, and shows the driver."""

    name = "listener"

    def __init__(self) -> None:
        self.reference: Face | None = None
        self.faces: list[Face] = []

    def start(self, portrait: Sight, reference: Sight) -> None:
        self.portrait, self.reference = portrait, reference.face

    def perform(self, driving: Sequence[Sight]) -> Iterator[Image]:
        for sight in driving:
            self.faces.append(sight.face)
            yield sight.picture

    def still(self) -> Image:
        return self.portrait.picture


@pytest.fixture(scope="module")
def driver() -> Sight:
    """A rendered person, whose face the evaluation's tracker is said to have seen elsewhere."""
    picture = np.ascontiguousarray(read_image(shipped("assets/avatars/leo.png"))[::2, ::2])
    face = Face(np.zeros((478, 3), np.float32), np.zeros(52, np.float32))
    return Sight(picture, face)


@pytest.mark.parametrize("fps", [30.0, 6.0])
def test_reference_and_frames_are_seen_by_our_own(driver: Sight, fps: float) -> None:
    listener = Listener()
    method = DrivenByOwn(listener, MODEL)
    assert method.name == "listener, our own tracker"
    portrait = driver._replace(face=replace(driver.face, blendshapes=np.ones(52, np.float32)))
    method.start(portrait, driver)
    driving = [driver._replace(time_s=number / fps) for number in range(4)]
    assert len(list(method.perform(driving))) == 4
    with OwnFinder(MODEL, LandmarkerMode.IMAGE) as finder:
        seen = finder.find(driver.picture)
    assert seen is not None
    assert listener.portrait.face is portrait.face
    assert listener.reference is not None
    np.testing.assert_allclose(listener.reference.landmarks, seen.landmarks, atol=0.01)
    for face in listener.faces:
        assert np.abs(face.landmarks - seen.landmarks).mean() < 0.01 * seen.interocular
    assert method.still() is driver.picture


def test_a_face_that_is_lost_stays_where_it_was(driver: Sight) -> None:
    listener = Listener()
    method = DrivenByOwn(listener, MODEL)
    method.start(driver, driver)
    dark = driver._replace(picture=np.zeros_like(driver.picture), time_s=1 / 30)
    list(method.perform([driver, dark]))
    assert listener.faces[1] is listener.faces[0]
