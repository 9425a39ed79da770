"""The composition against the compact generator's own last step."""

import numpy as np
import pytest
import torch

from avatarify.animation.backends.composition import Composition
from avatarify.animation.backends.device_step import compose
from avatarify.geometry.grid import identity_grid
from tests.tiny_models import picture

SIDE = 64


def _motion(seed: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(seed)
    plane = identity_grid(16, 16, like=torch.zeros(1)).permute(2, 0, 1)[None]
    grid = plane + 0.05 * torch.randn(1, 2, 16, 16, generator=generator)
    refinement = 0.02 * torch.randn(1, 2, 16, 16, generator=generator)
    return grid, refinement, torch.rand(1, 4, 32, 32, generator=generator)


@pytest.mark.parametrize("gate", [0.0, 0.3, 1.0])
@pytest.mark.parametrize("spot", ["everywhere", "nowhere", "one corner", "one pixel"])
def test_it_is_what_torch_composes(gate: float, spot: str) -> None:
    portrait = picture(1, SIDE)
    grid, refinement, paint = _motion(2)
    shown = torch.zeros(32, 32)
    shown[
        {
            "everywhere": (slice(None), slice(None)),
            "nowhere": (slice(0), slice(0)),
            "one corner": (slice(24, 32), slice(24, 32)),
            "one pixel": (slice(7, 8), slice(20, 21)),
        }[spot]
    ] = 1.0
    paint[0, 3] *= shown
    tensor = torch.from_numpy(portrait).permute(2, 0, 1)[None] / 255.0
    expected = compose(tensor, grid, torch.tensor(gate).view(1, 1, 1, 1), refinement, paint)
    levels = Composition(portrait).levels(grid, refinement, paint, gate)
    assert np.abs(levels / 255.0 - expected[0].permute(1, 2, 0).numpy()).max() < 2e-4


def test_an_unmoved_portrait_comes_back_bit_for_bit() -> None:
    portrait = picture(1, SIDE)
    plane = identity_grid(16, 16, like=torch.zeros(1)).permute(2, 0, 1)[None]
    still = torch.zeros(1, 2, 16, 16)
    painted = Composition(portrait)(plane, still, torch.rand(1, 4, 32, 32), 0.0)
    assert np.array_equal(painted, portrait)
    assert painted.dtype == np.uint8
