"""Hair that hangs below the jaw: above it goes with the head, below it rests on the shoulders.

The head's front ends at the jaw, where long hair does not. Without this its turned upper part would
break off there, beside the lower one that stands still.
"""

import numpy as np
from numpy.typing import NDArray

from avatarify.geometry.similarity import Similarity

Points = NDArray[np.floating]

LENGTH = 0.2
"""How far below the front's edge hair rests, in heights of the face: collars are not far."""

_ROWS = 4
"""Of points below that edge."""


class HangingHair:
    """Strips of triangles, one below each edge of the front where hair hangs."""

    def __init__(self, ring: Points, hangs: NDArray[np.bool_], height: float) -> None:
        """Hang hair on the outermost ring of a head's front.

        Args:
            ring: (36, 3), its points; number 0 is above the middle of the forehead, 18 below the
                chin.
            hangs: (36,), whether long hair hangs beside a point.
            height: Of the face, in pixels.
        """
        count = len(ring)
        edges = []
        for side in (1, -1):
            numbers = side * np.arange(count // 2)  # from the forehead down
            below = np.flatnonzero(hangs[numbers])
            if len(below):
                edges.append((numbers[below[-1]] % count, (numbers[below[-1]] + side) % count))
        self.edges = np.array(edges, np.int64).reshape(-1, 2)
        """(S, 2), numbers of ring points: the lowest one beside which hair hangs, and the next."""
        self._down = np.tile(np.repeat(np.arange(1, _ROWS + 1) / _ROWS, 2), len(self.edges))
        upper = ring[np.repeat(self.edges, _ROWS, axis=0).reshape(-1)]
        self.rest = upper + self._down[:, None] * np.array([0.0, LENGTH * height, 0.0])
        """(N, 3), the points below the front's edge, in pixels of the portrait."""

    def triangles(self, ring_start: int, start: int) -> NDArray[np.int32]:
        """Return (T, 3), numbers of vertices.

        Args:
            ring_start: Number of the ring's first vertex.
            start: Number of the first vertex of `rest`.
        """
        found = []
        for strip, edge in enumerate(self.edges):
            own = start + 2 * _ROWS * strip + np.arange(2 * _ROWS).reshape(_ROWS, 2)
            rows = np.concatenate([[ring_start + edge], own])
            left, right = rows[:, 0], rows[:, 1]
            found += [
                np.stack([left[:-1], right[:-1], left[1:]], axis=1),
                np.stack([right[:-1], right[1:], left[1:]], axis=1),
            ]
        return np.concatenate(found or [np.empty((0, 3))]).astype(np.int32)

    def moved(self, head: Similarity, resting: Points) -> Points:
        """Return (N, 3), where the points go.

        Args:
            head: The head's motion.
            resting: (N, 3), where they would be if they moved as what is behind the head.
        """
        rests = (self._down * self._down * (3.0 - 2.0 * self._down))[:, None]
        turned = head.apply(self.rest)
        moved: Points = turned + rests * (resting - turned)
        return moved
