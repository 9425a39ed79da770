import math

import pytest
import torch

from avatarify.synthesis.expression import EXPRESSION_NAMES, deform, open_jaw
from avatarify.synthesis.figure import Figure
from avatarify.synthesis.motion import express, neutral
from avatarify.synthesis.template import template


def pose(person: Figure, **values: float) -> torch.Tensor:
    return deform(person.rig, express(neutral(), **values).expression)[0]


def test_lids_meet_in_a_blink_and_only_on_that_side(person: Figure) -> None:
    shape = template()
    for name, shut, wide_open in (("blink_right", 0, 1), ("blink_left", 1, 0)):
        skin = pose(person, **{name: 1.0})
        gap = (skin[shape.upper_lids] - skin[shape.lower_lids]).norm(dim=-1).amax(dim=1)
        assert gap[shut] < 0.02
        assert gap[wide_open] > 0.8


def test_open_lids_slide_on_the_eyeball(person: Figure) -> None:
    shape = template()
    skin = pose(person)
    for eye in (0, 1):
        for margin in (shape.upper_lids[eye], shape.lower_lids[eye]):
            before = (person.rig.rest[margin] - person.rig.eyes[eye]).norm(dim=1)
            after = (skin[margin] - person.rig.eyes[eye]).norm(dim=1)
            torch.testing.assert_close(after, before, atol=1e-3, rtol=0)


def test_jaw_opens_the_lips_in_the_middle_and_keeps_the_corners_together(person: Figure) -> None:
    shape = template()
    skin = pose(person, jaw_open=1.0)
    gap = (skin[shape.upper_lip] - skin[shape.lower_lip]).norm(dim=1)
    assert gap[0] == gap[-1] == 0
    assert int(gap.argmax()) in range(len(gap) // 2 - 3, len(gap) // 2 + 4)
    assert gap.max() > 2


def test_jaw_turns_about_its_joint() -> None:
    # 10 cm in front of the joint, a full turn of 20 degrees: 10 sin 20 down, 10 cos 20 ahead.
    point = torch.tensor([[0.0, -1.5, 10.5], [0.0, -1.5, 10.5]])
    expression = express(neutral(), jaw_open=1.0).expression
    moved = open_jaw(point, torch.tensor([1.0, 0.0]), expression)[0]
    angle = math.radians(20)
    expected = [0.0, -1.5 - 10 * math.sin(angle), 0.5 + 10 * math.cos(angle)]
    torch.testing.assert_close(moved[0], torch.tensor(expected))
    torch.testing.assert_close(moved[1], point[1])


@pytest.mark.parametrize("name", EXPRESSION_NAMES)
def test_every_expression_moves_something_smoothly(person: Figure, name: str) -> None:
    if name.startswith("gaze_x"):
        return  # moves the eyeballs alone
    half, full = pose(person, **{name: 0.5}), pose(person, **{name: 1.0})
    travel = (full - pose(person)).norm(dim=1)
    assert 0.05 < travel.max() < 5
    assert torch.isfinite(full).all()
    assert (half - pose(person)).norm(dim=1).max() < travel.max()
