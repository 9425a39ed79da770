import torch

from avatarify.synthesis.figure import Figure, pose
from avatarify.synthesis.motion import express, neutral
from avatarify.synthesis.strips import build_strips
from avatarify.synthesis.template import template

EYES = torch.tensor([[-3.15, 0.0, 6.1], [3.15, 0.0, 6.1]])


def tips(person: Figure, blink: float) -> torch.Tensor:
    """How far the outermost lash vertices lie above the eyes' centres, on average."""
    points = pose(person, express(neutral(), blink_left=blink, blink_right=blink))[0]
    strips = person.strips
    first = len(person.rig.rest)
    is_tip = strips.scale[:, 0] > 1.03
    return points[first : first + len(strips.skin)][is_tip]


def test_without_lashes_nothing_stands_off_the_lids() -> None:
    strips, _ = build_strips(template(), EYES, 0.0, None)
    assert strips.scale.max() <= 1.0


def test_lashes_point_up_when_open_and_down_when_shut(person: Figure) -> None:
    lids = template().upper_lids.reshape(-1)
    for blink, sign in ((0.0, 1.0), (1.0, -1.0)):
        motion = express(neutral(), blink_left=blink, blink_right=blink)
        margin = pose(person, motion)[0][lids]
        ends = tips(person, blink)
        assert sign * float(ends[:, 1].mean() - margin[:, 1].mean()) > 0
        assert ends[:, 2].mean() > margin[:, 2].mean()


def test_every_strip_follows_a_vertex_of_the_skin() -> None:
    shape = template()
    strips, surface = build_strips(shape, EYES, 0.7, None)
    assert len(strips.skin) == len(surface.vertices) == len(strips.offset)
    assert 0 <= strips.skin.min() <= strips.skin.max() < len(shape.vertices)
    assert surface.faces.max() == len(surface.vertices) - 1
