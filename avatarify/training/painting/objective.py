"""The terms of a painter's objective, each a function that a reader can check by hand."""

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from avatarify.geometry.grid import identity_grid, warp
from avatarify.networks.face_painter import FacePainter, corrected, split
from avatarify.training import losses
from avatarify.training.painting.sampler import PainterBatch
from avatarify.training.painting.settings import PaintingLoss

LEVELS = 3
"""Sizes at which pictures are compared."""

CELL = 8
"""Side of the cells in which detail is counted, pixels."""

_FLOOR = 0.01
"""Detail below this is noise; Laplacian of a grey in [0, 1]."""

_ELSEWHERE = 0.02
"""Weight where nothing may change: weights must stay above 0."""


class Painted(NamedTuple):
    """What a painter made of a batch."""

    picture: Tensor
    """(B, 3, H, W), corrected, in [0, 1]."""
    terms: dict[str, Tensor]
    """Each weighted term; their sum is minimised."""


class PaintingObjective(nn.Module):
    """The painter and every term that needs no discriminator."""

    def __init__(self, painter: FacePainter, loss: PaintingLoss, *, is_mixed: bool = False) -> None:
        super().__init__()
        self.painter = painter
        self.loss = loss
        self.is_mixed = is_mixed

    def forward(self, batch: PainterBatch) -> Painted:
        """Paint a batch and compare it with the camera's pictures."""
        loss = self.loss
        with torch.autocast(batch.patch.device.type, torch.bfloat16, enabled=self.is_mixed):
            fields = self.painter(batch.patch)
        correction = split(fields.float())
        picture = corrected(batch.patch[:, :3], correction, batch.region)
        weight = weight_of(batch, loss)
        pictures, targets, weights = (
            losses.pyramid(one, LEVELS) for one in (picture, batch.target, weight)
        )
        terms = {}
        for name, factor, measure in (
            ("pixel", loss.pixel, losses.weighted_l1),
            ("gradient", loss.gradient, losses.gradient_l1),
        ):
            if factor > 0.0:
                levels = zip(pictures, targets, weights, strict=True)
                terms[name] = factor * torch.stack([measure(*level) for level in levels]).sum()
        if loss.detail > 0.0:
            terms["detail"] = loss.detail * detail_distance(picture, batch.target, weight)
        if loss.flow > 0.0:
            terms["flow"] = loss.flow * roughness(correction.flow)
        if loss.steady > 0.0:
            terms["steady"] = loss.steady * self._unsteadiness(batch, fields.float())
        return Painted(picture, terms)

    def _unsteadiness(self, batch: PainterBatch, fields: Tensor) -> Tensor:
        device = batch.patch.device.type
        with torch.no_grad(), torch.autocast(device, torch.bfloat16, enabled=self.is_mixed):
            other = self.painter(shaken(batch.patch, batch.shake)).float()
        config = self.painter.config
        limits = [config.farthest] * 2 + [config.strongest] + [config.loudest] * 3
        limit = torch.tensor(limits, device=fields.device).view(1, -1, 1, 1).clamp_min(1e-6)
        return (batch.region * (fields - other).abs() / limit).mean()


def shaken(patch: Tensor, shake: Tensor) -> Tensor:
    """Move patches (B, C, H, W) by (B, 2) pixels, right and down."""
    height, width = patch.shape[2:]
    step = shake * torch.tensor([2.0 / (width - 1), 2.0 / (height - 1)], device=patch.device)
    grid = identity_grid(height, width, patch) - step[:, None, None]
    return warp(patch, grid, padding_mode="border")


def weight_of(batch: PainterBatch, loss: PaintingLoss) -> Tensor:
    """Return (B, 1, H, W): where a difference counts, and how much."""
    inner, outer = batch.patch[:, 6:7], batch.patch[:, 7:8]
    return _ELSEWHERE + batch.region * (1.0 + loss.around * outer + loss.inside * inner)


def detail(picture: Tensor) -> Tensor:
    """Return (B, 1, H, W), how finely a picture changes: |Laplacian| of its grey.

    Args:
        picture: (B, 3, H, W), in [0, 1].
    """
    grey = functional.pad(picture.mean(dim=1, keepdim=True), (1, 1, 1, 1), mode="replicate")
    middle = grey[..., 1:-1, 1:-1]
    around = grey[..., :-2, 1:-1] + grey[..., 2:, 1:-1] + grey[..., 1:-1, :-2] + grey[..., 1:-1, 2:]
    return (around - 4.0 * middle).abs()


def detail_distance(left: Tensor, right: Tensor, weight: Tensor) -> Tensor:
    """Return the weighted mean |log d(left) - log d(right)|, d a cell's mean detail.

    A smear costs as much as noise, and nobody is asked to put an edge to the very pixel, which is
    what makes a painter of means give up and smear.
    """
    cells = [functional.avg_pool2d(detail(one), CELL, CELL // 2) for one in (left, right)]
    weights = functional.avg_pool2d(weight, CELL, CELL // 2)
    ratio = torch.log((cells[0] + _FLOOR) / (cells[1] + _FLOOR))
    return losses.weighted_l1(ratio, torch.zeros_like(ratio), weights)


def roughness(flow: Tensor) -> Tensor:
    """Return the mean absolute difference between neighbours of a flow (B, 2, H, W)."""
    across = (flow[..., :, 1:] - flow[..., :, :-1]).abs().mean()
    return across + (flow[..., 1:, :] - flow[..., :-1, :]).abs().mean()


def middle_of(picture: Tensor, masks: Tensor) -> Tensor:
    """Return what a discriminator judges: the middle two thirds, with the masks beside it.

    Args:
        picture: (B, 3, H, W).
        masks: (B, 2, H, W).
    """
    height, width = picture.shape[2:]
    top, left = height // 6, width // 6
    judged = torch.cat([picture, masks], dim=1)
    return judged[..., top : height - top, left : width - left]


def hinge_real(scores: Tensor) -> Tensor:
    """Return mean max(0, 1 - D): the discriminator's term for camera pictures (Lim 2017)."""
    return functional.relu(1.0 - scores).mean()


def hinge_painted(scores: Tensor) -> Tensor:
    """Return mean max(0, 1 + D): the discriminator's term for painted ones."""
    return functional.relu(1.0 + scores).mean()


def inner_error(picture: Tensor, batch: PainterBatch) -> Tensor:
    """Return the mean error inside the second outline, colours in [0, 1]."""
    inside = batch.patch[:, 7:8] * batch.region
    error = (picture - batch.target).abs().mean(dim=1, keepdim=True)
    return (error * inside).sum() / inside.sum().clamp_min(1e-6)


def inner_detail(picture: Tensor, batch: PainterBatch) -> Tensor:
    """Return detail over the truth's inside the second outline; 1 is as sharp."""
    inside = batch.patch[:, 7:8] * batch.region
    own, true = ((detail(one) * inside).sum() for one in (picture, batch.target))
    return own / true.clamp_min(1e-6)
