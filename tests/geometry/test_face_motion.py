import numpy as np
import pytest

from avatarify.geometry.face_mesh import EYES, INNER_LIPS_LOWER, MESH_COUNT
from avatarify.geometry.face_motion import IRIS_LAG, SHUT_EYE, neck_joint, placed_like, read_motion
from avatarify.geometry.similarity import Similarity, rotation_from_vector
from tests.geometry.face_shapes import made_face


def test_the_reference_itself_is_no_motion() -> None:
    motion = read_motion(made_face(), made_face())
    np.testing.assert_allclose(motion.turn, 0, atol=1e-7)
    np.testing.assert_allclose(motion.expression, 0, atol=1e-9)
    np.testing.assert_allclose(motion.lids, 1)


def test_a_moved_head_has_no_expression() -> None:
    face = made_face()
    head = Similarity(1.2, rotation_from_vector(np.array([0.1, -0.4, 0.2])), np.array([9.0, 5, 0]))
    motion = read_motion(face, head.apply(face))
    np.testing.assert_allclose(motion.turn, [0.1, -0.4, 0.2], atol=1e-9)
    assert motion.growth[0] == pytest.approx(np.log(1.2))
    np.testing.assert_allclose(motion.expression, 0, atol=1e-9)
    np.testing.assert_allclose(motion.gaze, 0, atol=1e-9)


def test_a_turn_about_the_neck_is_no_shift() -> None:
    face = made_face()
    turn, joint = rotation_from_vector(np.array([0.0, 0.5, 0.0])), neck_joint(face)
    motion = read_motion(face, (face - joint) @ turn.T + joint)
    np.testing.assert_allclose(motion.shift, 0, atol=1e-9)


def test_shift_is_measured_in_distances_of_the_eye_corners() -> None:
    face = made_face()  # whose outer eye corners are 100 apart
    motion = read_motion(face, face + np.array([30.0, -10.0, 0.0]))
    np.testing.assert_allclose(motion.shift, [0.3, -0.1], atol=1e-9)


def test_an_expression_is_told_apart_from_the_head() -> None:
    face = made_face()
    smiling = face.copy()
    smiling[61] += (-5.0, -3.0, 0.0)
    motion = read_motion(face, smiling)
    expected = np.zeros((MESH_COUNT, 3))
    expected[61] = (-0.05, -0.03, 0.0)
    np.testing.assert_allclose(motion.expression, expected, atol=1e-9)


def test_a_lid_gap_is_a_ratio_with_the_trackers_floor_taken_out() -> None:
    face, half = made_face(eye_gap=10), made_face(eye_gap=5)
    floor = 35 * SHUT_EYE  # the eyes are 35 wide
    expected = (5 - floor) / (10 - floor)
    np.testing.assert_allclose(read_motion(face, half).lids, expected, atol=1e-9)
    shut = made_face(eye_gap=floor)
    np.testing.assert_allclose(read_motion(face, shut).lids, 0, atol=1e-9)


def test_gaze_is_the_way_of_the_irises_in_widths_of_an_eye() -> None:
    face, aside = made_face(eye_gap=20), made_face(eye_gap=20)
    for eye in EYES:
        aside[eye.iris] += (7.0, 0.0, 0.0)  # the eyes are 35 wide
    gaze = read_motion(face, aside).gaze
    np.testing.assert_allclose(gaze, [IRIS_LAG * 0.2, 0.0], atol=1e-9)


def test_shut_eyes_say_nothing_about_gaze() -> None:
    face, shut = made_face(eye_gap=20), made_face(eye_gap=35 * SHUT_EYE)
    for eye in EYES:
        shut[eye.iris] += (7.0, 0.0, 0.0)
    np.testing.assert_allclose(read_motion(face, shut).gaze, 0, atol=1e-9)


def test_lip_gaps_come_in_the_unit_of_the_face() -> None:
    motion = read_motion(made_face(), made_face(lip_gap=12))
    np.testing.assert_allclose(motion.lips, 0.12, atol=1e-9)
    assert len(motion.lips) == len(INNER_LIPS_LOWER) - 2


def test_a_placed_reference_keeps_the_turn_and_loses_shift_and_growth() -> None:
    face = made_face()
    head = Similarity(1.4, rotation_from_vector(np.array([0.0, 0.3, 0.0])), np.array([90.0, 20, 0]))
    driving = head.apply(face)
    motion = read_motion(placed_like(face, driving), driving)
    np.testing.assert_allclose(motion.turn, [0.0, 0.3, 0.0], atol=1e-9)
    np.testing.assert_allclose(motion.shift, 0, atol=1e-9)
    np.testing.assert_allclose(motion.growth, 0, atol=1e-9)
