"""The head at rest as a signed distance function: smooth unions of a few dozen blobs.

Head space: centimetres, origin between the eyes on the axis of the skull, x to the viewer's
right, y up, z towards the viewer. The sculpture is symmetric, lips and lids closed.
"""

import itertools

import torch
from torch import Tensor

EYE_CENTER = (3.15, 0.0, 6.1)
"""Centre of the right-hand eyeball (viewer's right)."""

EYE_RADIUS = 1.55
"""Radius of the eyeball; larger than anatomy, which suits the wider lids of a stylised face."""

LID_THICKNESS = 0.15
"""How far the lids lie above the eyeball."""

SEAM_HEIGHT = -6.85
"""Height of the line between the closed lips."""

Point = tuple[float, float, float]


def distance(points: Tensor) -> Tensor:
    """Signed distance (approximate, negative inside) of the neutral head.

    Args:
        points: (..., 3), head space.

    Returns:
        (...).
    """
    # A soft absolute value: a hard one would leave a crease along the middle of the face.
    across = (points[..., 0].square() + 0.05).sqrt()
    half = torch.stack((across, points[..., 1], points[..., 2]), dim=-1)
    surface = _skull(half)
    surface = _eyes(half, surface)
    surface = _nose(half, surface)
    return _mouth(half, surface)


def _skull(points: Tensor) -> Tensor:
    surface = _ellipsoid(points, (0, 3.0, -1.0), (7.5, 8.2, 9.3))
    surface = _join(surface, _ellipsoid(points, (0, -2.2, 1.7), (6.7, 6.2, 6.7)), 2.5)
    surface = _join(surface, _capsule(points, (4.3, -6.1, 1.0), (1.2, -9.3, 6.6), 1.7, 1.6), 3.0)
    surface = _join(surface, _ellipsoid(points, (0, -9.5, 7.2), (1.5, 1.5, 1.6)), 2.0)
    surface = _join(surface, _ellipsoid(points, (4.1, -2.3, 5.2), (1.9, 1.7, 2.0)), 2.4)
    surface = _join(surface, _ellipsoid(points, (2.9, -5.0, 5.8), (2.6, 2.9, 2.2)), 2.4)
    surface = _join(surface, _ellipsoid(points, (0, 5.0, 4.6), (5.2, 3.4, 3.9)), 3.0)
    neck = _capsule(points, (0, -6.0, -2.6), (0, -24.0, -3.6), 4.6, 5.4)
    return _join(surface, neck, 1.6)


def _eyes(points: Tensor, surface: Tensor) -> Tensor:
    surface = _join(surface, _capsule(points, (0.9, 1.9, 7.4), (4.4, 2.1, 5.9), 0.9, 0.8), 2.2)
    surface = _cut(surface, _ellipsoid(points, (3.1, 0.0, 8.9), (2.0, 1.3, 1.5)), 1.8)
    x, y, z = EYE_CENTER
    radius = EYE_RADIUS + LID_THICKNESS
    return _join(surface, _ellipsoid(points, (x, y, z), (radius, radius, radius)), 0.7)


def _nose(points: Tensor, surface: Tensor) -> Tensor:
    body = _capsule(points, (0, 1.0, 7.3), (0, -3.7, 8.9), 1.0, 1.5)
    surface = _join(surface, body, 1.4)
    bridge = _capsule(points, (0, 1.0, 8.0), (0, -3.3, 10.2), 0.6, 0.75)
    surface = _join(surface, bridge, 0.9)
    surface = _join(surface, _ellipsoid(points, (0, -3.75, 10.2), (1.05, 0.85, 0.9)), 0.7)
    surface = _join(surface, _ellipsoid(points, (1.3, -4.1, 9.2), (0.62, 0.66, 0.9)), 0.6)
    return _cut(surface, _ellipsoid(points, (0.62, -4.85, 9.75), (0.34, 0.3, 0.5)), 0.3)


def _mouth(points: Tensor, surface: Tensor) -> Tensor:
    surface = _join(surface, _ellipsoid(points, (0, -6.7, 6.4), (3.0, 2.6, 2.7)), 2.0)
    surface = _cut(surface, _capsule(points, (0, -4.9, 9.6), (0, -6.0, 9.62), 0.2, 0.28), 0.5)
    surface = _cut(surface, _capsule(points, (0, -8.4, 9.75), (1.2, -8.3, 9.3), 0.4, 0.3), 1.0)
    upper = (((0.34, -6.47, 9.2), 0.44), ((1.3, -6.56, 8.96), 0.4), ((2.4, -6.85, 8.52), 0.16))
    lower = (((0.0, -7.3, 9.08), 0.56), ((1.1, -7.22, 8.93), 0.5), ((2.15, -6.95, 8.58), 0.2))
    seam = (
        ((0, SEAM_HEIGHT, 9.72), 0.05),
        ((1.2, SEAM_HEIGHT, 9.5), 0.05),
        ((2.5, SEAM_HEIGHT, 8.8), 0.04),
    )
    surface = _join(surface, _path(points, upper), 0.4)
    surface = _join(surface, _path(points, lower), 0.4)
    return _cut(surface, _path(points, seam), 0.3)


def _path(points: Tensor, stations: tuple[tuple[Point, float], ...]) -> Tensor:
    """A tube through (point, radius) stations."""
    tubes = [
        _capsule(points, start, end, radius, end_radius)
        for (start, radius), (end, end_radius) in itertools.pairwise(stations)
    ]
    return torch.stack(tubes).amin(dim=0)


def _ellipsoid(points: Tensor, center: Point, radii: Point) -> Tensor:
    offset = points - points.new_tensor(center)
    scale = points.new_tensor(radii)
    near = (offset / scale).norm(dim=-1)
    far = (offset / scale.square()).norm(dim=-1).clamp(min=1e-6)
    return near * (near - 1) / far


def _capsule(points: Tensor, start: Point, end: Point, radius: float, end_radius: float) -> Tensor:
    origin = points.new_tensor(start)
    axis = points.new_tensor(end) - origin
    along = ((points - origin) @ axis / axis.dot(axis)).clamp(0, 1)
    nearest = origin + along[..., None] * axis
    return (points - nearest).norm(dim=-1) - (radius + along * (end_radius - radius))


def _join(first: Tensor, second: Tensor, softness: float) -> Tensor:
    """Union with a fillet of about `softness`."""
    blend = (softness - (first - second).abs()).clamp(min=0) / softness
    return torch.minimum(first, second) - blend.square() * softness / 4


def _cut(first: Tensor, second: Tensor, softness: float) -> Tensor:
    """`first` without `second`, with a rounded edge."""
    return -_join(-first, second, softness)
