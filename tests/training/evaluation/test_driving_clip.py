"""Which frame of a clip calibrates."""

import numpy as np

from avatarify.tracking.face import BLENDSHAPE_NAMES, Face
from avatarify.training.evaluation.driving_clip import DrivingClip, most_neutral


def face(**blendshapes: float) -> Face:
    """A face in the middle of a 256² picture, from the front, with closed lips."""
    values = [blendshapes.get(name, 0.0) for name in BLENDSHAPE_NAMES]
    landmarks = np.random.default_rng(0).uniform(80, 170, (478, 3)).astype(np.float32)
    landmarks[14] = landmarks[13]
    return Face(landmarks, np.array(values, np.float32))


FACES = [
    face(eyeBlinkLeft=0.9, eyeBlinkRight=0.9),
    face(mouthSmileLeft=0.9, mouthSmileRight=0.9),
    face(),
]
PICTURES = [np.full((2, 2, 3), index, np.uint8) for index in range(3)]


def test_a_neutral_face_is_found() -> None:
    assert most_neutral(FACES) == 2


def test_the_driver_calibrates_looking_like_the_portrait() -> None:
    clip = DrivingClip("ann", "ann", PICTURES, FACES, neutral=2)
    assert clip.reference_for(face()) is PICTURES[2]
    assert clip.reference_for(face(mouthSmileLeft=0.8, mouthSmileRight=0.8)) is PICTURES[1]


def test_frames_that_a_thinned_clip_leaves_out_are_not_lost_to_the_whole() -> None:
    clip = DrivingClip("ann", "ann", PICTURES, FACES, neutral=2)
    assert len(clip.thinned(1).faces) == 1
    assert clip.reference_for(face(mouthSmileLeft=0.8, mouthSmileRight=0.8)) is PICTURES[1]
