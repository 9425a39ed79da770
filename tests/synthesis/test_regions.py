import torch

from avatarify.synthesis.regions import (
    beard_area,
    lower_lip_edge,
    moustache_area,
    scalp_depth,
    upper_lip_edge,
)
from avatarify.synthesis.sculpture import SEAM_HEIGHT


def at(x: float, y: float, z: float) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    return torch.tensor([x]), torch.tensor([y]), torch.tensor([z])


def test_hair_grows_on_the_crown_and_not_on_the_face() -> None:
    assert scalp_depth(*at(0, 11, 0), 0.0) > 3
    assert scalp_depth(*at(0, -3, -9), 0.0) > 3  # back of the head
    assert scalp_depth(*at(0, -4, 10), 0.0) < -5
    assert scalp_depth(*at(0, 7, 8), 1.0) < scalp_depth(*at(0, 7, 8), 0.0)


def test_beards_leave_the_lips_and_the_cheeks_free() -> None:
    assert beard_area(*at(0, -9.8, 8.5)) > 0.9
    assert beard_area(*at(0, SEAM_HEIGHT, 9.6)) == 0
    assert beard_area(*at(4, -2, 7)) == 0
    assert moustache_area(*at(0.5, -5.8, 9.5)) > 0.9
    assert moustache_area(*at(0.5, -9.0, 9.0)) == 0


def test_lips_close_at_the_corners() -> None:
    across = torch.tensor([0.0, 1.0, 2.5])
    gap = upper_lip_edge(across) - lower_lip_edge(across)
    assert (gap[:2] > 1).all()
    assert gap[2] == 0
