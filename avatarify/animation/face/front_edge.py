"""Up to where the front of a head hides what is behind it, and how far it has gone from there.

Mostly that is where the front ends. A cheek that turns away from the viewer ends farther out, at
its silhouette, and hides the outline of its face.
"""

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from avatarify.animation.face.head_outline import HeadOutline
from avatarify.geometry.face_mesh import face_triangles

Points = NDArray[np.floating]

INSIDE_PX = 2
"""The hidden part begins this far inside the front's edge, in pixels of the portrait."""

_RIM_PX, _RIM = 4.0, 0.015
"""A jaw's edge is soft up to here outside of it: in pixels, or in sizes of the face's outline."""

_CLEARED_PX = 5.0
"""Where the front has left its place by this much, the soft edge of the jaw is not left there."""

_CHEEK, _FARTHEST = 0.03, 1.6
"""A cheek is seen beyond the front's end by this much at least, and no farther than this, in sizes
of the face's outline."""


class PlaneMap(NamedTuple):
    """x ↦ linear · x + shift, in the picture's plane."""

    linear: Points
    """(2, 2)."""
    shift: Points
    """(2,), in pixels."""

    def apply(self, points: Points) -> Points:
        """Map points (..., 2)."""
        moved: Points = points @ self.linear.T + self.shift
        return moved


class FrontEdge:
    """The edge of one portrait's front, a point on each ray through the face's outline."""

    def __init__(
        self, outline: HeadOutline, oval: Points, mesh: Points, ring: Points, first: int
    ) -> None:
        """Look where the front ends.

        Args:
            outline: Where it ends on rays.
            oval: (36, 3), the face's outline, in pixels.
            mesh: (468, 3), vertices of the face.
            ring: (36, 3), those at the end of the front.
            first: Number of the first of them.
        """
        reach = _reach(mesh, oval, outline)
        is_cheek = reach > outline.front + _CHEEK
        self.hides = outline.at(oval, np.where(is_cheek, reach, outline.hides))
        """(36, 2), up to where the front hides what is behind it."""
        nearest = np.linalg.norm(self.hides[:, None] - mesh[:, :2], axis=2).argmin(axis=1)
        self.vertices = np.where(is_cheek, nearest, first + np.arange(len(oval)))
        """(36,), numbers of the vertices that lie there."""
        outwards = self.hides - outline.center[:2]
        lengths = np.linalg.norm(outwards, axis=1, keepdims=True)
        self._outwards = outwards / np.maximum(lengths, 1e-9)
        rim = np.maximum(_RIM_PX, _RIM * lengths)
        is_skin = np.where(is_cheek, 1.0, outline.neck)
        beyond = is_skin[:, None] * (INSIDE_PX + rim) - INSIDE_PX
        self.clears = self.hides + beyond * self._outwards
        """(36, 2), up to where nothing of the front may be left behind, when it is gone."""
        ends = np.where(is_cheek[:, None], mesh[nearest], ring)[:, :2]
        self._short = np.maximum(_outside(self.hides, ends), 0.0)
        """(36,), how far inside of that edge its vertices lie at rest, in pixels."""

    def left(self, ends: Points, behind: PlaneMap, scale: float) -> Points:
        """Return (36,), how far the front has left the edge of what it hides.

        In pixels of the portrait; less than 0 where it still covers that edge.

        Args:
            ends: (36, 2), where `vertices` went.
            behind: Where what is behind the head went.
            scale: Of the head.
        """
        left: Points = _outside(behind.apply(self.hides), ends) / scale - self._short
        return left

    def hidden(self, behind: PlaneMap, left: Points, inside: float) -> Points:
        """Return (36, 2), the edge of what the front hides at rest, as it lies now.

        Args:
            behind: Where what is behind the head went.
            left: (36,), how far the front has left it.
            inside: So many pixels inside of that edge it begins where the front is still there;
                where it has left, what is soft beside the edge belongs to it.
        """
        part = np.clip((left - 1.0) / _CLEARED_PX, 0.0, 1.0)[:, None]
        inner = self.hides - inside * self._outwards
        return behind.apply(inner + part * (self.clears - inner))


def _outside(points: Points, polygon: Points) -> Points:
    """Return (N,), how far points (N, 2) lie outside of a polygon (M, 2), inside less than 0."""
    loop = polygon.astype(np.float32)
    return -np.array([cv2.pointPolygonTest(loop, (x, y), True) for x, y in points.tolist()])


def _reach(mesh: Points, oval: Points, outline: HeadOutline) -> Points:
    """Return (36,), up to where the face's mesh covers the rays through its outline."""
    low = mesh[:, :2].min(axis=0) - 1.0
    width, height = (np.ceil(mesh[:, :2].max(axis=0) - low).astype(int) + 2).tolist()
    covered = np.zeros((height, width), np.uint8)
    for corners in mesh[face_triangles()][:, :, :2] - low:
        cv2.fillConvexPoly(covered, np.round(corners).astype(np.int32), 1)
    sizes = np.linspace(1.0, _FARTHEST, 121)
    ways = oval[:, None, :2] - outline.center[:2]
    places = (outline.center[:2] - low + sizes[:, None] * ways).astype(np.float32)
    seen = cv2.remap(covered, places, None, cv2.INTER_NEAREST, borderMode=cv2.BORDER_CONSTANT)
    reach: Points = (sizes * seen).max(axis=1)
    return reach
