"""Hair that hangs below the jaw: above it goes with the head, below it rests on the shoulders.

The head's front ends at the jaw, where long hair does not. Without this its turned upper part would
break off there, beside the lower one that stands still.
"""

import numpy as np
from numpy.typing import NDArray

from avatarify.animation.face.hair_locks import HairLock
from avatarify.geometry.similarity import Similarity

Points = NDArray[np.floating]

_ROWS = 8
_DOWN = (np.arange(1, _ROWS + 1) / _ROWS) ** 2
"""Points below that edge, in lengths of the lock: close to one another at the jaw."""


class HangingHair:
    """A strip of triangles below the front for each lock of hair."""

    def __init__(self, ring: Points, locks: tuple[HairLock, ...]) -> None:
        """Hang hair on the outermost ring of a head's front.

        Args:
            ring: (36, 3), its points; number 0 is above the middle of the forehead, 18 below the
                chin.
            locks: What hangs there.
        """
        self._locks = locks
        points = [_below(ring[lock.numbers], lock) for lock in locks]
        self.rest = np.concatenate([*points, np.empty((0, 3))])
        """(N, 3), the points below the front's edge, in pixels of the portrait; rows from the upper
        to the lower end of each lock."""
        rests = [_rests(ring[lock.numbers, 1], lock) for lock in locks]
        self._rests = np.concatenate([*rests, np.empty(0)])[:, None]

    def triangles(self, ring_start: int, start: int) -> NDArray[np.int32]:
        """Return (T, 3), numbers of vertices.

        Args:
            ring_start: Number of the ring's first vertex.
            start: Number of the first vertex of `rest`.
        """
        found = [np.empty((0, 3))]
        for lock in self._locks:
            count = len(lock.numbers)
            own = start + np.arange(count * _ROWS).reshape(_ROWS, count)
            start += own.size
            rows = np.concatenate([[ring_start + lock.numbers], own])
            corners = rows[:-1, :-1], rows[:-1, 1:], rows[1:, :-1], rows[1:, 1:]
            one, two, three, four = (corner.ravel() for corner in corners)
            found += [np.stack([one, two, three], 1), np.stack([two, four, three], 1)]
        return np.concatenate(found).astype(np.int32)

    def moved(self, head: Similarity, resting: Points) -> Points:
        """Return (N, 3), where the points go.

        Args:
            head: The head's motion.
            resting: (N, 3), where they would be if they moved as what is behind the head.
        """
        turned = head.apply(self.rest)
        moved: Points = turned + self._rests * (resting - turned)
        return moved


def _below(top: Points, lock: HairLock) -> Points:
    """Return (R · C, 3), points below those of the front's edge (C, 3), row by row.

    Each column keeps its share of the lock's width, and comes from where it hangs.
    """
    down = _DOWN[:, None]
    y = _rows(top[:, 1], lock)
    outer, inner = (_at(y, lock.rows, lock.sides[:, side]) for side in (0, 1))
    across = top[-1, 0] - top[0, 0]
    shares = np.clip((top[:, 0] - top[0, 0]) / (across or 1.0), 0.0, 1.0)
    x = outer + shares * (inner - outer)
    first_outer, first_inner = (_at(top[:, 1], lock.rows, lock.sides[:, side]) for side in (0, 1))
    off = top[:, 0] - (first_outer + shares * (first_inner - first_outer))
    x = x + (1.0 - down) ** 8 * off
    return np.stack([x, y, np.broadcast_to(top[:, 2], y.shape)], axis=-1).reshape(-1, 3)


def _rows(top: Points, lock: HairLock) -> Points:
    """Return (R, C), how low points lie below those of the front's edge (C,)."""
    length = np.maximum(lock.rows[-1] - top, 1.0)
    rows: Points = top + _DOWN[:, None] * length
    return rows


def _rests(top: Points, lock: HairLock) -> Points:
    """Return (R · C,), how far these points rest, 0 to 1."""
    part = (_rows(top, lock) - top) / np.maximum(lock.rests - top, 1.0)
    part = np.clip(part, 0.0, 1.0).ravel()
    rests: Points = part * part * (3.0 - 2.0 * part)
    return rests


def _at(y: Points, rows: Points, values: Points) -> Points:
    found: Points = np.interp(y.ravel(), rows, values).reshape(y.shape)
    return found
