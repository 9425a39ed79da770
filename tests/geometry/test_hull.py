"""Areas that everyone knows."""

import pytest
import torch

from avatarify.geometry.hull import convex_hull_area


def test_unit_square_with_a_point_inside() -> None:
    points = torch.tensor([[0.0, 0.0], [1.0, 0.0], [0.4, 0.6], [1.0, 1.0], [0.0, 1.0]])
    assert convex_hull_area(points) == pytest.approx(1.0)


def test_triangle() -> None:
    assert convex_hull_area(torch.tensor([[0.0, 0.0], [2.0, 0.0], [0.0, 1.0]])) == pytest.approx(
        1.0
    )


def test_points_on_a_line_span_nothing() -> None:
    assert convex_hull_area(torch.tensor([[0.0, 0.0], [0.5, 0.5], [1.0, 1.0]])) == 0.0
