import torch

from avatarify.synthesis import mouth
from avatarify.synthesis.sculpture import SEAM_HEIGHT


def lips(opening: float) -> tuple[torch.Tensor, torch.Tensor]:
    x = torch.linspace(-2, 2, 9)
    height = opening / 2 * (1 - (x / 2).square())
    front = torch.full_like(x, 9.0)
    upper = torch.stack((x, SEAM_HEIGHT + height, front), dim=1)
    lower = torch.stack((x, SEAM_HEIGHT - height, front), dim=1)
    return upper[None], lower[None]


def test_upper_teeth_are_single_and_symmetric() -> None:
    points = mouth.upper_teeth().vertices
    edge = points[(points[:, 1] < SEAM_HEIGHT + 0.1) & (points[:, 2] > 7.5)]
    assert edge[:, 2].max() < 9.0  # behind the lips, whose fronts lie at 9.7
    mirrored = points * torch.tensor([-1.0, 1.0, 1.0])
    assert torch.cdist(mirrored, points).amin(dim=1).max() < 0.02
    # Along the edge there are valleys between crowns.
    heights = points[(points[:, 2] > 8.3) & (points[:, 1] < SEAM_HEIGHT - 0.1)][:, 1]
    assert heights.max() - heights.min() > 0.05


def test_lower_teeth_bite_behind_the_upper_ones() -> None:
    upper, lower = mouth.upper_teeth().vertices, mouth.lower_teeth().vertices
    assert lower[:, 2].max() < upper[:, 2].max() - 0.2
    assert lower[:, 1].max() < SEAM_HEIGHT


def test_little_light_passes_closed_lips_and_much_open_ones() -> None:
    middle = torch.tensor([[[0.0, SEAM_HEIGHT, 8.4]]])
    shut = float(mouth.light_between_lips(middle, *lips(0.0)))
    open_wide = float(mouth.light_between_lips(middle, *lips(2.0)))
    assert shut < 0.5
    assert open_wide > 0.95


def test_the_upper_lip_shades_what_is_just_below_it_and_depth_darkens() -> None:
    upper, lower = lips(2.0)
    places = torch.tensor(
        [[[0.0, SEAM_HEIGHT + 0.95, 8.4], [0.0, SEAM_HEIGHT + 0.2, 8.4], [0.0, SEAM_HEIGHT, 3.0]]]
    )
    shaded, free, deep = mouth.light_between_lips(places, upper, lower)[0]
    assert shaded < 0.6 * free
    assert deep < 0.4 * free
