"""The mesh that carries a whole person: the head's front, and what is behind it.

The front is the face's landmarks, and rings of points around them for hair, ears and the jaw's
underside; it turns in space, and long hair hangs on it. A grid behind it carries the edge of the
hair, neck and shoulders: it moves in the picture's plane, less and less down to the lower edge,
where the shoulders rest, so the neck bends.
"""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from avatarify.animation.face.front_edge import FrontEdge, PlaneMap
from avatarify.animation.face.hanging_hair import HangingHair
from avatarify.animation.face.head_outline import HeadOutline
from avatarify.animation.face.underside import Underside
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

_RINGS = (1 / 3, 2 / 3, 1.0)
"""Rings around the face, between its outline and the end of the head's front. At the jaw that is a
few pixels, so the first ones lie on the outline: triangles thinner than a cell of the flow's grid
would not be found."""

_FACE_SHARES = (0.55, 0.2, 0.0)
"""How much of the outline's expression a ring shares in the hair; at the jaw it shares all."""

_JAW_DEPTH = 0.05
"""How deep the last ring lies behind the jaw, in heights of the face."""

_BULGE = 0.225
"""How hair lies between the face's outline and its own edge: 0.5 is a ball, less is a box with
round corners. Chosen on rendered heads, and by the look of photographs."""

_BELOW_CHIN = 0.04
"""What is hidden behind the jaw ends this far below the chin, in heights of the face."""

_RIGID = 0.85
"""Up to this size of the face's outline its mesh stays with the landmarks where the jaw ends inside
of them."""

_STARTS = 0.035
"""The rings begin this far inside of the front's end, at least, in sizes of the outline."""

_MARGIN = 0.5
"""The outermost points lie outside of the picture, by this part of its longer side."""

_COLUMNS = 7
_NECK_ROWS = 11
"""Points of the sheet behind the head, across and from the chin down."""


class Sheet:
    """Vertices and triangles over one portrait."""

    def __init__(self, landmarks: Points, size: tuple[int, int], outline: HeadOutline) -> None:
        """Spread the mesh over a portrait.

        Args:
            landmarks: (478, 3), the portrait's, in pixels.
            size: (height, width) of the picture.
            outline: Where the head's front ends.
        """
        landmarks = landmarks.astype(np.float64)
        oval = landmarks[list(OVAL)]
        face_height = float(np.linalg.norm(landmarks[FOREHEAD, :2] - landmarks[CHIN, :2]))
        self._skull = neck_joint(landmarks)
        mesh = landmarks[:MESH_COUNT].copy()
        self._inwards = _inwards(mesh, outline)
        """(468, 2), from landmarks to the vertices of the face's mesh, in pixels."""
        mesh[:, :2] += self._inwards
        rings = [self._ring(oval, outline, share, face_height) for share in _RINGS]
        self._hair = HangingHair(rings[-1], outline.locks)
        behind = _back(landmarks, size, face_height, self._skull[2] + face_height)
        self.rest = np.concatenate([mesh, *rings, self._hair.rest, behind])
        """(V, 3), pixels of the portrait."""
        self._hair_start = MESH_COUNT + len(rings) * len(OVAL)
        hair = self._hair.triangles(self._hair_start - len(OVAL), self._hair_start)
        front = np.concatenate([face_triangles(), _ring_triangles(len(rings)), hair])
        self.front_count = len(front)
        """The first triangles are the head's front; the others lie behind it."""
        self._back = self._hair_start + len(self._hair.rest)
        self.triangles = np.concatenate([front, self._back + _grid_triangles(len(behind))])
        """(T, 3), numbers of vertices."""
        last = self._hair_start - len(OVAL)
        self.edge = FrontEdge(outline, oval, mesh, rings[-1], last)
        self._edge = (self.triangles.reshape(1, -1) == self.edge.vertices[:, None]).argmax(axis=1)
        """(36,), one of the triangles' corners for each point of the front's edge."""
        self.rest_corners = np.ascontiguousarray(self.rest[self.triangles][:, :, :2])
        """(T, 3, 2), their corners in the portrait."""
        outlines = np.arange(len(self.rest))
        outlines[MESH_COUNT : self._hair_start] = list(OVAL) * len(rings)
        is_jaw = np.zeros(len(self.rest))
        is_jaw[MESH_COUNT : self._hair_start] = np.tile(outline.jaw, len(rings))
        self._underside = Underside(self.rest, self.triangles, outlines, is_jaw)
        same = np.arange(self._hair_start, len(self.rest))
        self.mirrored_triangles = np.append(_counterparts(len(rings)), same)[self.triangles]
        """(T, 3), for each triangle the vertices of its mirror image."""
        self._follows = _follows(self.rest[self._hair_start :, 1], landmarks, size[0], face_height)
        """(B,), how much resting hair, and points behind the head, take part in its motion."""
        self._shares = np.concatenate([s + outline.jaw * (1.0 - s) for s in _FACE_SHARES])
        self.outline = outline.at(oval, outline.front)
        """(36, 2), where the head's front ends."""

    def moved(self, face: MovedFace) -> Points:
        """Return (V, 3), where the vertices go in a picture of this face."""
        rings = face.head.apply(self.rest[MESH_COUNT : self._hair_start])
        oval = list(OVAL)
        mesh = face.landmarks[:MESH_COUNT].copy()
        mesh += self._inwards @ (face.head.scale * face.head.rotation[:, :2]).T
        expressed = mesh[oval] - face.head.apply(self.rest[oval])
        rings += self._shares[:, None] * np.tile(expressed, (len(_RINGS), 1))
        behind = self.rest[self._hair_start :].copy()
        way = self.rolled(face.head).apply(behind[:, :2]) - behind[:, :2]
        behind[:, :2] += self._follows[:, None] * way
        count = len(self._hair.rest)
        behind[:count] = self._hair.moved(face.head, behind[:count])
        return np.concatenate([mesh, rings, behind])

    def source_corners(self, moved: Points, head: Similarity) -> Points:
        """Return (T, 3, 2), where the triangles' corners look in the portrait.

        Args:
            moved: (V, 3), where the vertices went.
            head: The head's motion.
        """
        return self._underside.seen(self.rest_corners, moved, head.scale)

    def rolled(self, head: Similarity) -> PlaneMap:
        """Return how what is behind the head moves while the skull turns before it.

        A ball that turns keeps its silhouette: what turns away on one side comes into view on the
        other.
        """
        seen = head.rotation[:2, :2]
        tilt = float(np.arctan2(seen[1, 0] - seen[0, 1], seen[0, 0] + seen[1, 1]))
        along, across = head.scale * np.cos(tilt), head.scale * np.sin(tilt)
        linear = np.array([[along, -across], [across, along]])  # of all rotations nearest to seen
        return PlaneMap(linear, head.apply(self._skull)[:2] - linear @ self._skull[:2])

    def left(self, head: Similarity, corners: Points) -> Points:
        """Return (36,), how far the front has left the edge of what it hides; see `FrontEdge.left`.

        Args:
            head: The head's motion.
            corners: (T, 3, 3), where the corners of `triangles` went.
        """
        ends = corners.reshape(-1, 3)[self._edge, :2]
        return self.edge.left(ends, self.rolled(head), head.scale)

    def _ring(self, oval: Points, outline: HeadOutline, share: float, height: float) -> Points:
        """Points around the face: hair on a round skull, and below the jaw's underside."""
        at_oval, at_edge = oval[:, 2], np.maximum(self._skull[2], oval[:, 2])
        shares = np.full(len(oval), share)
        if share < 1.0:
            shares[outline.jaw > 0.0] = 0.0
        first = np.minimum(1.0, outline.front - _STARTS)
        sizes = first + shares * (outline.front - first)
        height_left = np.maximum(1.0 - (sizes / outline.edge) ** 2, 0.0)
        whole_height = np.maximum(1.0 - outline.edge**-2.0, 1e-6)
        bulge = np.minimum(height_left / whole_height, 1.0) ** _BULGE
        hair = at_edge - (at_edge - at_oval) * bulge
        jaw = at_oval + shares * _JAW_DEPTH * height
        return np.column_stack([outline.at(oval, sizes), hair + outline.jaw * (jaw - hair)])


def _inwards(mesh: Points, outline: HeadOutline) -> Points:
    """Return (468, 2), by how much vertices are drawn in so that the outline ends with the front.

    Those beside the outline go along, so that no triangle folds.
    """
    from_center = mesh[:, :2] - outline.center[:2]
    sizes = _lengths(from_center)[:, 0]
    angles = np.arctan2(from_center[:, 0], from_center[:, 1])
    number = np.argsort(angles[list(OVAL)])
    oval = np.array(OVAL)[number]
    whole = np.interp(angles, angles[oval], sizes[oval], period=2.0 * np.pi)
    ends = np.minimum(1.0, outline.front - _STARTS)[number]
    end = np.interp(angles, angles[oval], ends, period=2.0 * np.pi)
    part = np.clip((sizes / np.maximum(whole, 1e-9) - _RIGID) / (1.0 - _RIGID), 0.0, 1.0)
    inwards: Points = (part * (end - 1.0))[:, None] * from_center
    return inwards


def _lengths(vectors: Points) -> Points:
    """Return (N, 1)."""
    lengths: Points = np.linalg.norm(vectors, axis=1, keepdims=True)
    return lengths


def _back(landmarks: Points, size: tuple[int, int], face_height: float, depth: float) -> Points:
    """A grid of points behind the head, rows close to one another where the neck bends."""
    margin = _MARGIN * max(size)
    chin = _neck_top(landmarks, face_height)
    end = _neck_end(landmarks, size[0], face_height)
    rows = np.concatenate(
        [[min(-margin, chin - face_height)], np.linspace(chin, end, _NECK_ROWS), [end + size[0]]]
    )
    x, y = np.meshgrid(np.linspace(-margin, size[1] + margin, _COLUMNS), rows)
    return np.stack([x.ravel(), y.ravel(), np.full(x.size, depth)], axis=1)


def _grid_triangles(count: int) -> NDArray[np.int32]:
    numbers = np.arange(count, dtype=np.int32).reshape(-1, _COLUMNS)
    one, two = numbers[:-1, :-1].ravel(), numbers[:-1, 1:].ravel()
    three, four = numbers[1:, :-1].ravel(), numbers[1:, 1:].ravel()
    return np.concatenate([np.stack([one, two, three], 1), np.stack([two, four, three], 1)])


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


def _neck_top(landmarks: Points, face_height: float) -> float:
    """Down to here all moves with the head, in pixels."""
    return float(landmarks[CHIN, 1]) + _BELOW_CHIN * face_height


def _neck_end(landmarks: Points, height: int, face_height: float) -> float:
    """From here down nothing moves: at the picture's lower edge, or well below the chin."""
    chin = float(landmarks[CHIN, 1])
    return chin + float(np.clip(height - chin, 0.35 * face_height, 1.3 * face_height))


def _follows(y: Points, landmarks: Points, height: int, face_height: float) -> Points:
    """1 down to below the chin, then less and less, 0 where the neck ends."""
    top = _neck_top(landmarks, face_height)
    end = _neck_end(landmarks, height, face_height)
    below = np.clip((y - top) / (end - top), 0.0, 1.0)
    return 1.0 - below * below * (3.0 - 2.0 * below)
