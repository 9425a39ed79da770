"""The map of cells, and what the shipped folds do when a made-up mouth smiles."""

import numpy as np
import pytest
from numpy.typing import NDArray

from avatarify.geometry.average_face import average_face
from avatarify.geometry.face_mesh import (
    FACE_TRIANGLE_COUNT,
    INNER_LIPS,
    MESH_COUNT,
    OVAL,
    face_triangles,
)
from avatarify.geometry.face_motion import face_unit
from avatarify.geometry.skin_folds import (
    CELL,
    SkinFolds,
    fold_map,
    strengthened,
    usual_folds,
)
from tests.geometry.smiles import smile


def cell_values(values: NDArray[np.floating]) -> dict[tuple[int, int], float]:
    return dict(zip(map(tuple, fold_map().cells.tolist()), values.tolist(), strict=True))


def test_cells_lie_where_the_map_says() -> None:
    face = average_face()
    places = fold_map().places(face) / (CELL * face_unit(face))
    np.testing.assert_allclose(places, fold_map().cells, atol=1e-6)
    np.testing.assert_allclose(fold_map().weights.sum(axis=1), 1.0)


def test_cells_lie_in_triangles_of_skin() -> None:
    skin = {tuple(triangle) for triangle in face_triangles()[:FACE_TRIANGLE_COUNT].tolist()}
    assert {tuple(corners) for corners in fold_map().corners.tolist()} <= skin
    assert fold_map().weights.min() > -1e-5


def test_the_map_is_symmetric() -> None:
    cells = set(map(tuple, fold_map().cells.tolist()))
    assert cells == {(-x, y) for x, y in cells}
    assert len(cells) > 500


@pytest.mark.parametrize(("seeds", "distance"), [(INNER_LIPS, 0.03), (OVAL, 0.09)])
def test_edges_are_spared(seeds: tuple[int, ...], distance: float) -> None:
    face = average_face()
    face /= face_unit(face)
    places = fold_map().places(face)
    ways = np.linalg.norm(places[:, None] - face[list(seeds), :2], axis=2)
    assert ways.min() > distance - 1e-6


def test_cells_go_with_the_landmarks() -> None:
    face = average_face() * 200.0
    moved = face + np.array([7.0, -3.0, 50.0])
    went = fold_map().places(moved) - fold_map().places(face)
    np.testing.assert_allclose(went, np.broadcast_to((7.0, -3.0), went.shape), atol=1e-9)


def test_change_is_the_bent_linear_law() -> None:
    directions = np.zeros((2, 3 * MESH_COUNT))
    directions[0, 0], directions[1, 4] = 1.0, 2.0
    folds = SkinFolds(directions, np.array([[0.1, 0.0, -1.0], [0.0, 0.3, 0.5]]))
    expression = np.zeros((MESH_COUNT, 3))
    expression[0, 0], expression[1, 1] = 0.3, 0.05
    # steps of 0.3 and 0.1: 0.03, 0.03, and -0.3 + 0.05
    np.testing.assert_allclose(
        folds.change(expression), [0.0036 / 0.13, 0.0036 / 0.13, -0.25 / 0.35]
    )


def test_small_shades_shrink_and_large_ones_grow() -> None:
    small = strengthened(np.array([0.0, 0.001, -0.001]))
    assert small == pytest.approx([0, 3.96e-5, -3.96e-5], rel=1e-2)
    assert strengthened(np.array([0.1]))[0] == pytest.approx(0.2)
    values = strengthened(np.linspace(-0.4, 0.4, 81))
    assert (np.diff(values) > 0).all()


def test_no_motion_changes_nothing() -> None:
    assert not usual_folds().change(np.zeros((MESH_COUNT, 3))).any()


def test_a_smile_folds_beside_the_mouth_and_brightens_the_chin() -> None:
    face = average_face() / face_unit(average_face())
    change = usual_folds().change(smile(0.12))
    places = fold_map().places(face)
    corner, chin = face[291, :2], face[199, :2]
    fold = np.linalg.norm(places - (corner + np.array([0.06, -0.16])), axis=1) < 0.09
    assert change[fold].mean() < -0.03
    assert change[np.linalg.norm(places - chin, axis=1) < 0.1].mean() > 0.01


def test_half_a_smile_folds_one_side() -> None:
    left = usual_folds().change(smile(0.12, sides=(291,)))
    right = usual_folds().change(smile(0.12, sides=(61,)))
    places = fold_map().places(average_face())
    beside = np.abs(places[:, 0]) > 0.3 * face_unit(average_face())
    is_left = places[:, 0] > 0
    assert left[beside & is_left].min() < 2 * left[beside & ~is_left].min()
    assert right[beside & ~is_left].min() < 2 * right[beside & is_left].min()


def test_mirrored_motion_shades_the_mirror_image() -> None:
    left, right = (cell_values(usual_folds().change(smile(0.12, sides=(s,)))) for s in (291, 61))
    for (x, y), value in left.items():
        assert right[-x, y] == pytest.approx(value, abs=0.02)
