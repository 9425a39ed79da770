import numpy as np

from avatarify.geometry.face_mesh import EYES, INNER_LIPS, MESH_COUNT, OVAL, face_triangles


def test_every_landmark_of_the_mesh_has_a_triangle() -> None:
    assert set(np.unique(face_triangles())) == set(range(MESH_COUNT))


def test_the_mesh_is_closed_but_for_the_outline() -> None:
    edges = np.sort(face_triangles()[:, [[0, 1], [1, 2], [2, 0]]].reshape(-1, 2), axis=1)
    single, counts = np.unique(edges, axis=0, return_counts=True)
    assert counts.max() == 2
    rim = {tuple(edge) for edge in single[counts == 1].tolist()}
    following = zip(OVAL, (*OVAL[1:], OVAL[0]), strict=True)
    assert rim == {tuple(sorted(edge)) for edge in following}


def test_loops_name_no_landmark_twice() -> None:
    for loop in (OVAL, INNER_LIPS, *(eye.loop for eye in EYES)):
        assert len(loop) == len(set(loop))
