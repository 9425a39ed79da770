"""The 478 points of mediapipe's face mesh as fixed places on the synthetic head.

Where each point sits on the grid was measured once: the landmarker looked at many frontal
renderings, and the medians lie in `landmarks.json` as (column, row), each in 0..1. Points on the
margins of lips and lids are snapped to the edges of the slits, the irises to the eyeballs.
"""

import functools
import json
from importlib.resources import files
from typing import NamedTuple

import torch
from torch import Tensor

from avatarify.synthesis.parts import IRIS_ANGLE, eyeball
from avatarify.synthesis.template import Template, template

LANDMARK_COUNT = 478
SKIN_LANDMARKS = 468
"""The first ones; the others are the irises'."""

INNER_UPPER_LIP = (78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308)
INNER_LOWER_LIP = (78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308)
UPPER_LIDS = (
    (33, 246, 161, 160, 159, 158, 157, 173, 133),
    (362, 398, 384, 385, 386, 387, 388, 466, 263),
)
LOWER_LIDS = (
    (33, 7, 163, 144, 145, 153, 154, 155, 133),
    (362, 382, 381, 380, 374, 373, 390, 249, 263),
)
"""Landmarks on each margin, from the viewer's left to right; the viewer's left eye first."""

OUTER_CORNERS = (33, 263)
_OUTER_CORNER_INSET = 0.09
"""Where lids seem to meet: their slit is drawn a little further than they part."""

IRIS_CENTERS = (468, 473)
"""Viewer's left eye first; each is followed by four points on the iris's edge."""


class Attachments(NamedTuple):
    """Landmarks as weighted vertices of a figure."""

    vertices: Tensor
    """(478, 4), int64."""

    weights: Tensor
    """(478, 4), summing to 1."""


def locate(points: Tensor, attachments: Attachments) -> Tensor:
    """Landmarks of posed or projected vertices.

    Args:
        points: (B, V, D).
        attachments: From `attachments`.

    Returns:
        (B, 478, D).
    """
    corners = points[:, attachments.vertices.reshape(-1)]
    corners = corners.view(len(points), LANDMARK_COUNT, 4, -1)
    return (corners * attachments.weights[..., None]).sum(dim=2)


@functools.lru_cache(maxsize=1)
def measured_places() -> Tensor:
    """(468, 2): column and row of each landmark on the grid, 0..1."""
    text = files("avatarify.synthesis").joinpath("landmarks.json").read_text(encoding="utf-8")
    return torch.tensor(json.loads(text)["places"])


@functools.lru_cache(maxsize=2)
def attachments(strip_count: int, device: torch.device) -> Attachments:
    """Tie the landmarks to a figure's vertices.

    Args:
        strip_count: How many strip vertices lie between the skin and the eyeballs.
        device: Where the tensors shall be.
    """
    shape = template()
    vertices = torch.zeros(LANDMARK_COUNT, 4, dtype=torch.int64)
    weights = torch.zeros(LANDMARK_COUNT, 4)
    vertices[:SKIN_LANDMARKS], weights[:SKIN_LANDMARKS] = _on_grid(shape, measured_places())
    edges: list[tuple[Tensor, tuple[int, ...]]] = [
        (shape.upper_lip, INNER_UPPER_LIP),
        (shape.lower_lip, INNER_LOWER_LIP),
    ]
    for eye in (0, 1):
        edges.append((shape.lower_lids[eye], LOWER_LIDS[eye]))
        edges.append((shape.upper_lids[eye], UPPER_LIDS[eye]))
    for edge, indices in edges:
        _snap(shape, edge, indices, vertices, weights)
    ball = eyeball(1.0).vertices
    for eye, center in enumerate(IRIS_CENTERS):
        first = len(shape.vertices) + strip_count + eye * len(ball)
        for offset, vertex in enumerate(_iris_vertices(ball)):
            vertices[center + offset] = first + vertex
            weights[center + offset, 0] = 1
    return Attachments(vertices.to(device), weights.to(device))


def _on_grid(shape: Template, places: Tensor) -> tuple[Tensor, Tensor]:
    """Bilinear weights in the cell of each place; cells never reach across a slit."""
    rows, columns = shape.grid.shape
    column = (places[:, 0] * (columns - 1)).clamp(0, columns - 1.001)
    row = (places[:, 1] * (rows - 1)).clamp(0, rows - 1.001)
    left, top = column.long(), row.long()
    x, y = column - left, row - top
    vertices = torch.stack(
        (
            shape.below[top, left], shape.below[top, left + 1],
            shape.grid[top + 1, left], shape.grid[top + 1, left + 1],
        ),
        dim=1,
    )  # fmt: skip
    weights = torch.stack(((1 - x) * (1 - y), x * (1 - y), (1 - x) * y, x * y), dim=1)
    return vertices, weights


def _snap(
    shape: Template, edge: Tensor, indices: tuple[int, ...], vertices: Tensor, weights: Tensor
) -> None:
    """Move landmarks to the edge of a slit, ends to its corners, others to their own column."""
    along = shape.coordinates[edge, 0]
    wanted = measured_places()[list(indices), 0]
    for index, column in zip(indices, wanted, strict=True):
        position = (column - along[0]) / (along[-1] - along[0]) * (len(edge) - 1)
        inset = _OUTER_CORNER_INSET if index in OUTER_CORNERS else 0.0
        if index == indices[0]:
            position = torch.full((), inset * (len(edge) - 1))
        elif index == indices[-1]:
            position = torch.full((), (1 - inset) * (len(edge) - 1))
        position = position.clamp(0, len(edge) - 1.001)
        first = int(position)
        vertices[index] = edge[[first, first + 1, first, first]]
        share = float(position) - first
        weights[index] = torch.tensor([1 - share, share, 0.0, 0.0])


def _iris_vertices(ball: Tensor) -> list[int]:
    """The eyeball's pole, and the iris's edge at the viewer's right, top, left and bottom."""
    z = ball[:, 2] / ball.norm(dim=1)
    on_edge = (z.clamp(-1, 1).acos() - IRIS_ANGLE).abs()
    found = [int(z.argmax())]
    for x, y in ((1, 0), (0, 1), (-1, 0), (0, -1)):
        direction = torch.tensor([float(x), float(y)])
        aside = 1 - (ball[:, :2] @ direction) / ball[:, :2].norm(dim=1).clamp(min=1e-6)
        found.append(int((on_edge + aside).argmin()))
    return found
