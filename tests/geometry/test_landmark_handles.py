"""Bending a face by its handles."""

import numpy as np
import pytest

from avatarify.geometry.average_face import face_in_the_middle
from avatarify.geometry.face_mesh import EYES, LANDMARK_COUNT, EyeIndices
from avatarify.geometry.landmark_handles import HANDLES, LandmarkBend, handle_places

NAMES = [handle.name for handle in HANDLES]


@pytest.fixture
def face() -> np.ndarray:
    return face_in_the_middle((480, 640))


def rim_radii(face: np.ndarray, eye: EyeIndices) -> np.ndarray:
    offsets = face[list(eye.rim), :2] - face[eye.iris, :2]
    return np.hypot(offsets[:, 0], offsets[:, 1])


def test_handles_are_different_landmarks_with_names_of_their_own() -> None:
    assert len({handle.landmark for handle in HANDLES}) == len(set(NAMES)) == len(HANDLES)


def test_nothing_moves_while_no_handle_does(face: np.ndarray) -> None:
    bend = LandmarkBend(face)
    np.testing.assert_allclose(bend(bend.places), face, atol=1e-9)


def test_all_handles_shifted_shift_the_face(face: np.ndarray) -> None:
    bend = LandmarkBend(face)
    np.testing.assert_allclose(
        bend(bend.places + np.array([3, -2])), face + np.array([3, -2, 0]), atol=1e-6
    )


def test_a_face_made_twice_as_large_is_twice_as_deep(face: np.ndarray) -> None:
    bend = LandmarkBend(face)
    np.testing.assert_allclose(bend(2 * bend.places), 2 * face, atol=1e-6)


def test_a_face_turned_a_quarter_turns_its_irises(face: np.ndarray) -> None:
    bend = LandmarkBend(face)
    turned = bend(bend.places @ np.array([[0, 1], [-1, 0]]))  # (x, y) to (-y, x)
    np.testing.assert_allclose(turned[:, 0], -face[:, 1], atol=1e-6)
    np.testing.assert_allclose(turned[:, 1], face[:, 0], atol=1e-6)


def test_one_handle_takes_its_surroundings_along_and_leaves_the_others(face: np.ndarray) -> None:
    bend = LandmarkBend(face)
    places = bend.places.copy()
    corner = NAMES.index("Right corner of the mouth")
    places[corner] += (-10, 5)
    bent = bend(places)
    np.testing.assert_allclose(handle_places(bent), places, atol=1e-3)
    moved = np.linalg.norm((bent - face)[:, :2], axis=1)
    assert moved[78] > 8  # the inner corner of the lips beside it
    assert moved[[10, 33, 133, 263]].max() < 0.5
    np.testing.assert_allclose(bent[:, 2], face[:, 2], atol=0.02 * np.ptp(face[:, 2]))


def test_a_higher_forehead_takes_the_temples_along(face: np.ndarray) -> None:
    bend = LandmarkBend(face)
    places = bend.places.copy()
    places[NAMES.index("Forehead")] += (0, -40)
    went = face[:, 1] - bend(places)[:, 1]
    assert went[10] == pytest.approx(40, abs=1e-3)
    for temple in (54, 284):  # half the way, and a little of what all handles have in common
        assert 16 < went[temple] < 26
    outline = went[[10, 338, 297, 332, 284]]
    assert (np.diff(outline) < 0).all()


def test_irises_go_with_their_eye_and_stay_round(face: np.ndarray) -> None:
    bend = LandmarkBend(face)
    places = bend.places.copy()
    for name in ("outer corner", "upper lid", "lower lid", "inner corner"):
        places[NAMES.index(f"Left eye, {name}")] += (12, 4)
    places[NAMES.index("Left eye, outer corner")] += (8, 0)
    bent = bend(places)
    right, left = EYES
    assert np.linalg.norm((bent - face)[right.iris, :2]) < 1
    went = (bent - face)[left.iris, :2]
    assert 10 < went[0] < 18
    assert 2 < went[1] < 6
    growth = rim_radii(bent, left) / rim_radii(face, left)
    np.testing.assert_allclose(growth, growth[0])
    assert growth[0] > 1.1


def test_impossible_faces_are_refused() -> None:
    with pytest.raises(ValueError, match="finite"):
        LandmarkBend(np.full((LANDMARK_COUNT, 3), np.nan))
    with pytest.raises(ValueError, match="one place"):
        LandmarkBend(np.zeros((LANDMARK_COUNT, 3)))


def test_the_lids_of_a_shut_eye_can_be_parted_again(face: np.ndarray) -> None:
    upper, lower = NAMES.index("Left eye, upper lid"), NAMES.index("Left eye, lower lid")
    face[HANDLES[upper].landmark] = face[HANDLES[lower].landmark]
    bend = LandmarkBend(face)
    places = bend.places.copy()
    places[[upper, lower]] += [[0, -3], [0, 3]]
    bent = bend(places)
    assert np.isfinite(bent).all()
    assert np.abs(bent - face).max() < 4
