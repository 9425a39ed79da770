"""Mouths and eyes cut out for the discriminator."""

import torch

from avatarify.geometry.grid import identity_grid
from avatarify.training.losses import EYES, MOUTH
from avatarify.training.regions import REGION_SIDE, cut_regions


def landmarks() -> torch.Tensor:
    """Mouth around (0, 0.5), 0.4 wide; eyes around (±0.4, -0.4), 0.2 wide."""
    marks = torch.zeros(1, 478, 2)
    for part, (x, y), half in (
        (MOUTH, (0.0, 0.5), 0.2),
        (EYES[0], (-0.4, -0.4), 0.1),
        (EYES[1], (0.4, -0.4), 0.1),
    ):
        marks[0, list(part)] = torch.tensor([x, y])
        marks[0, part[0], 0] = x - half
        marks[0, part[1], 0] = x + half
    return marks


def test_a_cut_out_shows_its_part() -> None:
    """The picture's colours are its coordinates, so the cut-out says where it was cut."""
    plane = identity_grid(129, 129, like=torch.zeros(1))
    picture = torch.cat((plane, torch.zeros(129, 129, 1)), dim=2).permute(2, 0, 1)[None]
    cuts = cut_regions(picture, landmarks(), ("mouth", "eyes"))
    assert cuts.shape == (3, 3, REGION_SIDE, REGION_SIDE)
    middles = cuts[:, :2].mean(dim=(2, 3))
    expected = torch.tensor([[0.0, 0.5], [-0.4, -0.4], [0.4, -0.4]])
    torch.testing.assert_close(middles, expected, rtol=0.0, atol=0.01)
    # 2.2 times the part's width
    assert torch.isclose(cuts[0, 0, 0, -1] - cuts[0, 0, 0, 0], torch.tensor(0.88), atol=0.01)


def test_one_region_alone() -> None:
    picture = torch.rand(2, 3, 32, 32)
    marks = landmarks().expand(2, -1, -1)
    assert len(cut_regions(picture, marks, ("mouth",))) == 2
    assert len(cut_regions(picture, marks, ("eyes",))) == 4
