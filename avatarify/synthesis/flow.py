"""Exact motion between two pictures of one person."""

from typing import NamedTuple

import torch
import torch.nn.functional as F  # noqa: N812 - the field's own name for it
from torch import Tensor

from avatarify.synthesis.rasterizer import Fragments, covered_corners, rasterize
from avatarify.synthesis.renderer import Rendering

_TOLERANCE_CM, _SLANT_CM = 0.15, 0.6


class Flow(NamedTuple):
    """Where each pixel of the second picture comes from in the first."""

    grid: Tensor
    """(B, H, W, 2): backward grid, (x, y); -1 and 1 are the centres of the border pixels."""

    visibility: Tensor
    """(B, 1, H, W): 1 where the surface is seen in both pictures, else 0."""


def flow(first: Rendering, second: Rendering) -> Flow:
    """Compute the backward flow such that `first` sampled at `grid` looks like `second`.

    Args:
        first: The source picture(s).
        second: The driving picture(s), of the same person, number and size.

    Raises:
        ValueError: They show different people or differ in size.
    """
    if first.image.shape != second.image.shape or first.screen.shape != second.screen.shape:
        raise ValueError("Both renderings must show one person, in equal number and size.")
    height, width = first.image.shape[2:]
    faces = first.figure.faces
    seen = rasterize(second.screen, faces, height, width)
    place, depth = _carry(seen, faces, first.screen)
    size = place.new_tensor([width - 1.0, height - 1.0])
    grid = (place - 0.5) / size * 2 - 1
    front = rasterize(first.screen, faces, height, width).depth[:, None]
    front = front.clamp(max=1e6)
    # A slanted surface changes its depth within a pixel, so it may lie behind its own sample.
    slant = F.max_pool2d(front, 3, 1, 1) + F.max_pool2d(-front, 3, 1, 1)
    limit = front + slant.clamp(max=_SLANT_CM) + _TOLERANCE_CM
    there = F.grid_sample(limit, grid, mode="nearest", align_corners=True)[:, 0]
    inside = (grid.abs() <= 1).all(dim=-1)
    visible = (seen.face >= 0) & inside & (depth <= there)
    return Flow(grid, visible[:, None].to(grid.dtype))


def _carry(seen: Fragments, faces: Tensor, screen: Tensor) -> tuple[Tensor, Tensor]:
    """Where the surface points of `seen` lie on another screen, (B, H, W, 2), and their depth."""
    batch, height, width = seen.face.shape
    pixel, corners = covered_corners(seen, faces)
    image = torch.div(pixel, height * width, rounding_mode="floor")
    points = screen.reshape(-1, 3)[corners + image[:, None] * screen.shape[1]]
    weights = seen.weights.view(-1, 3)[pixel]
    # Weights belong to the surface; on the screen a corner counts by its distance.
    weighted = weights * points[..., 2]
    place = (points[..., :2] * weighted[..., None]).sum(1) / weighted.sum(1, keepdim=True)
    ys, xs = torch.meshgrid(
        torch.arange(height, device=screen.device) + 0.5,
        torch.arange(width, device=screen.device) + 0.5,
        indexing="ij",
    )
    places = torch.stack((xs, ys), dim=-1).repeat(batch, 1, 1, 1).view(-1, 2)
    depths = screen.new_full((batch * height * width,), torch.inf)
    places[pixel] = place
    depths[pixel] = (points[..., 2] * weights).sum(1)
    return places.view(batch, height, width, 2), depths.view(batch, height, width)
