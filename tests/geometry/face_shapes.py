"""A made-up face of the tracker's 478 points for tests: flat features on a bent plate."""

import numpy as np
from numpy.typing import NDArray

from avatarify.geometry.face_mesh import (
    BROWS,
    EYES,
    INNER_LIPS_LOWER,
    INNER_LIPS_UPPER,
    LANDMARK_COUNT,
    OUTER_LIPS_LOWER,
    OUTER_LIPS_UPPER,
    OVAL,
)


def made_face(*, eye_gap: float = 8.0, lip_gap: float = 0.0) -> NDArray[np.float64]:
    """Return (478, 3): outer eye corners 100 apart, in pixels around (200, 200).

    Args:
        eye_gap: Between all pairs of the lids.
        lip_gap: Between all pairs of the inner lips.
    """
    chance = np.random.default_rng(3)
    face = chance.uniform((130, 130, -10), (270, 300, 10), (LANDMARK_COUNT, 3))
    face[list(BROWS)] = np.column_stack(
        [np.tile(np.linspace(145, 255, 10), 2), np.repeat([160.0, 166.0], 10), np.zeros(20)]
    )
    angle = np.linspace(0, 2 * np.pi, len(OVAL), endpoint=False)
    face[list(OVAL)] = np.column_stack(
        [200 + 80 * np.sin(angle), 210 - 105 * np.cos(angle), np.full(len(OVAL), 40.0)]
    )
    for eye, x in zip(EYES, (170.0, 230.0), strict=True):
        side = -1.0 if x < 200 else 1.0
        face[eye.outer] = (x + side * 20, 190, 0)
        face[eye.inner] = (x - side * 15, 190, 0)
        places = np.linspace(0, 1, 9)[1:-1, None]
        line = face[eye.outer] + places * (face[eye.inner] - face[eye.outer])
        face[list(eye.upper)] = line - np.array([0, eye_gap / 2, 0])
        face[list(eye.lower)] = line + np.array([0, eye_gap / 2, 0])
        face[eye.iris] = (x, 190, 0)
        face[list(eye.rim)] = face[eye.iris] + [(4, 0, 0), (0, -4, 0), (-4, 0, 0), (0, 4, 0)]
    mouth = np.column_stack([np.linspace(175, 225, 11), np.full(11, 260.0), np.zeros(11)])
    face[list(OUTER_LIPS_UPPER)] = mouth * (1.2, 1, 1) - (40, 8, 0)
    face[list(OUTER_LIPS_LOWER)] = mouth * (1.2, 1, 1) - (40, -8, 0)
    face[list(INNER_LIPS_UPPER)] = mouth
    face[list(INNER_LIPS_LOWER)] = mouth
    face[list(INNER_LIPS_UPPER[1:-1]), 1] -= lip_gap / 2
    face[list(INNER_LIPS_LOWER[1:-1]), 1] += lip_gap / 2
    return face
