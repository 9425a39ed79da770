"""Each term by hand."""

import pytest
import torch

from avatarify.networks.face_painter import FacePainter
from avatarify.networks.painter_config import PainterConfig
from avatarify.training.painting import objective
from avatarify.training.painting.sampler import PainterBatch
from avatarify.training.painting.settings import PaintingLoss


def stripes(step: float) -> torch.Tensor:
    """(1, 3, 16, 16), columns of 0.5 - step / 2 and 0.5 + step / 2 in turn."""
    columns = torch.tensor([0.5 - step / 2, 0.5 + step / 2]).repeat(8)
    return columns.expand(1, 3, 16, 16).contiguous()


def test_detail_of_stripes_is_twice_their_step() -> None:
    inner = objective.detail(stripes(0.2))[..., 1:-1]
    torch.testing.assert_close(inner, torch.full_like(inner, 0.4))
    assert not objective.detail(torch.full((1, 3, 8, 8), 0.3)).any()


def test_twice_as_fine_costs_as_much_as_half_as_fine() -> None:
    weight = torch.ones(1, 1, 16, 16)
    finer = objective.detail_distance(stripes(0.4), stripes(0.2), weight)
    smeared = objective.detail_distance(stripes(0.2), stripes(0.4), weight)
    torch.testing.assert_close(finer, smeared)
    assert finer == pytest.approx(0.67, abs=0.03)  # log 2, less for the floor
    shifted = stripes(0.2).roll(1, dims=3)
    assert objective.detail_distance(shifted, stripes(0.2), weight) < 0.01


def test_roughness_is_the_mean_step() -> None:
    flow = torch.arange(4.0).expand(1, 2, 4, 4)
    assert objective.roughness(flow) == pytest.approx(1.0)


def test_the_hinge_asks_for_a_margin_of_one() -> None:
    scores = torch.tensor([-2.0, 0.0, 3.0])
    assert objective.hinge_real(scores) == pytest.approx((3 + 1 + 0) / 3)
    assert objective.hinge_painted(scores) == pytest.approx((0 + 1 + 4) / 3)


def test_the_judge_sees_the_middle() -> None:
    judged = objective.middle_of(torch.rand(2, 3, 96, 96), torch.rand(2, 2, 96, 96))
    assert judged.shape == (2, 5, 64, 64)


def batch() -> PainterBatch:
    """Picture 0.2 off the target; the outlines' insides 4 and 8 rows of 16."""
    patch = torch.full((1, 8, 16, 16), 0.3)
    patch[:, 6:] = 0.0
    patch[:, 6, :4] = 1.0
    patch[:, 7, :8] = 1.0
    return PainterBatch(
        patch, torch.full((1, 3, 16, 16), 0.5), torch.ones(1, 1, 16, 16), torch.zeros(1, 2)
    )


def test_insides_weigh_more() -> None:
    weight = objective.weight_of(batch(), PaintingLoss(inside=6.0, around=2.0))[0, 0, :, 0]
    torch.testing.assert_close(weight, 0.02 + torch.tensor([9.0] * 4 + [3.0] * 4 + [1.0] * 8))


def test_a_painter_that_changes_nothing_pays_the_difference() -> None:
    painter = FacePainter(PainterConfig(16, 16, (2, 2, 2, 2)))
    made = objective.PaintingObjective(painter, PaintingLoss(detail=1.0, flow=1.0))(batch())
    torch.testing.assert_close(made.picture, batch().patch[:, :3])
    values = {name: float(term.detach()) for name, term in made.terms.items()}
    # three sizes, 0.2 each; the difference is flat
    assert values == pytest.approx(
        {"pixel": 0.6, "gradient": 0.0, "detail": 0.0, "flow": 0.0}, abs=1e-5
    )
    assert objective.inner_error(made.picture.detach(), batch()) == pytest.approx(0.2)


def test_a_shaken_patch_is_moved_right_and_down() -> None:
    patch = torch.arange(16.0).view(1, 1, 4, 4)
    moved = objective.shaken(patch, torch.tensor([[1.0, 0.0]]))
    torch.testing.assert_close(moved[..., 1:], patch[..., :-1])
    moved = objective.shaken(patch, torch.tensor([[0.0, 0.5]]))
    torch.testing.assert_close(moved[..., 1:, :], (patch[..., 1:, :] + patch[..., :-1, :]) / 2)


def test_what_does_not_move_is_steady() -> None:
    torch.manual_seed(0)
    painter = FacePainter(PainterConfig(16, 16, (2, 2, 2, 2)))
    for parameter in painter.parameters():
        torch.nn.init.normal_(parameter, std=0.3)
    steady = objective.PaintingObjective(painter, PaintingLoss(steady=1.0))
    still = batch()._replace(patch=torch.rand(1, 8, 16, 16))
    with torch.no_grad():
        assert steady(still).terms["steady"] < 1e-4
        moved = still._replace(shake=torch.tensor([[0.5, -0.5]]))
        assert steady(moved).terms["steady"] > 1e-3
