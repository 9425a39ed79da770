"""Patches lie where the landmarks are, upright and of one size."""

import numpy as np
import pytest

from avatarify.geometry.face_mesh import EYES, LANDMARK_COUNT, OUTER_LIPS
from avatarify.geometry.face_patches import EYE_WIDTH, MOUTH_WIDTH, FacePatch

MOUTH = FacePatch((96, 96))


def face() -> np.ndarray:
    """Outer eye corners 100 pixels apart, mouth 60 wide and 20 high around (150, 200)."""
    marks = np.full((LANDMARK_COUNT, 3), 150.0)
    marks[:, 2] = 0.0
    marks[EYES[0].outer], marks[EYES[0].inner] = (100, 100, 0), (130, 100, 0)
    marks[EYES[1].outer], marks[EYES[1].inner] = (200, 100, 0), (170, 100, 0)
    around = np.linspace(0, 2 * np.pi, len(OUTER_LIPS), endpoint=False)
    for index, angle in zip(OUTER_LIPS, around, strict=True):
        marks[index] = 150 + 30 * np.cos(angle), 200 + 10 * np.sin(angle), 0
    return marks


def turned(
    marks: np.ndarray, degrees: float, scale: float, shift: tuple[float, float]
) -> np.ndarray:
    angle = np.radians(degrees)
    turn = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    moved = marks * scale
    moved[:, :2] = marks[:, :2] @ turn.T + shift
    return moved


def test_the_mouth_lies_in_the_middle_of_its_patch() -> None:
    place = MOUTH.place(face())
    assert place.scale == pytest.approx(MOUTH_WIDTH * 100 / 96)
    np.testing.assert_allclose(place.to_patch(np.array([[150.0, 200.0]])), [[48, 48]])
    np.testing.assert_allclose(place.to_picture(np.array([[0.0, 0.0]])), [[87.5, 137.5]])


def test_a_head_that_leans_and_comes_nearer_shows_the_same_patch() -> None:
    marks = face()
    moved = turned(marks, 25.0, 1.7, (30.0, -12.0))
    for patch in (MOUTH, *(FacePatch((48, 64), eye) for eye in EYES)):
        before = patch.place(marks).to_patch(marks[:, :2])
        np.testing.assert_allclose(patch.place(moved).to_patch(moved[:, :2]), before, atol=1e-9)
        assert patch.motion(marks, moved) == pytest.approx(0.0, abs=1e-9)


def test_the_left_eye_is_the_right_one_mirrored() -> None:
    marks = face()
    corners = []
    for eye in EYES:
        place = FacePatch((48, 64), eye).place(marks)
        corners.append(place.to_patch(marks[[eye.outer, eye.inner], :2]))
        assert place.scale == pytest.approx(EYE_WIDTH * 100 / 64)
        above = place.to_patch(marks[[eye.outer], :2] - [0.0, 5.0])
        assert above[0, 1] < corners[-1][0, 1]  # up stays up
    np.testing.assert_allclose(corners[0], corners[1])
    assert corners[0][0, 0] < 32 < corners[0][1, 0]


def test_matrix_counts_pixels_by_their_centres() -> None:
    place = MOUTH.place(face())
    first_centre = place.to_picture(np.array([[0.5, 0.5]]))[0]
    np.testing.assert_allclose(place.matrix()[:, 2] + 0.5, first_centre)
    finer = place.to_picture(np.array([[0.25, 0.25]]))[0]
    np.testing.assert_allclose(place.matrix(2)[:, 2] + 0.5, finer)


def test_motion_is_measured_in_widths_of_the_patch() -> None:
    marks, moved = face(), face()
    loops = sorted({point for loop in MOUTH.outlines for point in loop})
    for number, index in enumerate(loops):  # apart, so that the patch stays
        moved[index, 1] += 12.5 if number % 2 else -12.5
    # 12.5 of 125 pixels; outer lips move up and down alike
    shift = np.array([moved[i, 1] - marks[i, 1] for i in OUTER_LIPS]).mean()
    expected = np.sqrt(
        np.mean([((12.5 if n % 2 else -12.5) - shift) ** 2 for n in range(len(loops))])
    )
    assert MOUTH.motion(marks, moved) == pytest.approx(expected / 125.0)
