"""Shoulders and chest in clothes, from the collar to below the picture's edge."""

import math

import torch
from torch import Tensor

from avatarify.synthesis.atlas import Swatch, swatch
from avatarify.synthesis.brush import noise
from avatarify.synthesis.identity import Identity
from avatarify.synthesis.surface import Surface, merge, sheet

_ROWS_PER_STATION = 6
_COLUMNS = 97
_FOLD_DEPTH = 0.16
"""Height of the folds in the cloth, centimetres."""


def torso(identity: Identity) -> Surface:
    """Clothes on neck base, shoulders and chest; stays still when the head turns."""
    collar, cloth = _stations(identity.shoulders, identity.collar_height)
    inside = torch.tensor([0.25, 0.3, 0.75, 1.0, 1.0])
    return merge(
        (
            _lathe(collar, identity, Swatch.COLLAR, inside, folds=0.0),
            _lathe(cloth, identity, Swatch.CLOTH, torch.ones(len(cloth)), folds=_FOLD_DEPTH),
        )
    )


def _stations(shoulders: float, collar: float) -> tuple[Tensor, Tensor]:
    """Cross-sections (height, half width, half depth, squareness) of collar and clothes.

    Args:
        shoulders: Width relative to the middle, about 0.8..1.2.
        collar: Height of the collar, 0 (wide neckline) .. 1 (up to the neck).
    """
    neck = 6.3 - 1.1 * collar
    rim = torch.tensor(
        [
            # The first lies inside the neck, so that nothing is seen between them.
            [-19.0 + 1.2 * collar, 2.6, 2.4, 1.0],
            [-15.9 + 1.2 * collar, neck - 0.9, neck - 1.2, 1.0],
            [-15.0 + 1.2 * collar, neck, neck - 0.4, 1.0],
            [-15.2 + 1.0 * collar, neck + 0.7, neck + 0.1, 1.0],
            [-16.1 + 0.8 * collar, neck + 1.5, neck + 0.5, 1.0],
        ]
    )
    body = torch.tensor(
        [
            [-15.9 + 0.8 * collar, neck + 1.2, neck + 0.3, 1.0],
            [-17.0, 11.5 * shoulders, 6.9, 0.95],
            [-18.5, 15.9 * shoulders, 7.9, 0.9],
            [-20.6, 18.5 * shoulders, 8.7, 0.86],
            [-24.0, 20.1 * shoulders, 9.5, 0.8],
            [-29.0, 20.9 * shoulders, 10.2, 0.8],
            [-38.0, 21.3 * shoulders, 10.6, 0.8],
        ]
    )
    return rim, body


def _lathe(
    stations: Tensor, identity: Identity, color: Swatch, light: Tensor, folds: float
) -> Surface:
    """Cross-sections joined by smooth curves."""
    turn = torch.linspace(-math.pi, math.pi, _COLUMNS)
    profile = _smooth_curve(torch.cat((stations, light[:, None]), dim=1))
    height, wide, deep, power, shade = (column[:, None] for column in profile.unbind(dim=1))
    sine, cosine = turn.sin(), turn.cos()
    x = wide * sine.sign() * sine.abs() ** power
    z = deep * cosine.sign() * cosine.abs() ** power
    dip = 1.3 * (1 - identity.collar_height) * ((z - 3) / 6).clamp(min=0)
    dip = dip * torch.exp(-((height + 15.3) ** 2))
    generator = torch.Generator().manual_seed(identity.seed + 5)
    rows = len(profile)
    wave = noise((5, 10), None, generator, (rows, _COLUMNS)) - 0.5
    wave = wave + 0.5 * (noise((4, 26), None, generator, (rows, _COLUMNS)) - 0.5)
    # Nothing is folded where the cloth begins: it meets the collar there.
    wave = 2 * folds * wave * torch.linspace(0, 3, rows).clamp(max=1)[:, None]
    grid = torch.stack((x * (1 + wave / wide), height - dip, z - 3.0 + wave), dim=-1)
    return sheet(grid, swatch(color), (shade * (1 + 0.5 * wave)).clamp(0, 1))


def _smooth_curve(stations: Tensor) -> Tensor:
    """(N, D) points to a Catmull-Rom curve through them, `_ROWS_PER_STATION` rows for each."""
    padded = torch.cat(
        (2 * stations[:1] - stations[1:2], stations, 2 * stations[-1:] - stations[-2:-1])
    )
    share = (torch.arange(_ROWS_PER_STATION) / _ROWS_PER_STATION)[:, None]
    pieces = []
    for index in range(len(stations) - 1):
        before, start, end, after = padded[index : index + 4]
        bend = 2 * before - 5 * start + 4 * end - after
        twist = 3 * (start - end) + after - before
        pieces.append(start + share * ((end - before) + share * (bend + share * twist)) / 2)
    return torch.cat((*pieces, stations[-1:]))
