"""Where a person is likely to be, by the landmarks alone.

Faces are alike enough that one shape serves as a first guess: a skull behind the face, a fringe of
hair around it, a neck, shoulders that reach the lower edge. Colours decide the rest.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from avatarify.geometry.face_mesh import CHIN, FOREHEAD, OVAL

Plane = NDArray[np.float32]

_SKULL_RADII = (0.54, 0.64)
_SKULL_BEHIND = 0.42
_SKULL_ABOVE = 0.17
"""The skull (half its width, half its height) lies behind the outline; in heights of the face."""


@dataclass(frozen=True, slots=True)
class _Part:
    """A part of the body that is its own mirror image, and how likely its place is the person's."""

    half: tuple[tuple[float, float], ...]
    """Its outline: (distance from the middle, distance below the chin), in heights of the face."""

    rim: float
    """Log odds on the outline."""

    inwards: float
    """What is gained per height of the face inside."""

    most: float
    """What is gained at most."""

    outwards: float
    """What is lost per height of the face outside."""


_PARTS = (
    # neck and torso, at the least
    _Part(
        ((0.24, -0.1), (0.27, 0.22), (0.42, 0.42), (0.75, 0.75), (0.95, 1.3), (1.0, 9.0)),
        rim=0.3, inwards=16.0, most=3.0, outwards=3.0,
    ),
    # broad shoulders
    _Part(
        ((0.26, 0.05), (0.5, 0.3), (1.0, 0.45), (1.25, 0.75), (1.4, 1.2), (1.5, 9.0)),
        rim=0.2, inwards=4.0, most=0.8, outwards=4.0,
    ),
    # long hair that hangs
    _Part(((0.5, -0.6), (0.6, 0.1), (0.6, 0.8)), rim=0.2, inwards=0.0, most=0.0, outwards=4.5),
)  # fmt: skip

_OVAL_ERRS = 0.035
"""Landmarks of a face's outline may lie so far beside its cheek, in heights of the face."""

_SIDEWAYS, _UPWARDS = 6.0, 3.3
"""Log odds that are lost per height of the face outside of the skull."""

_LEAST = -4.0

SUREST = 5.0
"""Log odds that are never passed."""


@dataclass(frozen=True, slots=True)
class PersonPrior:
    """What the landmarks say about each pixel."""

    log_odds: Plane
    """(H, W): ln of the odds that the person covers a pixel."""

    is_face: NDArray[np.bool_]
    """(H, W): inside of the face's outline, which is the person's without doubt."""

    has_hair: NDArray[np.bool_]
    """(H, W): where an outline may be hair's."""

    face_height: float
    """From forehead to chin, in pixels."""


def person_prior(landmarks: NDArray[np.floating], size: tuple[int, int]) -> PersonPrior:
    """Guess the person's shape.

    Args:
        landmarks: (478, 3) in pixels of the picture, less z being nearer.
        size: (height, width) of the picture.
    """
    points = landmarks.astype(np.float64)
    face_height = height_of_face(points)
    oval = points[list(OVAL)]
    skull = _skull_center(points, oval, face_height)
    margin = round(face_height)
    hull = cv2.convexHull(_head_points(oval, skull, face_height))[:, 0].astype(np.float64)
    head = _signed(hull, size, margin) / face_height
    near_head = 1.4 + np.where(head > 0, 10.0, _steepness(points, skull, size)) * head
    middle = (0.5 * (skull[0] + points[CHIN, 0]), points[CHIN, 1])
    shapes = [_mirrored(part.half, middle, face_height) for part in _PARTS]
    depths = [_signed(shape, size, margin) / face_height for shape in shapes]
    near_parts = [_odds(part, depth) for part, depth in zip(_PARTS, depths, strict=True)]
    is_face = _inside(oval[:, :2], size)
    log_odds = np.max([near_head, *near_parts], axis=0)
    log_odds = np.clip(log_odds, _LEAST, SUREST).astype(np.float32)
    log_odds[is_face] = SUREST
    has_hair = (head > -1.2) & (depths[0] < 0.05)
    return PersonPrior(log_odds, is_face, has_hair, face_height)


def height_of_face(landmarks: NDArray[np.floating]) -> float:
    """Return the distance from forehead to chin in pixels."""
    return float(np.linalg.norm(landmarks[FOREHEAD, :2] - landmarks[CHIN, :2]))


def surely_face(is_face: NDArray[np.bool_], face_height: float) -> NDArray[np.bool_]:
    """Return (H, W), where a pixel is the face's though landmarks of its outline err.

    Args:
        is_face: (H, W), inside of its outline.
        face_height: In pixels.
    """
    within = cv2.distanceTransform(is_face.astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_5)
    return np.asarray(within > _OVAL_ERRS * face_height)


def _skull_center(
    points: NDArray[np.floating], oval: NDArray[np.floating], face_height: float
) -> NDArray[np.float64]:
    up = points[FOREHEAD] - points[CHIN]
    up /= np.linalg.norm(up)
    across = points[454] - points[234]
    toward = np.cross(across, up)
    toward /= max(float(np.linalg.norm(toward)), 1e-9)
    toward *= -np.sign(toward[2]) if abs(toward[2]) > 1e-6 else 1.0
    return oval.mean(axis=0) + face_height * (_SKULL_ABOVE * up - _SKULL_BEHIND * toward)


def _steepness(
    points: NDArray[np.floating], skull: NDArray[np.floating], size: tuple[int, int]
) -> Plane:
    """(H, W), what hair loses per height of the face: it rises higher than it spreads."""
    y, x = np.indices(size, np.float32)
    up = points[FOREHEAD, :2] - points[CHIN, :2]
    up /= np.linalg.norm(up)
    x, y = x - np.float32(skull[0]), y - np.float32(skull[1])
    rising = (x * up[0] + y * up[1]) / np.maximum(np.hypot(x, y), 1.0)
    return (_SIDEWAYS - (_SIDEWAYS - _UPWARDS) * np.maximum(rising, 0.0)).astype(np.float32)


def _head_points(
    oval: NDArray[np.floating], skull: NDArray[np.floating], face_height: float
) -> NDArray[np.float32]:
    turn = np.linspace(0.0, 2.0 * np.pi, 48, endpoint=False)
    up = oval[0, :2] - oval[len(oval) // 2, :2]
    up = up / np.linalg.norm(up)
    axes = np.array([[-up[1], up[0]], up]) * face_height * np.array(_SKULL_RADII)[:, None]
    ball = skull[:2] + np.stack([np.cos(turn), np.sin(turn)], axis=1) @ axes
    return np.concatenate([oval[:, :2], ball]).astype(np.float32)


def _mirrored(
    half: tuple[tuple[float, float], ...], middle: tuple[float, float], face_height: float
) -> NDArray[np.float64]:
    """A shape that is its own mirror image, hung below a point of the chin's height."""
    side = np.array(half) * face_height
    return np.concatenate([side * (-1.0, 1.0), side[::-1]]) + np.array(middle)


def _odds(part: _Part, depth: Plane) -> Plane:
    within = np.minimum(part.inwards * depth, part.most)
    return (part.rim + np.where(depth > 0, within, part.outwards * depth)).astype(np.float32)


def _inside(corners: NDArray[np.floating], size: tuple[int, int]) -> NDArray[np.bool_]:
    mask = np.zeros(size, np.uint8)
    cv2.fillPoly(mask, [np.round(corners * 8.0).astype(np.int32)], 1, shift=3)
    return mask.astype(bool)


def _signed(corners: NDArray[np.floating], size: tuple[int, int], margin: int) -> Plane:
    """Distances to a polygon in pixels, positive inside; the polygon may leave the picture."""
    wide = _inside(corners + float(margin), (size[0] + 2 * margin, size[1] + 2 * margin))
    mask = wide.astype(np.uint8)
    within = cv2.distanceTransform(mask, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    beyond = cv2.distanceTransform(1 - mask, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    cut = slice(margin, margin + size[0]), slice(margin, margin + size[1])
    return (within - beyond)[cut].astype(np.float32)
