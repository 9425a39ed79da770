"""Hair that hangs below the jaw: above it goes with the head, below it rests on the shoulders.

The head's front ends at the jaw, where long hair does not. Without this its turned upper part would
break off there, beside the lower one that stands still.
"""

import numpy as np
from numpy.typing import NDArray

from avatarify.animation.face.hair_locks import HairLock
from avatarify.geometry.similarity import Similarity

Points = NDArray[np.floating]

_FINE = 16
"""A lock ends between two points of the front's edge, told by so many steps."""

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
        tops = [_top(ring[lock.numbers], lock) for lock in locks]
        points = [_below(top, lock) for top, lock in zip(tops, locks, strict=True)]
        self.rest = np.concatenate([*points, np.empty((0, 3))])
        """(N, 3), in pixels of the portrait: of each lock the point of the front's edge at which
        its inner side begins, and those below the edge, rows from the upper to the lower end."""
        rests = [_rests(top[:, 1], lock) for top, lock in zip(tops, locks, strict=True)]
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
            own = start + 1 + np.arange(count * _ROWS).reshape(_ROWS, count)
            first = np.append(ring_start + lock.numbers[:-1], start)
            start += 1 + own.size
            rows = np.concatenate([[first], own])
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


def _top(edge: Points, lock: HairLock) -> Points:
    """Return (C, 3), where columns of a lock begin on the front's edge (C, 3).

    The last one begins between the last two points, where the hair ends and the neck does not move.
    """
    between = edge[-2] + np.linspace(0.0, 1.0, _FINE + 1)[:, None] * (edge[-1] - edge[-2])
    way = np.sign(edge[-1, 0] - edge[-2, 0])
    beyond = way * (between[:, 0] - _at(between[:, 1], lock.rows, lock.sides[:, 1])) > 0.0
    inner = int(np.argmax(beyond)) if beyond.any() else _FINE
    return np.concatenate([edge[:-1], between[None, max(inner, 1)]])


def _below(top: Points, lock: HairLock) -> Points:
    """Return (1 + R · C, 3), the last of a lock's upper points (C, 3), and those below, row by row.

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
    rows = np.stack([x, y, np.broadcast_to(top[:, 2], y.shape)], axis=-1).reshape(-1, 3)
    return np.concatenate([top[-1:], rows])


def _rows(top: Points, lock: HairLock) -> Points:
    """Return (R, C), how low points lie below those of the front's edge (C,)."""
    length = np.maximum(lock.rows[-1] - top, 1.0)
    rows: Points = top + _DOWN[:, None] * length
    return rows


def _rests(top: Points, lock: HairLock) -> Points:
    """Return (1 + R · C,), how far these points rest, 0 to 1."""
    part = (_rows(top, lock) - top) / np.maximum(lock.rests - top, 1.0)
    part = np.clip(part, 0.0, 1.0).ravel()
    return np.append(0.0, part * part * (3.0 - 2.0 * part))


def _at(y: Points, rows: Points, values: Points) -> Points:
    found: Points = np.interp(y.ravel(), rows, values).reshape(y.shape)
    return found
