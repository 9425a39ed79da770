import numpy as np
import pytest
from numpy.typing import NDArray

from avatarify.geometry.room_light import (
    USUAL_LIGHT,
    brightening,
    fitted_light,
    smoothed_normals,
)
from avatarify.geometry.similarity import rotation_from_vector

Points = NDArray[np.floating]


def facing(count: int = 300) -> Points:
    """Normals of a ball's near side, evenly spread."""
    normals = np.random.default_rng(3).normal(size=(count, 3))
    normals[:, 2] = -np.abs(normals[:, 2])
    return np.asarray(normals / np.linalg.norm(normals, axis=1, keepdims=True))


def lit(normals: Points, light: Points) -> Points:
    return np.asarray(120.0 * np.exp(normals @ light))


def test_normals_of_a_slanted_plane() -> None:
    points = np.array([[0.0, 0, 0], [1, 0, 1], [0, 1, 0], [1, 1, 1]])
    triangles = np.array([[0, 1, 2], [1, 3, 2]])
    expected = np.tile([np.sqrt(0.5), 0.0, -np.sqrt(0.5)], (4, 1))
    for order in (triangles, triangles[:, ::-1]):
        np.testing.assert_allclose(smoothed_normals(points, order, 2), expected, atol=1e-12)


def test_smoothing_flattens_a_roof() -> None:
    points = np.array([[0.0, 0, 1], [0, 1, 1], [1, 0, 0], [1, 1, 0], [2, 0, 1], [2, 1, 1]])
    triangles = np.array([[0, 2, 1], [2, 3, 1], [2, 4, 3], [4, 5, 3]])
    sharp, smooth = (smoothed_normals(points, triangles, rounds) for rounds in (0, 3))
    assert np.ptp(smooth[:, 0]) < 0.7 * np.ptp(sharp[:, 0])


@pytest.mark.parametrize("light", [(0.3, -0.2, -0.2), (-0.3, -0.15, -0.12), (0.1, 0.1, -0.3)])
def test_the_light_is_found_nearly_whole(light: tuple[float, float, float]) -> None:
    normals = facing()
    found = fitted_light(normals, lit(normals, np.array(light)))
    np.testing.assert_allclose(found, light, atol=0.08)
    assert np.sign(found[0]) == np.sign(light[0])


def test_how_bright_the_skin_is_does_not_matter() -> None:
    normals = facing()
    seen = lit(normals, np.array([0.25, -0.1, -0.2]))
    np.testing.assert_allclose(
        fitted_light(normals, seen), fitted_light(normals, 0.2 * seen), atol=1e-3
    )


def test_glasses_and_strands_are_outvoted() -> None:
    normals = facing()
    seen = lit(normals, np.array([0.25, -0.15, -0.2]))
    spoilt = seen.copy()
    spoilt[normals[:, 0] > 0.75] *= 0.2  # a tenth of the face
    np.testing.assert_allclose(
        fitted_light(normals, spoilt), fitted_light(normals, seen), atol=0.06
    )


def test_hardly_any_skin_gets_the_usual_light() -> None:
    np.testing.assert_array_equal(fitted_light(facing(3), np.ones(3)), USUAL_LIGHT)


def test_half_a_face_in_the_dark_is_limited() -> None:
    normals = facing()
    seen = np.where(normals[:, 0] > 0, 250.0, 4.0)
    light = fitted_light(normals, seen)
    assert np.isfinite(light).all()
    assert 0.3 < np.linalg.norm(light) < 0.6
    assert light[0] > 0


def test_turning_to_the_light_brightens() -> None:
    light = np.array([0.5, 0.0, 0.0])
    to_viewer = np.array([[0.0, 0.0, -1.0]])
    angle = 0.4
    rotation = rotation_from_vector(np.array([0.0, -angle, 0.0]))  # the nose goes to the right
    assert (rotation @ to_viewer[0])[0] == pytest.approx(np.sin(angle))
    change = brightening(to_viewer, light, rotation)
    np.testing.assert_allclose(change, [0.5 * np.sin(angle)])
    np.testing.assert_allclose(brightening(to_viewer, light, np.eye(3)), [0.0], atol=1e-15)
