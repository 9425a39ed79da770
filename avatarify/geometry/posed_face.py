"""The average face at play: turned, blinking, smiling, its mouth open.

What a portrait does with it shows whether its points are right, without a driver or a camera.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from avatarify.geometry.average_face import average_face
from avatarify.geometry.face_mesh import (
    BROWS,
    CHIN,
    EYES,
    INNER_LIPS_LOWER,
    INNER_LIPS_UPPER,
    OUTER_LIPS_LOWER,
)
from avatarify.geometry.face_motion import neck_joint
from avatarify.geometry.similarity import rotation_from_vector

Points = NDArray[np.float64]

REHEARSAL_S = 8.0
"""How long all of `rehearsed` takes; then it begins again."""

_CORNERS = (61, 291)
_DROP = 0.2
"""How far the jaw of an open mouth goes down, in distances of the outer eye corners."""

_SMILE = (0.075, -0.075)
"""How far the left corner of a smiling mouth goes, in the same unit."""

_SMILE_REACH = 0.2
_BROWS_UP = 0.09


@dataclass(frozen=True, slots=True)
class FacePose:
    """What the face does; 0 is rest and 1 much."""

    turn_deg: float = 0.0
    """To the picture's right."""
    nod_deg: float = 0.0
    """Down."""
    jaw: float = 0.0
    smile: float = 0.0
    blink: float = 0.0
    brows: float = 0.0
    """Up."""


def posed_face(pose: FacePose) -> Points:
    """Return (478, 3), the average face in a pose, in its own unit."""
    face = average_face()
    rest = face.copy()
    _smile(face, rest, pose.smile)
    face[:, 1] += _DROP * pose.jaw * _jaw_shares(rest)
    nearness = _nearness(rest, list(BROWS), 0.16)
    face[:, 1] -= _BROWS_UP * pose.brows * nearness
    for eye in EYES:
        upper, lower = list(eye.upper), list(eye.lower)
        face[upper] += pose.blink * (rest[lower] - rest[upper])
    joint = neck_joint(rest)
    angles = np.deg2rad((pose.nod_deg, -pose.turn_deg, 0.0))
    return (face - joint) @ rotation_from_vector(angles).T + joint


def rehearsed(time_s: float) -> FacePose:
    """Return what the face does at a time: two turns, a smile, two blinks, a mouth that opens."""
    at = time_s % REHEARSAL_S
    return FacePose(
        turn_deg=16.0 * (_hump(at, 0.3, 2.0) - _hump(at, 1.5, 3.2)),
        smile=_hump(at, 3.1, 5.0),
        blink=max(_hump(at, 2.9, 3.3), _hump(at, 5.1, 5.5)),
        jaw=_hump(at, 5.4, 7.2),
        brows=_hump(at, 5.6, 7.0),
    )


def _smile(face: Points, rest: Points, amount: float) -> None:
    for corner, side in zip(_CORNERS, (-1.0, 1.0), strict=True):
        share = _nearness(rest, [corner], _SMILE_REACH)[:, None]
        face[:, :2] += amount * share * (side * _SMILE[0], _SMILE[1])


def _jaw_shares(rest: Points) -> Points:
    """Return (478,): 1 for the lower lip and the chin, less towards the sides."""
    mouth_y = rest[list(_CORNERS), 1].mean()
    half = float(np.ptp(rest[list(_CORNERS), 0])) / 2
    below = np.clip((rest[:, 1] - mouth_y) / (0.6 * (rest[CHIN, 1] - mouth_y)), 0.0, 1.0)
    below[list(OUTER_LIPS_LOWER)] = below[list(INNER_LIPS_LOWER)] = 1.0
    below[[*_CORNERS, *INNER_LIPS_UPPER]] = 0.0
    beside = np.clip(np.abs(rest[:, 0]) / half, 0.0, None)
    near_lips = _nearness(rest, list(INNER_LIPS_LOWER), 0.12)
    narrow, wide = np.clip(1.0 - beside**2, 0.0, 1.0), np.exp(-((beside / 2.2) ** 4))
    shares: Points = below * (near_lips * narrow + (1.0 - near_lips) * wide)
    return shares


def _nearness(rest: Points, seeds: list[int], reach: float) -> Points:
    distance = np.linalg.norm(rest[:, None, :2] - rest[None, seeds, :2], axis=2).min(axis=1)
    near: Points = np.exp(-((distance / reach) ** 2))
    return near


def _hump(at: float, start: float, end: float) -> float:
    """Rise and fall smoothly between two times; 0 outside."""
    if not start < at < end:
        return 0.0
    return float(np.sin(np.pi * (at - start) / (end - start)) ** 2)
