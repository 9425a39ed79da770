"""Which frame of a driver is most like a portrait."""

import numpy as np
import pytest

from avatarify.geometry.average_face import average_face
from avatarify.geometry.face_mesh import EYES
from avatarify.geometry.likeness import most_alike, unlikeness
from avatarify.geometry.similarity import Similarity, rotation_from_vector
from tests.geometry.face_shapes import made_face


def looking(aside: float) -> np.ndarray:
    """The average face with irises moved by a part of an eye's width."""
    face = np.array(average_face(), np.float64)
    for eye in EYES:
        width = np.linalg.norm(face[eye.outer, :2] - face[eye.inner, :2])
        face[[eye.iris, *eye.rim], 0] += aside * width
    return face


def test_a_face_is_like_itself_moved_and_scaled() -> None:
    face = looking(0.0)
    assert unlikeness(face, 3.0 * face + (5.0, -7.0, 2.0)) == pytest.approx(0.0, abs=1e-9)


def test_eyes_that_look_aside_count() -> None:
    straight = looking(0.0)
    # Irises 0.2 eye widths aside: 0.4 times that, and the little that ten points of 478 moved.
    assert unlikeness(looking(0.2), straight) == pytest.approx(0.08, abs=0.01)


def test_a_frame_that_looks_ahead_is_chosen_before_one_that_is_a_little_nearer() -> None:
    straight = looking(0.0)
    wider = straight.copy()
    wider[:, 0] *= 1.03  # somebody else, who looks ahead
    assert most_alike(np.stack([looking(0.2), wider, np.full_like(wider, np.nan)]), straight) == 1


def _turned(angle: float) -> np.ndarray:
    turn = rotation_from_vector(np.array([0.0, angle, 0.0]))
    return Similarity(1.0, turn, np.zeros(3)).apply(made_face(eye_gap=10))


def test_the_face_in_the_same_pose_is_the_most_alike() -> None:
    faces = np.stack([_turned(angle) for angle in (0.5, 0.1, -0.4)])
    assert most_alike(faces, _turned(0.12)) == 1


def test_frames_without_a_face_are_passed_over() -> None:
    faces = np.stack([np.full((478, 3), np.nan), _turned(0.3)])
    assert most_alike(faces, _turned(0.0)) == 1


def test_eyes_that_are_half_shut_are_no_reference_for_half_shut_portraits() -> None:
    faces = np.stack([made_face(eye_gap=gap) for gap in (4.0, 10.0, 10.0)])
    assert most_alike(faces, made_face(eye_gap=4.0)) in (1, 2)
