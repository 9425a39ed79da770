"""The average face: symmetric, upright, framed."""

import numpy as np
from numpy.typing import NDArray

from avatarify.geometry.face_mesh import counterparts
from avatarify.synthesis.landmarks import measured_places
from avatarify.training.canonical_face import affine_fit_weights, average_face
from tests.training.made_faces import made_face


def turned(
    face: NDArray[np.float32], angle_deg: float, scale: float, shift: float
) -> NDArray[np.float32]:
    angle = np.radians(angle_deg)
    rotation = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return (scale * face @ rotation.T + shift).astype(np.float32)


def test_counterparts_change_places_and_change_back() -> None:
    other = counterparts()
    assert [int(other[index]) for index in (61, 291, 33, 234, 13)] == [291, 61, 263, 454, 13]
    np.testing.assert_array_equal(other[other], np.arange(478))


def test_counterparts_lie_opposite_each_other_on_the_head() -> None:
    places = measured_places().numpy().astype(np.float64)  # (column, row), 0 to 1 each
    opposite = places[counterparts()[:468]]
    np.testing.assert_allclose(opposite[:, 0], 1.0 - places[:, 0], atol=0.04)
    np.testing.assert_allclose(opposite[:, 1], places[:, 1], atol=0.04)


def test_faces_that_look_aside_average_symmetric_all_the_same() -> None:
    face = made_face().astype(np.float64)
    aside = face.copy()
    aside[:, 0] += 0.3 * (1.0 - face[:, 0] ** 2)  # the near half widens, the far half shrinks
    points = average_face(np.stack([face, aside, aside]).astype(np.float32))
    np.testing.assert_allclose(points[counterparts()], points * (-1.0, 1.0), atol=1e-9)
    assert points[61, 0] < -0.05 < 0.05 < points[291, 0]


def test_it_is_symmetric() -> None:
    rng = np.random.default_rng(0)
    faces = made_face()[None] + rng.normal(0.0, 0.002, (20, 478, 2)).astype(np.float32)
    points = average_face(faces.astype(np.float32))
    np.testing.assert_allclose(points[counterparts()], points * (-1.0, 1.0), atol=1e-9)


def test_size_and_place_of_the_faces_do_not_matter() -> None:
    face = made_face()
    faces = np.stack([turned(face, 0, 1, 0), turned(face, 0, 40, 100), turned(face, 0, 3, -7)])
    alone, together = average_face(face[None]), average_face(faces)
    np.testing.assert_allclose(alone, together, atol=1e-5)


def test_faces_turned_left_and_right_average_upright() -> None:
    face = made_face()
    canonical = average_face(np.stack([turned(face, 0, 1, 0), turned(face, 8, 1, 0)]))
    assert abs(canonical[152, 0] - canonical[10, 0]) < 1e-6


def test_its_larger_side_fills_the_framing() -> None:
    points = average_face(made_face()[None], framing=1.9)
    assert np.isclose(np.ptp(points, axis=0).max(), 2.0 / 1.9)


def test_the_local_fit_of_an_affine_image_is_that_affine_map() -> None:
    canonical = average_face(made_face()[None])
    matrix = np.array([[0.9, 0.2], [-0.1, 1.1]])
    landmarks = canonical @ matrix.T + (0.3, -0.2)
    weights = affine_fit_weights(canonical, [13, 159, 386], radius=0.3)
    fits = np.einsum("la,klc->kac", landmarks, weights)
    np.testing.assert_allclose(fits, np.broadcast_to(matrix, (3, 2, 2)), atol=1e-9)
