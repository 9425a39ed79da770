"""The average face."""

import numpy as np

from avatarify.geometry.average_face import average_face, face_in_the_middle
from avatarify.geometry.face_mesh import CHIN, EYES, FOREHEAD, mirrored_landmarks


def test_its_unit_is_the_distance_of_the_outer_eye_corners() -> None:
    face = average_face()
    assert face.shape == (478, 3)
    np.testing.assert_allclose(face[EYES[0].outer], (-0.5, 0, 0), atol=1e-4)
    np.testing.assert_allclose(face[EYES[1].outer], (0.5, 0, 0), atol=1e-4)
    assert face[FOREHEAD, 1] < 0 < face[CHIN, 1]


def test_it_is_its_own_mirror_image() -> None:
    face = average_face().astype(np.float32)
    mirrored = mirrored_landmarks(face, 0.0)
    assert np.abs(mirrored - face).max() < 1e-4


def test_nobody_can_change_it() -> None:
    average_face()[:] = 0
    assert average_face().any()


def test_it_is_placed_in_the_middle_half_as_high_as_the_shorter_side() -> None:
    face = face_in_the_middle((400, 1000))
    low, high = face[:, :2].min(axis=0), face[:, :2].max(axis=0)
    np.testing.assert_allclose((low + high) / 2, (500, 188))
    np.testing.assert_allclose(high[1] - low[1], 200)
    tall = face_in_the_middle((1000, 400))
    np.testing.assert_allclose(np.ptp(tall[:, 1]), 200)
