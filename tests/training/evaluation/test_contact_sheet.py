"""Contact sheets."""

import numpy as np

from avatarify.tracking.face import BLENDSHAPE_NAMES, Face
from avatarify.training.evaluation.contact_sheet import TILE, contact_sheet, telling_frames
from avatarify.training.evaluation.driving_clip import DrivingClip
from avatarify.training.evaluation.sight import Sight


def face(**blendshapes: float) -> Face:
    values = [blendshapes.get(name, 0.0) for name in BLENDSHAPE_NAMES]
    landmarks = np.random.default_rng(0).uniform(80, 170, (478, 3)).astype(np.float32)
    return Face(landmarks, np.array(values, np.float32))


def test_the_most_expressive_frames_are_chosen() -> None:
    faces = [face(), face(jawOpen=0.7), face(eyeBlinkLeft=0.9, eyeBlinkRight=0.9)]
    sights = [Sight(np.zeros((512, 512, 3), np.uint8), face) for face in faces]
    chosen = telling_frames(DrivingClip("ann", "ann", sights, neutral=0))
    assert (chosen["rest"], chosen["jaw"], chosen["blink"]) == (0, 1, 2)


def test_pictures_lie_in_rows() -> None:
    red, blue = (np.full((256, 256, 3), colour, np.uint8) for colour in ((255, 0, 0), (0, 0, 255)))
    sheet = contact_sheet(["one", "two"], {"driver": [red, blue], "portrait": [blue, red]})
    middle = TILE // 2
    assert sheet[-middle, -middle].tolist() == [255, 0, 0]
    assert sheet[-middle, -middle - TILE].tolist() == [0, 0, 255]
    assert sheet[-middle - TILE, -middle].tolist() == [0, 0, 255]
