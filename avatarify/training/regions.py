"""Cuts mouths and eyes out of a batch, so that a small discriminator can look closely."""

import torch
from torch import Tensor

from avatarify.geometry.grid import identity_grid, warp
from avatarify.training.losses import EYES, MOUTH

REGION_SIDE = 64
"""Pixels of a cut-out's side."""

MARGIN = 2.2
"""Side of the cut-out over the part's larger side."""


def cut_regions(picture: Tensor, landmarks: Tensor, regions: tuple[str, ...]) -> Tensor:
    """Return the regions of all pictures as one batch.

    Args:
        picture: (B, C, H, W).
        landmarks: (B, L, 2), in [-1, 1].
        regions: Of "mouth" and "eyes".

    Returns:
        (N, C, 64, 64): for each region all B pictures, both eyes apart.
    """
    parts: list[tuple[int, ...]] = []
    for region in regions:
        parts += [MOUTH] if region == "mouth" else list(EYES)
    return torch.cat([_cut(picture, landmarks[:, list(part)]) for part in parts])


def _cut(picture: Tensor, points: Tensor) -> Tensor:
    middle = (points.amax(dim=1) + points.amin(dim=1)) / 2.0
    half = MARGIN / 2.0 * (points.amax(dim=1) - points.amin(dim=1)).amax(dim=1)
    plane = identity_grid(REGION_SIDE, REGION_SIDE, like=picture)
    grid = middle[:, None, None] + half[:, None, None, None] * plane
    return warp(picture, grid, padding_mode="border")
