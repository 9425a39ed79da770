"""The mesh that carries a whole person: the face's landmarks, and rings around them.

Rings of points around the face's outline carry hair, ears, neck and shoulders. They turn with the
head in space, lie deeper the farther out they are, keep the skull's width when it turns aside, and
move less and less down to the lower edge, where the shoulders rest: so the neck bends.
"""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from avatarify.geometry.face_mesh import (
    CHIN,
    FOREHEAD,
    MESH_COUNT,
    OVAL,
    counterparts,
    face_triangles,
)
from avatarify.geometry.face_motion import neck_joint
from avatarify.geometry.face_transfer import MovedFace
from avatarify.geometry.similarity import Similarity

Points = NDArray[np.floating]

_RING_SIZES = (1.08, 1.2, 1.4, 1.7, 2.2, 3.2)
"""Rings, in sizes of the face's outline."""

_RING_FOLLOWS = (0.55, 0.2, 0.0, 0.0, 0.0, 0.0)
"""How much of the outline's expression a ring shares: skin under the chin gives way."""

_RING_ROLLS = (0.0, 0.2, 0.5, 0.8, 1.0, 1.0)
"""How much of a ring stays a rim when the head turns aside: what turns away on one side of a skull
comes into view on the other, so its silhouette keeps its width."""

_MARGIN = 0.5
"""The outermost points lie outside of the picture, by this part of its longer side."""

_BACK = 0.55
"""How deep behind the outline the farthest ring lies, in heights of the face."""


class Sheet:
    """Vertices and triangles over one portrait."""

    def __init__(self, landmarks: Points, size: tuple[int, int]) -> None:
        """Spread the mesh over a portrait.

        Args:
            landmarks: (478, 3), the portrait's, in pixels.
            size: (height, width) of the picture.
        """
        oval = landmarks[list(OVAL)].astype(np.float64)
        center = oval.mean(axis=0)
        face_height = float(np.linalg.norm(landmarks[FOREHEAD, :2] - landmarks[CHIN, :2]))
        rings = [_ring(oval, center, ring, face_height, size[0]) for ring in _RING_SIZES]
        rings.append(_edge(oval, center, size, face_height))
        self.rest = np.concatenate([landmarks[:MESH_COUNT], *rings]).astype(np.float64)
        """(V, 3), pixels of the portrait."""
        self.triangles = np.concatenate([face_triangles(), _ring_triangles(len(rings))])
        """(T, 3), numbers of vertices."""
        self.mirrored_triangles = _counterparts(len(rings))[self.triangles]
        """(T, 3), for each triangle the vertices of its mirror image."""
        self.follows = _follows(self.rest[MESH_COUNT:, 1], landmarks, size[0], face_height)
        """(V - 468,), how much of the head's motion each point of the rings takes part in."""
        self._shares = np.repeat([*_RING_FOLLOWS, 0.0], len(OVAL))
        self._rolls = np.repeat([*_RING_ROLLS, 1.0], len(OVAL))
        self._skull = np.append(center[:2], neck_joint(landmarks.astype(np.float64))[2])

    def moved(self, face: MovedFace) -> Points:
        """Return (V, 3), where the vertices go in a picture of this face."""
        rings = self.rest[MESH_COUNT:]
        turned = face.head.apply(rings)
        turned[:, 0] += self._rolls * (self._rolled(face.head) - turned[:, 0])
        oval = list(OVAL)
        expressed = face.landmarks[oval] - face.head.apply(self.rest[oval])
        turned += self._shares[:, None] * np.tile(expressed, (len(rings) // len(oval), 1))
        moved = rings + self.follows[:, None] * (turned - rings)
        moved[:, 2] = turned[:, 2]
        return np.concatenate([face.landmarks[:MESH_COUNT], moved])

    def _rolled(self, head: Similarity) -> NDArray[np.floating]:
        """Return (V - 468,), x of the rings if the skull turned within them like a ball."""
        left, _, right = np.linalg.svd(head.rotation[:2, :2])
        in_picture = left @ right  # the tilt: the rotation nearest to what the picture's plane sees
        outward = (self.rest[MESH_COUNT:] - self._skull)[:, :2]
        return head.apply(self._skull)[0] + head.scale * outward @ in_picture[0]


def _ring(oval: Points, center: Points, size: float, face_height: float, floor: float) -> Points:
    """A larger outline; no point of it lies below the picture, so that its lower edge can rest."""
    ring = center + (oval - center) * size
    ring[:, 1] = np.minimum(ring[:, 1], np.maximum(floor, oval[:, 1]))
    ring[:, 2] = oval[:, 2] + _depth(size - 1.0) * face_height
    return ring


def _depth(beyond: float) -> float:
    return _BACK * (1.0 - float(np.exp(-2.0 * beyond)))


def _edge(oval: Points, center: Points, size: tuple[int, int], face_height: float) -> Points:
    """Points on a rectangle around the picture, one in the direction of each outline point."""
    margin = _MARGIN * max(size)
    low = np.array([-margin, -margin])
    high = np.array([size[1] + margin, size[0] + margin])
    middle = np.clip(center[:2], low + 1.0, high - 1.0)
    way = oval[:, :2] - middle
    way /= np.maximum(np.linalg.norm(way, axis=1, keepdims=True), 1e-9)
    safe = np.where(np.abs(way) > 1e-9, way, 1e-9)
    reach = np.where(way > 0, (high - middle) / safe, (low - middle) / safe).min(axis=1)
    points = middle + way * reach[:, None]
    return np.column_stack([points, oval[:, 2] + _BACK * face_height])


def _ring_triangles(count: int) -> NDArray[np.int32]:
    """Join the outline to the first ring, and each ring to the next."""
    number = len(OVAL)
    lines = [
        np.array(OVAL),
        *(MESH_COUNT + number * ring + np.arange(number) for ring in range(count)),
    ]
    triangles = []
    for inner, outer in pairwise(lines):
        next_inner, next_outer = np.roll(inner, -1), np.roll(outer, -1)
        triangles += [
            np.stack([inner, next_inner, outer], axis=1),
            np.stack([next_inner, next_outer, outer], axis=1),
        ]
    return np.concatenate(triangles).astype(np.int32)


def _counterparts(rings: int) -> NDArray[np.int64]:
    """Return (V,), the number of each vertex's counterpart on the other side of the head."""
    number = len(OVAL)
    order = -np.arange(number) % number  # rings begin at the middle of the forehead
    around = [MESH_COUNT + number * ring + order for ring in range(rings)]
    return np.concatenate([counterparts()[:MESH_COUNT], *around])


def _follows(y: Points, landmarks: Points, height: int, face_height: float) -> Points:
    """1 down to the chin, then less and less, 0 at the picture's lower edge or well below."""
    chin = float(landmarks[CHIN, 1])
    reach = float(np.clip(height - chin, 0.35 * face_height, 1.3 * face_height))
    below = np.clip((y - chin) / reach, 0.0, 1.0)
    return 1.0 - below * below * (3.0 - 2.0 * below)
