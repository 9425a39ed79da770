import numpy as np

from avatarify.geometry.triangle_flow import affine_maps, draw_flow, draw_labels

SQUARE = np.array([[0, 0, 0], [32, 0, 0], [0, 32, 0], [32, 32, 0]], np.float64)
TWO = np.array([[0, 1, 2], [1, 3, 2]], np.int32)


def test_unmoved_triangles_look_at_where_they_are() -> None:
    flow = draw_flow(TWO, SQUARE, SQUARE, (16, 16), step=2.0)
    assert (flow.label >= 0).all()
    x, y = np.meshgrid(np.arange(16) * 2 + 1.0, np.arange(16) * 2 + 1.0)
    np.testing.assert_allclose(flow.source, np.stack([x, y], axis=-1), atol=1e-4)


def test_a_shifted_mesh_is_looked_up_against_the_shift() -> None:
    moved = SQUARE + np.array([4.0, 2.0, 0.0])
    flow = draw_flow(TWO, SQUARE, moved, (8, 8), offset=(8.0, 8.0), step=2.0)
    np.testing.assert_allclose(flow.source[0, 0], [9.0 - 4.0, 9.0 - 2.0], atol=1e-4)


def test_an_affine_map_carries_corners_back() -> None:
    moved = np.array([[[1.0, 2], [5, 3], [2, 8]]])
    source = np.array([[[10.0, 20], [18, 20], [10, 30]]])
    row = affine_maps(source, moved)[0].reshape(2, 3)
    for corner, home in zip(moved[0], source[0], strict=True):
        np.testing.assert_allclose(row @ [*corner, 1.0], home, atol=1e-4)


def test_what_is_near_covers_what_is_far() -> None:
    both = np.concatenate([SQUARE, SQUARE + np.array([0.0, 0.0, -5.0])])
    triangles = np.concatenate([TWO + 4, TWO])  # the near ones are named first
    flow = draw_flow(triangles, both, both, (16, 16), step=2.0)
    assert set(np.unique(flow.label)) <= {0, 1}


def test_cracks_take_the_mean_of_their_neighbours() -> None:
    split = np.array([[0, 0, 0], [15, 0, 0], [0, 32, 0], [15, 32, 0],
                      [17, 0, 0], [32, 0, 0], [17, 32, 0], [32, 32, 0]], np.float64)  # fmt: skip
    triangles = np.array([[0, 1, 2], [1, 3, 2], [4, 5, 6], [5, 7, 6]], np.int32)
    flow = draw_flow(triangles, split, split, (32, 32), step=1.0)
    assert np.isfinite(flow.source).all()
    assert abs(flow.source[10, 16, 0] - 16.5) < 3.0


def test_triangles_without_area_are_not_drawn() -> None:
    """Shut lips lie on each other: what is between them has no place in the picture."""
    shut = np.array([[0, 16, -9], [16, 16, -9], [32, 16, -9]], np.float64)
    both = np.concatenate([SQUARE, shut])
    triangles = np.concatenate([TWO, np.array([[4, 5, 6]], np.int32)])
    flow = draw_flow(triangles, both, both, (16, 16), step=2.0)
    assert 2 not in flow.label


def test_what_is_handed_in_is_left_as_it_was() -> None:
    one = SQUARE[TWO[:1]]
    kept = one.copy()
    draw_labels(one, (8, 8))
    affine_maps(one[:, :, :2], one[:, :, :2] + 1.0)
    np.testing.assert_array_equal(one, kept)


def test_a_look_up_does_not_depend_on_the_grids_before_it() -> None:
    """Places are kept for grids of similar size."""
    for size in (16, 9, 130, 16):
        flow = draw_flow(TWO, SQUARE, SQUARE, (size, size), step=32.0 / size)
        places = (np.arange(size) + 0.5) * 32.0 / size
        np.testing.assert_allclose(flow.source, np.dstack(np.meshgrid(places, places)), atol=1e-4)
