"""Faces that nobody has: the points of several people mixed, then bent part by part.

All of it happens in one pose. What changes is written as a way of each point, so that it can be
worn by other frames of the same person.
"""

import numpy as np
from numpy.typing import NDArray

from avatarify.geometry.face_mesh import (
    CHIN,
    EYES,
    INNER_LIPS_LOWER,
    INNER_LIPS_UPPER,
    LIPS,
    OUTER_LIPS_LOWER,
    OUTER_LIPS_UPPER,
    OVAL,
    RIGID,
)
from avatarify.geometry.similarity import fit_similarity

Points = NDArray[np.float64]

_SHARES = (-0.35, 0.85)
"""How much of another person's shape is taken; below 0 a face becomes less like theirs."""

_FARTHEST = 0.22
"""Of the irises' distance: no point's way is longer, lest drawings tear photographs apart."""

_MOUTH = (0.82, 1.22), (0.8, 1.25)
"""Widths and heights of mouths, over what they are."""

_LIP = (0.6, 1.7)
"""Fullness of the upper and of the lower lip, likewise."""

_LIFT = 0.05
"""How far a mouth goes up or down at most, of the irises' distance."""

_NOSE = (0.85, 1.2), (0.92, 1.08)
_EYE = (0.88, 1.12), (0.85, 1.2)
_JAW = (0.9, 1.12), (0.88, 1.15)

_NOSE_POINTS = (1, 2, 4, 5, 48, 64, 98, 115, 129, 220, 278, 294, 327, 344, 358, 440)
_JAW_POINTS = OVAL[11:26]
"""From one corner of the jaw over the chin to the other one."""

_LIP_LINES = (
    (OUTER_LIPS_UPPER[1:-1], INNER_LIPS_UPPER[1:-1]),
    (OUTER_LIPS_LOWER[1:-1], INNER_LIPS_LOWER[1:-1]),
)


def new_shape(face: Points, others: list[Points], random: np.random.Generator) -> Points:
    """Return a new person's points, in the pose of the first one.

    Args:
        face: (478, 3), in pixels.
        others: (478, 3) each, in any pose and size.
        random: Decides.

    Returns:
        (478, 3), in pixels.
    """
    rigid = list(RIGID)
    way = np.zeros_like(face)
    for other in others:
        there = fit_similarity(other[rigid], face[rigid]).apply(other)
        way += random.uniform(*_SHARES) * (there - face)
    mixed = _bent(face + way, random)
    length = np.linalg.norm(mixed - face, axis=1, keepdims=True)
    most = _FARTHEST * _unit(face)
    return face + (mixed - face) * (most / np.maximum(length, most))


def _bent(face: Points, random: np.random.Generator) -> Points:
    """Make mouth, lips, nose, eyes and jaw wider, fuller, longer, or less."""
    unit = _unit(face)
    for upper_or_lower in _LIP_LINES:
        outer, inner = (face[list(line)] for line in upper_or_lower)
        fuller = random.uniform(*_LIP) - 1.0
        seeds = [*upper_or_lower[0], *upper_or_lower[1]]
        ways = np.concatenate((fuller * (outer - inner), np.zeros_like(inner)))
        face = carried(face, seeds, ways, 0.07 * unit)
    lips = list(LIPS)
    lift = random.uniform(-_LIFT, _LIFT) * unit * _axes(face)[1]
    face = carried(face, lips, np.tile(lift, (len(lips), 1)), 0.3 * unit)
    face = _scaled(face, lips, _MOUTH, 0.25, random)
    face = _scaled(face, list(_NOSE_POINTS), _NOSE, 0.2, random)
    eyes = tuple(random.uniform(*low_high) for low_high in _EYE)
    for eye in EYES:
        parts = [*eye.loop, eye.iris, *eye.rim]
        face = _scaled(face, parts, tuple((f, f) for f in eyes), 0.15, random)
    return _scaled(face, [*_JAW_POINTS, CHIN], _JAW, 0.4, random)


def _scaled(
    face: Points,
    part: list[int],
    ranges: tuple[tuple[float, float], ...],
    reach: float,
    random: np.random.Generator,
) -> Points:
    """Scale a part along the face's own axes about its middle; jaws hang from the lips."""
    middle = face[list(LIPS) if part[0] == _JAW_POINTS[0] else part].mean(axis=0)
    away = face[part] - middle
    ways = np.zeros_like(away)
    for axis, low_high in zip(_axes(face), ranges, strict=True):
        ways += (random.uniform(*low_high) - 1.0) * (away @ axis)[:, None] * axis
    return carried(face, part, ways, reach * _unit(face))


def carried(points: Points, seeds: list[int], ways: Points, reach: float) -> Points:
    """Move some points and let their neighbours follow, less and less.

    Args:
        points: (N, 3).
        seeds: Which of them are moved.
        ways: (len(seeds), 3), how far.
        reach: How far their neighbours follow, in the points' unit.

    Returns:
        (N, 3).
    """
    distance = np.linalg.norm(points[:, None, :2] - points[seeds][None, :, :2], axis=2)
    near = np.exp(-((distance / reach) ** 2))
    sharp = np.exp(-((distance / (0.35 * reach)) ** 2)) + 1e-6 * near + 1e-12
    moved: Points = points + near.max(axis=1, keepdims=True) * (
        sharp @ ways / sharp.sum(axis=1, keepdims=True)
    )
    moved[seeds] = points[seeds] + ways
    return moved


def _axes(face: Points) -> Points:
    """Return (2, 3), the directions right and down along the face, of length 1."""
    across = face[EYES[1].outer] - face[EYES[0].outer]
    across = across / np.linalg.norm(across)
    down = face[CHIN] - face[EYES[0].outer]
    down = down - (down @ across) * across
    return np.stack((across, down / np.linalg.norm(down)))


def _unit(face: Points) -> float:
    """Return the distance of the irises."""
    return float(np.linalg.norm(face[EYES[0].iris] - face[EYES[1].iris]))
