"""The distance between flow and landmarks, against values computed by hand."""

import pytest
import torch

from avatarify.geometry.grid import identity_grid
from avatarify.training.landmark_flow import LIDS, LIPS, flow_distance


def shift(x: float, y: float, side: int = 9) -> torch.Tensor:
    """The flow that fetches everything from (x, y) further on."""
    plane = identity_grid(side, side, like=torch.zeros(1))
    return (plane + torch.tensor([x, y]))[None]


def mesh() -> torch.Tensor:
    return torch.rand(1, 478, 2, generator=torch.Generator().manual_seed(0)) - 0.5


def test_a_flow_that_points_at_the_source_costs_nothing() -> None:
    driving = mesh()
    source = driving + torch.tensor([0.2, -0.1])
    assert flow_distance(shift(0.2, -0.1), driving, source).item() == pytest.approx(0.0, abs=1e-6)


def test_a_flow_in_the_wrong_direction_costs_twice_the_way() -> None:
    driving = mesh()
    source = driving + torch.tensor([0.2, 0.0])
    # |0.4| across and 0 down
    assert flow_distance(shift(-0.2, 0.0), driving, source).item() == pytest.approx(0.2)


@pytest.mark.parametrize("part", [LIPS, LIDS])
def test_lips_and_lids_count_a_third_each(part: tuple[int, ...]) -> None:
    driving = mesh()
    source = driving.clone()
    source[0, list(part)] += 0.3
    share = len(part) / 478
    expected = 0.3 * (1.0 + share) / 3.0
    assert flow_distance(shift(0.0, 0.0), driving, source).item() == pytest.approx(expected)


def test_lips_and_lids_are_where_a_face_has_them() -> None:
    assert len(set(LIPS)) == 40
    assert len(set(LIDS)) == 32
    assert not set(LIPS) & set(LIDS)
    assert {13, 14, 61, 291} <= set(LIPS)
    assert {33, 133, 159, 145, 263, 362, 386, 374} <= set(LIDS)
