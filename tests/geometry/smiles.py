"""Made-up smiles: corners of the mouth that go up and out, and the skin around them less."""

import numpy as np
from numpy.typing import NDArray

from avatarify.geometry.average_face import average_face
from avatarify.geometry.face_mesh import MESH_COUNT

CORNERS = (61, 291)
_REACH = 0.3


def smile(size: float, sides: tuple[int, ...] = CORNERS) -> NDArray[np.float64]:
    """Return (468, 3), how landmarks move, in distances of the outer eye corners.

    Args:
        size: How far corners go outwards; upwards they go two thirds of that.
        sides: Corners that move.
    """
    mesh = average_face()[:MESH_COUNT]
    motion = np.zeros((MESH_COUNT, 3))
    for corner in sides:
        near = np.exp(-((np.linalg.norm(mesh - mesh[corner], axis=1) / _REACH) ** 2))
        out = np.sign(mesh[corner, 0])
        motion += near[:, None] * np.array([out * size, -size * 2 / 3, 0.0])
    return motion
