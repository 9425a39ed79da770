"""Which frame of a clip calibrates."""

import numpy as np

from avatarify.tracking.face import BLENDSHAPE_NAMES, Face
from avatarify.training.evaluation.driving_clip import DrivingClip, most_neutral
from avatarify.training.evaluation.sight import Sight


def face(**blendshapes: float) -> Face:
    """A face in the middle of a 512² picture, from the front, with closed lips."""
    values = [blendshapes.get(name, 0.0) for name in BLENDSHAPE_NAMES]
    landmarks = np.random.default_rng(0).uniform(160, 340, (478, 3)).astype(np.float32)
    landmarks[14] = landmarks[13]
    return Face(landmarks, np.array(values, np.float32))


FACES = [
    face(eyeBlinkLeft=0.9, eyeBlinkRight=0.9),
    face(mouthSmileLeft=0.9, mouthSmileRight=0.9),
    face(),
]
SIGHTS = [
    Sight(np.full((2, 2, 3), index, np.uint8), face, index / 25) for index, face in enumerate(FACES)
]
CLIP = DrivingClip("ann", "ann", SIGHTS, neutral=2)


def test_a_neutral_face_is_found() -> None:
    assert most_neutral(FACES) == 2


def test_the_driver_calibrates_looking_like_the_portrait() -> None:
    assert CLIP.reference_for(face()) is SIGHTS[2]
    assert CLIP.reference_for(face(mouthSmileLeft=0.8, mouthSmileRight=0.8)) is SIGHTS[1]


def test_frames_that_a_thinned_clip_leaves_out_are_not_lost_to_the_whole() -> None:
    assert CLIP.thinned(1).sights == SIGHTS[:1]
    assert CLIP.thinned(2).sights == [SIGHTS[0], SIGHTS[2]]
    assert CLIP.reference_for(face(mouthSmileLeft=0.8, mouthSmileRight=0.8)) is SIGHTS[1]
