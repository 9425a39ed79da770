"""A batched z-buffer rasteriser in plain torch: the same code runs on the CPU and on CUDA."""

from typing import NamedTuple

import torch
from torch import Tensor

EMPTY = -1
"""The face index of a pixel that no triangle covers."""

_SMALLEST_AREA = 1e-9


class Fragments(NamedTuple):
    """The nearest surface in every pixel."""

    face: Tensor
    """(B, H, W), int64: index of the visible triangle, `EMPTY` where there is none."""

    weights: Tensor
    """(B, H, W, 3): perspective-correct barycentric weights of its corners, zero where empty."""

    depth: Tensor
    """(B, H, W): distance along the viewing axis, infinite where empty."""


def rasterize(vertices: Tensor, faces: Tensor, height: int, width: int) -> Fragments:
    """Find the nearest front-facing triangle in every pixel.

    Args:
        vertices: (B, V, 3): x and y in pixels, (0, 0) being the outer corner of the upper left
            pixel, and z the distance from the camera, positive.
        faces: (F, 3), int64: clockwise on the screen is the front; backs are not drawn.
        height: Rows of the picture.
        width: Columns of the picture.
    """
    batch, face_count = vertices.shape[0], faces.shape[0]
    corners = vertices[:, faces.reshape(-1)].reshape(batch * face_count, 3, 3)
    chosen, gradients = _visible_candidates(corners, height, width)
    owner, x, y = _pixels_of_boxes(corners[chosen], height, width)
    weights, inverse_depth = _at_pixels(gradients.index_select(0, owner), x, y)
    inside = (weights.amin(dim=1) >= 0).nonzero()[:, 0]
    owner, inverse_depth = owner[inside], inverse_depth[inside]
    image = torch.div(chosen, face_count, rounding_mode="floor")
    pixel = (image[owner] * height + y[inside].long()) * width + x[inside].long()
    best = torch.zeros(batch * height * width, device=vertices.device)
    best = best.scatter_reduce(0, pixel, inverse_depth, "amax")
    won = (inverse_depth >= best[pixel]).nonzero()[:, 0]
    triangle = chosen[owner[won]]
    weighted = weights[inside[won]] / corners[:, :, 2][triangle]
    return _resolve((batch, height, width), pixel[won], triangle % face_count, weighted, best)


def interpolate(fragments: Fragments, faces: Tensor, attributes: Tensor) -> Tensor:
    """Spread per-vertex attributes over the pixels.

    Args:
        fragments: What `rasterize` found.
        faces: (F, 3), the triangles given to it.
        attributes: (B, V, C), or (V, C) when shared by the batch.

    Returns:
        (B, H, W, C), zero where no triangle is.
    """
    batch, height, width = fragments.face.shape
    pixel, corners = covered_corners(fragments, faces)
    if attributes.dim() == 3:
        image = torch.div(pixel, height * width, rounding_mode="floor")
        corners = corners + image[:, None] * attributes.shape[1]
    flat = attributes.reshape(-1, attributes.shape[-1])
    weights = fragments.weights.view(-1, 3)[pixel]
    values = torch.bmm(weights[:, None], flat[corners.reshape(-1)].view(len(pixel), 3, -1))
    result = flat.new_zeros(batch * height * width, flat.shape[-1])
    result[pixel] = values[:, 0]
    return result.view(batch, height, width, -1)


def covered_corners(fragments: Fragments, faces: Tensor) -> tuple[Tensor, Tensor]:
    """Covered pixels (N,), counted through the batch, and the vertices (N, 3) they lie between."""
    flat = fragments.face.view(-1)
    pixel = (flat >= 0).nonzero()[:, 0]
    return pixel, faces[flat[pixel]]


def _visible_candidates(corners: Tensor, height: int, width: int) -> tuple[Tensor, Tensor]:
    """Indices of triangles that face the camera and touch the picture, and their gradients.

    Gradients are (N, 9): the first corner's x and y, how the second and the third corner's weight
    grow along x and y, the first corner's inverse depth and how those of the others differ from
    it. Relative to a corner, single precision is enough for tiny triangles.
    """
    x, y = corners[..., 0], corners[..., 1]
    area = (x[:, 1] - x[:, 0]) * (y[:, 2] - y[:, 0]) - (x[:, 2] - x[:, 0]) * (y[:, 1] - y[:, 0])
    keep = (
        (area > _SMALLEST_AREA)
        & (torch.ceil(x.amin(1) - 0.5) <= torch.floor(x.amax(1) - 0.5))
        & (torch.ceil(y.amin(1) - 0.5) <= torch.floor(y.amax(1) - 0.5))
        & (x.amax(1) > 0)
        & (y.amax(1) > 0)
        & (x.amin(1) < width)
        & (y.amin(1) < height)
        & (corners[..., 2].amin(1) > 0)
    )
    chosen = keep.nonzero()[:, 0]
    x, y, area = x[chosen], y[chosen], area[chosen]
    x0, x1, x2 = x.unbind(dim=1)
    y0, y1, y2 = y.unbind(dim=1)
    slopes = torch.stack((y2 - y0, x0 - x2, y0 - y1, x1 - x0), dim=1) / area[:, None]
    depth = 1 / corners[chosen][..., 2]
    depths = torch.stack((depth[:, 0], depth[:, 1] - depth[:, 0], depth[:, 2] - depth[:, 0]), dim=1)
    return chosen, torch.cat((x0[:, None], y0[:, None], slopes, depths), dim=1)


def _pixels_of_boxes(corners: Tensor, height: int, width: int) -> tuple[Tensor, Tensor, Tensor]:
    """Every pixel (owner, x, y) whose centre lies in the bounding box of a triangle.

    Owners are indices; x and y are whole numbers kept as floats, which is faster here.
    """
    low = torch.ceil(corners[..., :2].amin(1) - 0.5).clamp(min=0)
    high = torch.floor(corners[..., :2].amax(1) - 0.5)
    high = torch.minimum(high, high.new_tensor([width - 1.0, height - 1.0]))
    extent = (high - low + 1).clamp(min=0)
    counts = (extent[:, 0] * extent[:, 1]).long()
    owner = torch.repeat_interleave(counts)
    first = torch.cumsum(counts, 0) - counts
    local = torch.arange(len(owner), device=corners.device) - first.index_select(0, owner)
    left, top, columns = torch.cat((low, extent[:, :1]), 1).index_select(0, owner).unbind(dim=1)
    steps = local.to(low.dtype)
    # Half a step keeps the quotient away from whole numbers, where rounding could tip it.
    row = torch.floor((steps + 0.5) / columns)
    return owner, left + steps - row * columns, top + row


def _at_pixels(gradients: Tensor, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    """Barycentric weights (N, 3) in screen space and inverse depth (N,) at pixel centres."""
    x0, y0, second_x, second_y, third_x, third_y, depth, second_depth, third_depth = (
        gradients.unbind(dim=1)
    )
    right, down = x + 0.5 - x0, y + 0.5 - y0
    second = right * second_x + down * second_y
    third = right * third_x + down * third_y
    inverse_depth = depth + second * second_depth + third * third_depth
    return torch.stack((1 - second - third, second, third), dim=1), inverse_depth


def _resolve(
    shape: tuple[int, int, int], pixel: Tensor, face: Tensor, weighted: Tensor, best: Tensor
) -> Fragments:
    """Write the winning fragments into pictures."""
    faces = torch.full_like(best, EMPTY, dtype=torch.int64)
    faces[pixel] = face
    weights = best.new_zeros(len(best), 3)
    weights[pixel] = weighted / weighted.sum(dim=1, keepdim=True)
    depth = torch.where(best > 0, 1 / best.clamp(min=1e-12), torch.inf)
    return Fragments(faces.view(shape), weights.view(*shape, 3), depth.view(shape))
