"""Random smooth warps: the affine part, the derivative, and the seed."""

import torch

from avatarify.geometry.grid import identity_grid
from avatarify.geometry.thin_plate_spline import ThinPlateSpline, random_thin_plate_spline


def spline() -> ThinPlateSpline:
    drawn = random_thin_plate_spline(2, 0.05, 0.05, 5, torch.Generator().manual_seed(0))
    return ThinPlateSpline(
        drawn.affine.double(), drawn.control_points.double(), drawn.weights.double()
    )


def test_without_weights_it_is_affine() -> None:
    affine = torch.tensor([[[2.0, 0.0, 0.5], [0.0, 1.0, 0.0]]])
    control = identity_grid(3, 3, like=affine).flatten(0, 1)
    warp = ThinPlateSpline(affine, control, torch.zeros(1, 9, 2))
    assert warp(torch.tensor([[[0.25, -0.5]]])).tolist() == [[[1.0, -0.5]]]
    assert warp.jacobian(torch.tensor([[[0.25, -0.5]]])).tolist() == [[[[2.0, 0.0], [0.0, 1.0]]]]


def test_nothing_drawn_is_the_identity() -> None:
    still = random_thin_plate_spline(1, 0.0, 0.0, 5, torch.Generator().manual_seed(0))
    torch.testing.assert_close(still.grid(4, 5)[0], identity_grid(4, 5, like=still.affine))


def test_the_jacobian_equals_finite_differences() -> None:
    warp, step = spline(), 1e-5
    points = torch.rand(2, 7, 2, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    columns = []
    for axis in range(2):
        offset = torch.zeros(2, dtype=torch.float64)
        offset[axis] = step
        columns.append((warp(points + offset) - warp(points - offset)) / (2 * step))
    expected = torch.stack(columns, dim=-1)
    torch.testing.assert_close(warp.jacobian(points), expected, rtol=0.0, atol=1e-6)


def test_a_seed_gives_the_same_warps() -> None:
    torch.testing.assert_close(spline().grid(6, 6), spline().grid(6, 6))
    other = random_thin_plate_spline(2, 0.05, 0.05, 5, torch.Generator().manual_seed(9))
    assert not torch.equal(spline().grid(6, 6).float(), other.grid(6, 6))
