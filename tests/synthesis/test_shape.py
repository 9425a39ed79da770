import torch

from avatarify.synthesis.sculpture import EYE_CENTER
from avatarify.synthesis.shape import SHAPE_NAMES, eye_center, reshape_head
from avatarify.synthesis.template import template


def test_no_coefficients_leave_the_template() -> None:
    shape = template()
    torch.testing.assert_close(reshape_head(shape.vertices, shape.side, {}), shape.vertices)


def test_every_coefficient_moves_both_halves_alike() -> None:
    shape = template()
    for name in SHAPE_NAMES:
        moved = reshape_head(shape.vertices, shape.side, {name: 1.0})
        travel = moved - shape.vertices
        assert 0.03 < travel.norm(dim=1).max() < 3, name
        grid = travel[shape.grid]
        mirrored = grid.flip(1) * torch.tensor([-1.0, 1.0, 1.0])
        torch.testing.assert_close(grid, mirrored, atol=5e-3, rtol=0)


def test_lids_keep_their_distance_to_a_moved_eye() -> None:
    shape = template()
    coefficients = {"eye_spacing": 1.5, "eye_height": 1.5, "brow_ridge": 1.5}
    moved = reshape_head(shape.vertices, shape.side, coefficients)
    margin = shape.upper_lids[1][5:14]
    before = (shape.vertices[margin] - torch.tensor(EYE_CENTER)).norm(dim=1)
    after = (moved[margin] - eye_center(coefficients)).norm(dim=1)
    torch.testing.assert_close(after, before, atol=0.04, rtol=0)
