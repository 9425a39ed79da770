"""Every term against values computed by hand."""

import math

import pytest
import torch

from avatarify.geometry.grid import identity_grid
from avatarify.geometry.keypoints import Keypoints
from avatarify.geometry.thin_plate_spline import ThinPlateSpline
from avatarify.training import losses


def image(rows: list[list[float]]) -> torch.Tensor:
    return torch.tensor(rows)[None, None]


def test_the_pyramid_halves_by_means() -> None:
    steps = losses.pyramid(image([[1.0, 3.0], [5.0, 7.0]]), 2)
    assert [step.shape[-1] for step in steps] == [2, 1]
    assert steps[1].item() == 4.0


def test_weighted_l1_counts_heavy_pixels_more() -> None:
    left, right = image([[0.0, 0.0]]), image([[1.0, 0.5]])
    # (3 · 1 + 1 · 0.5) / 4
    assert losses.weighted_l1(left, right, image([[3.0, 1.0]])).item() == pytest.approx(0.875)


def test_weighted_l1_of_even_weights_is_the_mean() -> None:
    left, right = torch.rand(2, 3, 4, 4), torch.rand(2, 3, 4, 4)
    found = losses.weighted_l1(left, right, torch.full((2, 1, 4, 4), 7.0))
    torch.testing.assert_close(found, (left - right).abs().mean())


def test_every_picture_counts_the_same_whatever_its_weights() -> None:
    left = torch.zeros(2, 1, 1, 1)
    right = torch.tensor([1.0, 3.0]).view(2, 1, 1, 1)
    weight = torch.tensor([1.0, 100.0]).view(2, 1, 1, 1)
    assert losses.weighted_l1(left, right, weight).item() == 2.0


def test_gradients_ignore_the_level_of_light() -> None:
    left = torch.rand(1, 3, 5, 5)
    weight = torch.ones(1, 1, 5, 5)
    assert losses.gradient_l1(left, left + 0.3, weight).item() == pytest.approx(0.0, abs=1e-6)


def test_gradients_of_one_wrong_edge() -> None:
    # Across: |1 - 0| in both rows; down: nothing.
    left, right = image([[0.0, 1.0], [0.0, 1.0]]), image([[0.0, 0.0], [0.0, 0.0]])
    assert losses.gradient_l1(left, right, torch.ones(1, 1, 2, 2)).item() == 1.0


def test_equal_images_are_wholly_similar() -> None:
    picture = torch.rand(1, 3, 16, 16)
    assert losses.structural_similarity(picture, picture).item() == pytest.approx(1.0, abs=1e-5)


def test_similarity_of_flat_images_compares_their_light() -> None:
    left, right = torch.full((1, 1, 8, 8), 0.2), torch.full((1, 1, 8, 8), 0.6)
    # (2 · 0.2 · 0.6 + c) / (0.04 + 0.36 + c), c = 0.01²
    expected = (0.24 + 1e-4) / (0.4 + 1e-4)
    found = losses.structural_similarity(left, right).item()
    assert found == pytest.approx(expected, rel=1e-3)


def test_similarity_of_opposite_stripes_is_negative() -> None:
    stripes = torch.arange(14.0).remainder(2.0).expand(1, 1, 14, 14)
    # Window means are nearly equal, deviations opposite.
    assert losses.structural_similarity(stripes, 1.0 - stripes).item() < -0.9


def face_with_mouth_at(x: float, y: float) -> torch.Tensor:
    landmarks = torch.full((1, 478, 2), 5.0)  # everything else far outside
    landmarks[0, list(losses.MOUTH)] = torch.tensor(
        [[x, y], [x, y], [x - 0.2, y], [x + 0.2, y], [x, y - 0.1], [x, y + 0.1]]
    )
    return landmarks


def test_region_weight_is_highest_in_the_middle_of_the_mouth() -> None:
    weight = losses.region_weight(face_with_mouth_at(0.5, 0.0), 5, mouth=8.0, eyes=3.0)[0, 0]
    # The map's columns lie at x = -1, -0.5, 0, 0.5, 1.
    assert weight[2, 3].item() == pytest.approx(9.0)
    # 0.5 away, the radius being 0.6 · 0.4 = 0.24
    expected = 1.0 + 8.0 * math.exp(-0.5 * 0.25 / 0.24**2)
    assert weight[2, 4].item() == pytest.approx(expected, rel=1e-5)
    assert weight[2, 0].item() == pytest.approx(1.0, abs=1e-5)


def test_region_weight_tells_eyes_from_the_mouth() -> None:
    landmarks = torch.full((1, 478, 2), 5.0)
    landmarks[0, list(losses.EYES[0])] = torch.tensor(
        [[-0.7, 0.0], [-0.3, 0.0], [-0.5, -0.1], [-0.5, 0.1]]
    )
    weight = losses.region_weight(landmarks, 5, mouth=8.0, eyes=3.0)[0, 0]
    assert weight[2, 1].item() == pytest.approx(4.0)  # x = -0.5, the middle of the eye


def affine_warp(matrix: list[list[float]]) -> ThinPlateSpline:
    affine = torch.tensor([matrix])
    control = identity_grid(3, 3, like=affine).flatten(0, 1)
    return ThinPlateSpline(affine, control, torch.zeros(1, 9, 2))


def test_keypoints_that_move_with_the_image_cost_nothing() -> None:
    # z -> 2 z + (0.1, 0): what is at 0.5 in the image is at 0.2 in the warped image.
    warp = affine_warp([[2.0, 0.0, 0.1], [0.0, 2.0, 0.0]])
    found = Keypoints(torch.tensor([[[0.5, 0.4]]]), 2.0 * torch.eye(2)[None, None])
    in_warped = Keypoints(torch.tensor([[[0.2, 0.2]]]), torch.eye(2)[None, None])
    value, jacobian = losses.equivariance(found, in_warped, warp)
    assert value.item() == pytest.approx(0.0, abs=1e-6)
    assert jacobian.item() == pytest.approx(0.0, abs=1e-6)


def test_keypoints_that_stay_behind_cost_their_way() -> None:
    warp = affine_warp([[1.0, 0.0, 0.3], [0.0, 1.0, 0.0]])
    found = Keypoints(torch.zeros(1, 1, 2), torch.eye(2)[None, None])
    value, jacobian = losses.equivariance(found, found, warp)
    assert value.item() == pytest.approx(0.15)  # |0.3| and |0|, averaged
    assert jacobian.item() == pytest.approx(0.0, abs=1e-6)


def test_jacobians_that_do_not_turn_cost() -> None:
    quarter_turn = affine_warp([[0.0, -1.0, 0.0], [1.0, 0.0, 0.0]])
    found = Keypoints(torch.zeros(1, 1, 2), torch.eye(2)[None, None])
    _, jacobian = losses.equivariance(found, found, quarter_turn)
    # |turn - identity| = [[1, 1], [1, 1]]
    assert jacobian.item() == pytest.approx(1.0)


def test_zero_order_keypoints_have_no_jacobian_term() -> None:
    found = Keypoints(torch.zeros(1, 1, 2))
    warp = affine_warp([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
    assert losses.equivariance(found, found, warp)[1].item() == 0.0


def test_the_generator_wants_scores_of_one() -> None:
    assert losses.least_squares_real(torch.tensor([1.0, 3.0])).item() == 2.0


def test_the_discriminator_wants_one_for_real_and_nought_for_painted() -> None:
    real, painted = torch.tensor([1.0, 0.0]), torch.tensor([0.0, 2.0])
    assert losses.least_squares_generated(painted).item() == 2.0
    assert losses.least_squares_discriminator(real, painted).item() == 0.5 + 2.0


def test_feature_matching_is_the_mean_over_layers_and_moves_the_painted_side_only() -> None:
    real = [torch.zeros(2, requires_grad=True), torch.ones(4)]
    painted = [torch.full((2,), 2.0, requires_grad=True), torch.zeros(4)]
    distance = losses.feature_matching(real, painted)
    assert distance.item() == 1.5  # (2 + 1) / 2
    distance.backward()  # type: ignore[no-untyped-call]
    assert real[0].grad is None
    assert painted[0].grad is not None
