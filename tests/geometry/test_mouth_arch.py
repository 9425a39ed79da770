import numpy as np
import pytest

from avatarify.geometry.mouth_arch import (
    MOST_BARED,
    UNIT_MM,
    UPPER_EDGE,
    arc_length,
    arch_depth,
    arch_unit,
    jaw_shift,
    lower_arch,
    upper_arch,
    view_arch,
)
from avatarify.geometry.similarity import Similarity, rotation_from_vector
from tests.geometry.face_shapes import made_face


def test_an_arch_is_as_deep_as_a_mouth() -> None:
    canine, molar = 17.5 / UNIT_MM, 25.0 / UNIT_MM  # half widths in millimetres
    assert arch_depth(np.array(0.0)) == 0
    assert float(arch_depth(np.array(canine))) * UNIT_MM == pytest.approx(12, abs=3)
    assert float(arch_depth(np.array(molar))) * UNIT_MM == pytest.approx(30, abs=5)


def test_length_along_the_arch_is_odd_and_longer_than_its_width() -> None:
    u = np.array([-0.25, -0.01, 0.0, 0.01, 0.25])
    length = arc_length(u)
    np.testing.assert_allclose(length, -length[::-1])
    assert length[3] == pytest.approx(0.01, rel=1e-2)
    assert length[4] > 0.25 * 1.3


def test_upper_incisors_reach_below_the_line_of_shut_lips() -> None:
    face = made_face()  # lips meet at (200, 260), upright, eye corners 100 apart
    arch = upper_arch(face)
    unit = arch_unit(face)
    assert arch.origin[0] == pytest.approx(200, abs=1)
    below = (arch.origin - face[13]) @ arch.down / unit
    assert below == pytest.approx(UPPER_EDGE * unit, rel=1e-6)
    assert arch.origin[2] > face[13, 2]  # behind the lips


def test_a_known_edge_is_taken() -> None:
    face = made_face(lip_gap=20.0)
    arch = upper_arch(face, 0.11)
    assert -arch.height_of(face[13]) == pytest.approx(0.11)
    lower = lower_arch(face, arch, 0.04)
    height = arch.height_of(face[14]) - arch.height_of(lower.origin)
    assert height == pytest.approx(0.04, abs=1e-6)


def test_the_lower_arch_goes_with_chin_and_lower_lip() -> None:
    rest = made_face()
    lower = lower_arch(rest, upper_arch(rest))
    moved = rest.copy()
    moved[[152, 148, 377, 176, 400, 14]] += (0.0, 4.0, 0.0)
    np.testing.assert_allclose(jaw_shift(rest, moved, lower), [0, 3.48, 0])  # (0.5 + 0.37) · 4


def test_a_lower_lip_bares_only_the_edge_of_the_lower_teeth() -> None:
    rest = made_face()
    lower = lower_arch(rest, upper_arch(rest))
    moved = rest.copy()
    moved[14, 1] += 30
    went = lower.shifted(jaw_shift(rest, moved, lower))
    assert went.height_of(moved[14]) == pytest.approx(MOST_BARED)


def test_a_view_finds_the_points_that_an_arch_places() -> None:
    turn = Similarity(1.2, rotation_from_vector(np.array([0.1, 0.25, 0.3])), np.array([30.0, 5, 0]))
    arch = upper_arch(made_face()).moved(turn)
    u, v = np.array([-0.12, -0.05, 0.0, 0.06, 0.12]), np.array([-0.05, 0.0, 0.01, 0.02, -0.1])
    places = arch.place(u, v)[:, :2].astype(np.float32)
    view = view_arch(arch)
    for (x, y), own_u, own_v in zip(places, u, v, strict=True):
        found_u, found_v = view.find(np.array([x]), np.array([[y]]))
        assert found_u[0, 0] == pytest.approx(own_u, abs=2e-3)
        assert found_v[0, 0] == pytest.approx(own_v, abs=2e-3)


def test_what_a_turned_arch_hides_behind_itself_is_skipped() -> None:
    turn = Similarity(1.0, rotation_from_vector(np.array([0.0, 1.0, 0.0])), np.zeros(3))
    view = view_arch(upper_arch(made_face()).moved(turn))
    assert (np.diff(view.along) >= 0).all()  # from one side of the picture to the other


def test_far_set_eyes_do_not_make_large_teeth() -> None:
    face = made_face()
    narrow = face.copy()
    narrow[[61, 291], 0] = (190, 210)
    assert arch_unit(narrow) == pytest.approx(75)  # a fifth of the eyes' distance: the least
    usual = face.copy()
    usual[[61, 291], 0] = (175, 225)
    assert arch_unit(usual) == pytest.approx(100 * (0.4 + 0.6 * 0.5 / 0.55), rel=1e-6)
