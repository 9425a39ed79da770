"""The underside of a jaw, which no portrait shows: a turn brings it into view.

It is the rings around the face below its outline. At rest they are as narrow as the jaw's own edge,
a few pixels where skin and what is behind it mix; spread over an underside those would be streaks.
So the rings look, the more they are spread, at the mirror image of the skin above that edge.
"""

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.floating]

_FOLDED = 0.4
"""Width of the skin that is mirrored over the width that it is spread to."""

_TURNED, _TURNED_PX = 0.25, 1.0
"""Rings that are spread by this part of their width, and by this much at least, show nothing but
mirrored skin: on the way there a few pixels of the skin's edge would be drawn out to a fringe."""


class Underside:
    """The rings of one portrait's mesh."""

    def __init__(
        self, rest: Points, triangles: NDArray[np.int32], outline: NDArray[np.intp], jaw: Points
    ) -> None:
        """Find the rings in a mesh.

        Args:
            rest: (V, 3), vertices in the portrait, in pixels.
            triangles: (T, 3), numbers of vertices.
            outline: (V,), for each vertex of a ring the number of the one on the face's outline
                that it continues; for all others their own.
            jaw: (V,), 0 to 1: how much a vertex belongs to the jaw.
        """
        self._rings = np.flatnonzero(outline != np.arange(len(rest)))
        self._outline = outline[self._rings]
        way = rest[self._rings, :2] - rest[self._outline, :2]
        self._width = _lengths(way)
        self._outwards = way / np.maximum(self._width, 1e-9)[:, None]
        self._jaw = jaw[self._rings]
        number = np.full(len(rest), -1)
        number[self._rings] = np.arange(len(self._rings))
        self._corners = np.nonzero(number[triangles] >= 0)
        self._vertices = number[triangles[self._corners]]

    def seen(self, corners: Points, moved: Points, scale: float) -> Points:
        """Return (T, 3, 2), where the triangles' corners look in the portrait.

        Args:
            corners: (T, 3, 2), where they are in it.
            moved: (V, 3), where the vertices went.
            scale: Of the head.
        """
        way = moved[self._rings, :2] - moved[self._outline, :2]
        spread = np.maximum(_lengths(way) / scale - self._width, 0.0)
        part = np.minimum(spread / np.maximum(_TURNED * self._width, _TURNED_PX), 1.0)
        turned = self._jaw * part * part * (3.0 - 2.0 * part)
        inwards = turned * (self._width + _FOLDED * (self._width + spread))
        seen = corners.copy()
        seen[self._corners] -= (inwards[:, None] * self._outwards)[self._vertices]
        return seen


def _lengths(vectors: Points) -> Points:
    """Return (N,)."""
    lengths: Points = np.linalg.norm(vectors, axis=1)
    return lengths
