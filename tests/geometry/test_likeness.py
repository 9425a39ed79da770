import numpy as np

from avatarify.geometry.likeness import most_alike, unlikeness
from avatarify.geometry.similarity import Similarity, rotation_from_vector
from tests.geometry.face_shapes import made_face


def _turned(angle: float) -> np.ndarray:
    turn = rotation_from_vector(np.array([0.0, angle, 0.0]))
    return Similarity(1.0, turn, np.zeros(3)).apply(made_face(eye_gap=10))


def test_place_and_size_make_no_difference() -> None:
    face = made_face()
    assert unlikeness(face, 3.0 * face + 70.0) < 1e-9


def test_the_face_in_the_same_pose_is_the_most_alike() -> None:
    faces = np.stack([_turned(angle) for angle in (0.5, 0.1, -0.4)])
    assert most_alike(faces, _turned(0.12)) == 1


def test_frames_without_a_face_are_passed_over() -> None:
    faces = np.stack([np.full((478, 3), np.nan), _turned(0.3)])
    assert most_alike(faces, _turned(0.0)) == 1


def test_eyes_that_are_half_shut_are_no_reference_for_half_shut_portraits() -> None:
    faces = np.stack([made_face(eye_gap=gap) for gap in (4.0, 10.0, 10.0)])
    assert most_alike(faces, made_face(eye_gap=4.0)) in (1, 2)
