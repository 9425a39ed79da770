"""The averaged weights."""

import pytest
import torch

from avatarify.networks.motion_model import MotionModel
from avatarify.training.averaged_weights import AveragedWeights
from tests.tiny_models import tiny_model


def shifted(model: MotionModel, by: float) -> MotionModel:
    moved = tiny_model("compact")
    moved.load_state_dict(model.state_dict())
    with torch.no_grad():
        for parameter in moved.parameters():
            parameter.add_(by)
    return moved


def change(average: AveragedWeights[MotionModel], model: MotionModel) -> float:
    pairs = zip(average.model.parameters(), model.parameters(), strict=True)
    return float(torch.cat([(a - b).flatten() for a, b in pairs]).mean())


def test_old_averages_move_by_the_decay() -> None:
    model = tiny_model("compact")
    average = AveragedWeights(model, 0.9)
    average.update(shifted(model, 1.0), step=10_000)
    assert change(average, model) == pytest.approx(0.1, rel=1e-4)


def test_young_averages_follow_faster() -> None:
    model = tiny_model("compact")
    average = AveragedWeights(model, 0.999)
    average.update(shifted(model, 1.0), step=0)  # decay (1 + 0) / (10 + 0)
    assert change(average, model) == pytest.approx(0.9, rel=1e-4)


def test_the_average_is_a_copy() -> None:
    model = tiny_model("compact")
    average = AveragedWeights(model, 0.5)
    before = average.model.state_dict()["generator.final.weight"].clone()
    with torch.no_grad():
        model.state_dict()["generator.final.weight"].add_(1.0)
    assert torch.equal(average.model.state_dict()["generator.final.weight"], before)
