import cv2
import numpy as np

from avatarify.geometry.fine_flow import enlarged_flow
from avatarify.geometry.silhouette import NOWHERE
from tests.geometry.silhouettes import (
    FRONT,
    SHAPE,
    STEP,
    beyond_edge_px,
    in_front,
    triangle_before_wall,
)


def test_beside_a_slanted_edge_each_pixel_belongs_to_its_own_side() -> None:
    surfaces, places = triangle_before_wall()
    fine, edges = enlarged_flow(places, STEP, surfaces)
    outside = beyond_edge_px()
    is_clear = np.abs(outside) > 1e-6
    np.testing.assert_array_equal(in_front(fine)[is_clear], (outside < 0)[is_clear])
    front = (outside < 0).astype(np.uint8)
    beside = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))
    at_edge = cv2.morphologyEx(front, cv2.MORPH_GRADIENT, beside) > 0
    assert edges is not None
    assert (edges[at_edge] > 0).all()  # so that all of it is softened


def test_without_the_triangles_the_edge_is_a_stair_of_cells() -> None:
    _, places = triangle_before_wall()
    cells = in_front(enlarged_flow(places, STEP).source)
    assert (cells[::2, ::2] == cells[1::2, 1::2]).mean() > 0.97
    assert (cells != (beyond_edge_px() < 0)).sum() > 100


def test_what_is_seen_is_as_large_as_the_triangle() -> None:
    surfaces, places = triangle_before_wall()
    seen = in_front(enlarged_flow(places, STEP, surfaces).source).sum()
    (ax, ay), (bx, by), (cx, cy) = FRONT
    area = abs((bx - ax) * (cy - ay) - (cx - ax) * (by - ay)) / 2
    assert abs(seen / area - 1.0) < 0.01


def test_what_the_front_uncovers_shows_nothing_up_to_its_very_edge() -> None:
    surfaces, _ = triangle_before_wall()
    surfaces, places = triangle_before_wall(np.where(surfaces.label == 0, 0, 255).astype(np.uint8))
    assert surfaces.hidden is not None
    places[surfaces.hidden > 0] = NOWHERE
    fine, _ = enlarged_flow(places, STEP, surfaces)
    is_beside = (np.abs(beyond_edge_px()) > 1e-6) & (np.abs(beyond_edge_px()) < 3.0)
    nothing = (fine == NOWHERE).all(axis=2)
    np.testing.assert_array_equal(nothing[is_beside], (beyond_edge_px() > 0)[is_beside])


def test_a_cell_without_a_triangle_keeps_what_it_was_given() -> None:
    surfaces, places = triangle_before_wall()
    alone = surfaces._replace(label=np.full(SHAPE, -1, np.int32))
    fine, _ = enlarged_flow(places, STEP, alone)
    np.testing.assert_array_equal(fine, enlarged_flow(places, STEP).source)
