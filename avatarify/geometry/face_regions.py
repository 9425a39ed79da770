"""How much of each landmark's motion belongs to the mouth, the eyes and the brows."""

import functools

import numpy as np
from numpy.typing import NDArray

from avatarify.geometry.face_mesh import BROWS, EYES, LIPS, MESH_COUNT

_REACH = {"mouth": 0.75, "eyes": 0.28, "brows": 0.35}
"""How far a region reaches, in distances of the outer eye corners."""


def region_weights(landmarks: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return (468, 3), the shares of mouth, eyes and brows in each landmark's motion.

    A row's sum is 1.

    A landmark belongs to the regions whose seeds are near, so that regions that are weighed apart
    meet without a seam.

    Args:
        landmarks: (478, 3) or (468, 3), one face.
    """
    mesh = np.asarray(landmarks[:MESH_COUNT], dtype=np.float64)
    unit = float(np.linalg.norm(mesh[33] - mesh[263]))
    nearness = np.stack(
        [
            np.exp(-((_distance(mesh, seeds) / (_REACH[region] * unit)) ** 2))
            for region, seeds in _seeds().items()
        ],
        axis=1,
    )
    nearness += 1e-6
    return nearness / nearness.sum(axis=1, keepdims=True)


@functools.lru_cache(maxsize=1)
def _seeds() -> dict[str, list[int]]:
    eyes = [index for eye in EYES for index in eye.loop]
    return {"mouth": list(LIPS), "eyes": eyes, "brows": list(BROWS)}


def _distance(points: NDArray[np.float64], seeds: list[int]) -> NDArray[np.float64]:
    offsets = points[:, None] - points[seeds][None]
    return np.linalg.norm(offsets, axis=2).min(axis=1)
