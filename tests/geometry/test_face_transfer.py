import numpy as np
import pytest
from numpy.typing import NDArray

from avatarify.geometry.face_gains import FaceGains
from avatarify.geometry.face_mesh import EYES, INNER_LIPS_LOWER, INNER_LIPS_UPPER
from avatarify.geometry.face_motion import lid_gap, lip_gaps, read_motion
from avatarify.geometry.face_transfer import (
    FARTHEST_TURN,
    USUAL_OPENING,
    FaceTransfer,
    lid_share,
    soft_limited,
    widened_share,
)
from avatarify.geometry.posed_face import FacePose, posed_face
from avatarify.geometry.similarity import Similarity, rotation_from_vector, rotation_vector
from tests.geometry.face_shapes import made_face


def test_no_motion_leaves_the_portrait_as_it_is() -> None:
    portrait, driver = made_face(eye_gap=14, lip_gap=6), made_face(eye_gap=9) * 3 + 50
    moved = FaceTransfer(portrait)(read_motion(driver, driver), driver)
    np.testing.assert_allclose(moved.landmarks, portrait, atol=1e-6)


def test_an_expression_is_scaled_to_the_portraits_face() -> None:
    portrait, driver = made_face(), made_face() * 4
    smiling = driver.copy()
    smiling[61] += (-8.0, 0.0, 0.0)
    moved = FaceTransfer(portrait)(read_motion(driver, smiling), driver)
    np.testing.assert_allclose(moved.landmarks[61] - portrait[61], [-2, 0, 0], atol=1e-4)


def test_an_expression_follows_the_portraits_pose() -> None:
    """A portrait that lies on its side smiles along its own mouth."""
    lying = Similarity(1.0, rotation_from_vector(np.array([0, 0, np.pi / 2])), np.zeros(3))
    driver = made_face()
    smiling = driver.copy()
    smiling[61] += (-5.0, 0.0, 0.0)
    portrait = lying.apply(driver)
    moved = FaceTransfer(portrait)(read_motion(driver, smiling), driver)
    np.testing.assert_allclose(moved.landmarks[61] - portrait[61], [0, -5, 0], atol=1e-4)


def test_shut_lids_are_shut_on_any_eyes() -> None:
    portrait, driver = made_face(eye_gap=30), made_face(eye_gap=10)
    shut = made_face(eye_gap=1)
    moved = FaceTransfer(portrait)(read_motion(driver, shut), driver).landmarks
    for eye in EYES:
        gap = np.linalg.norm(moved[list(eye.upper)] - moved[list(eye.lower)], axis=1)
        assert gap.max() < 1e-6


def test_lips_that_meet_meet_on_any_mouth() -> None:
    portrait, driver = made_face(lip_gap=20), made_face(lip_gap=8)
    shut = made_face(lip_gap=0)
    moved = FaceTransfer(portrait)(read_motion(driver, shut), driver).landmarks
    assert lip_gaps(moved).max() < 1e-6


def test_the_gain_of_the_turn_turns_the_head_further() -> None:
    face = made_face()
    turned = Similarity(1.0, rotation_from_vector(np.array([0, 0.2, 0])), np.zeros(3)).apply(face)
    motion = read_motion(face, turned)
    for gain in (0.0, 1.0, 2.0):
        head = FaceTransfer(face)(motion, face, FaceGains(turn=gain)).head
        np.testing.assert_allclose(rotation_vector(head.rotation), [0, 0.2 * gain, 0], atol=1e-6)


def test_the_gain_of_the_mouth_leaves_the_brows_alone() -> None:
    face = made_face()
    moving = face.copy()
    moving[[13, 105], 1] += (10.0, -4.0)
    moved = FaceTransfer(face)(read_motion(face, moving), face, FaceGains(mouth=0.0)).landmarks
    assert abs(moved[13, 1] - face[13, 1]) < 2.0
    assert moved[105, 1] - face[105, 1] < -3.0


def test_gains_out_of_range_are_refused() -> None:
    with pytest.raises(ValueError, match="between 0 and 2"):
        FaceGains(gaze=2.5)


@pytest.mark.parametrize("bad", [np.zeros((468, 3)), np.full((478, 3), np.nan)])
def test_portraits_without_all_landmarks_are_refused(bad: NDArray[np.float64]) -> None:
    with pytest.raises(ValueError, match="finite landmarks"):
        FaceTransfer(bad)


def test_soft_limits_change_little_things_not_at_all_and_never_pass() -> None:
    start, end = FARTHEST_TURN
    small = np.array([0.9 * start, 0.0, 0.0])
    np.testing.assert_array_equal(soft_limited(small, FARTHEST_TURN), small)
    assert np.linalg.norm(soft_limited(np.array([0.0, 9.0, 0.0]), FARTHEST_TURN)) <= end


def test_inner_lips_never_cross() -> None:
    portrait, driver = made_face(lip_gap=2), made_face(lip_gap=10)
    for gap in (9.0, 4.0, 1.0, 0.0):
        motion = read_motion(driver, made_face(lip_gap=gap))
        moved = FaceTransfer(portrait)(motion, driver).landmarks
        below = moved[list(INNER_LIPS_LOWER)] - moved[list(INNER_LIPS_UPPER)]
        assert below[:, 1].min() >= -1e-6


def test_lids_of_usual_eyes_keep_the_drivers_ratio() -> None:
    assert lid_share(0.5, USUAL_OPENING) == pytest.approx(0.5)
    assert lid_share(1.0, USUAL_OPENING) == 1.0


def test_eyes_open_by_what_the_drivers_lids_do_beyond_the_floor() -> None:
    # 0.2 wide, 0.14 of it beyond the floor of 0.06: a tenth more of that is 0.07 of the whole
    assert widened_share(1.0, 0.2) == 1.0
    assert widened_share(1.1, 0.2) == pytest.approx(1.07, abs=2e-3)
    assert 0.2 * widened_share(9.0, 0.2) <= 0.32
    assert widened_share(9.0, 0.3) <= 1.4


def test_half_shut_eyes_open_as_wide_as_any() -> None:
    portrait = made_face(eye_gap=3.0)  # 3 of 35 wide: 0.086
    for driver in (portrait, made_face(eye_gap=2.5)):
        motion = read_motion(driver, made_face(eye_gap=8.0))
        moved = FaceTransfer(portrait)(motion, driver).landmarks
        assert 0.19 < lid_gap(moved, EYES[0]) < 0.28


def test_half_shut_eyes_stay_half_shut_while_the_driver_rests() -> None:
    portrait = made_face(eye_gap=2.4)
    moved = FaceTransfer(portrait)(read_motion(portrait, portrait), portrait).landmarks
    np.testing.assert_allclose(moved, portrait, atol=1e-9)


def test_lids_of_large_eyes_come_down_faster_and_shut_at_the_end() -> None:
    # twice as open as usual: 0.5 · (0.5 + 0.5 · 0.5)
    assert lid_share(0.5, 2 * USUAL_OPENING) == pytest.approx(0.375)
    assert lid_share(0.0, 2 * USUAL_OPENING) == 0.0
    assert lid_share(1.0, 2 * USUAL_OPENING) == 1.0


def test_lids_that_shut_meet_on_a_smooth_line() -> None:
    portrait, driver = made_face(eye_gap=16), made_face(eye_gap=10)
    portrait[163] += (0.0, 3.0, 0.0)  # a kink in the lower margin
    motion = read_motion(driver, made_face(eye_gap=1))
    moved = FaceTransfer(portrait)(motion, driver).landmarks
    eye = EYES[0]
    line = moved[[eye.outer, *eye.lower, eye.inner], :2]
    bend = np.diff(line[:, 1], 2)
    assert bend.max() < 0  # one bow, down and up again, whose y grows downwards


def test_a_tilted_portrait_turns_about_an_upright_neck() -> None:
    face = made_face()
    tilted = Similarity(1.0, rotation_from_vector(np.array([0.3, 0, 0.2])), np.zeros(3)).apply(face)
    turned = Similarity(1.0, rotation_from_vector(np.array([0, 0.2, 0])), np.zeros(3)).apply(face)
    head = FaceTransfer(tilted)(read_motion(face, turned), face).head
    np.testing.assert_allclose(rotation_vector(head.rotation), [0, 0.2, 0], atol=0.02)


def test_a_portrait_that_looks_aside_nods_along_its_own_nose() -> None:
    face = made_face()
    aside = Similarity(1.0, rotation_from_vector(np.array([0, 0.6, 0])), np.zeros(3)).apply(face)
    nodding = Similarity(1.0, rotation_from_vector(np.array([0.2, 0, 0])), np.zeros(3)).apply(face)
    head = FaceTransfer(aside)(read_motion(face, nodding), face).head
    expected = 0.2 * np.array([np.cos(0.6), 0.0, -np.sin(0.6)])
    np.testing.assert_allclose(rotation_vector(head.rotation), expected, atol=1e-6)


@pytest.mark.parametrize("side", [-1.0, 1.0])
def test_a_portrait_that_hides_a_side_does_not_turn_it_to_the_viewer(side: float) -> None:
    transfer = FaceTransfer(posed_face(FacePose(turn_deg=32.0 * side)))
    front, aside = posed_face(FacePose()), posed_face(FacePose(turn_deg=25.0))
    other = posed_face(FacePose(turn_deg=-25.0))
    away, back = (aside, other) if side > 0 else (other, aside)
    assert abs(_yaw(transfer(read_motion(front, away), front).head)) > 0.4
    assert 0.02 < abs(_yaw(transfer(read_motion(front, back), front).head)) <= 0.07


def test_a_portrait_that_looks_a_little_aside_turns_as_far_as_any() -> None:
    transfer = FaceTransfer(posed_face(FacePose(turn_deg=18.0)))
    front, back = posed_face(FacePose()), posed_face(FacePose(turn_deg=-25.0))
    assert abs(_yaw(transfer(read_motion(front, back), front).head)) > 0.4


def _yaw(head: Similarity) -> float:
    return float(rotation_vector(head.rotation)[1])
