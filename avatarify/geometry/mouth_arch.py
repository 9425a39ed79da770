"""Where the teeth are: two dental arches behind the lips, seen from any side.

Lengths are in distances of the outer eye corners, about 92 mm on an adult. An arch is a surface
over coordinates (u, v): u to the picture's right and v down, both from the midpoint between the
edges of the central incisors, and it bends away from the viewer with u. The upper arch hangs on the
skull, the lower one on the jaw.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from avatarify.geometry.face_mesh import CHIN, EYES, FOREHEAD, INNER_LIPS_UPPER, NOSE_BASE
from avatarify.geometry.face_motion import face_unit
from avatarify.geometry.similarity import Similarity

Points = NDArray[np.floating]

UNIT_MM = 92.0
"""Distance of the outer eye corners of an adult, in millimetres."""

BEHIND_LIPS = 0.05
"""How far the incisors stand behind the line on which the lips meet."""

UPPER_EDGE = 0.05
"""How far the upper incisors reach below that line (0.05 on four drivers)."""

LOWER_EDGE = 0.01
"""How far below that line the lower incisors begin while the lips are shut."""

DEEPEST_BITE = 0.05
"""How far upper incisors cover lower ones at most."""

MOST_BARED = 0.05
"""How much of the lower incisors a lower lip shows, however far it goes down."""

SHUT = 0.03
"""Lips that are less apart than this count as shut."""

_JAW = (152, 148, 377, 176, 400)
_JAW_SHARES = (0.5, 0.37)
"""Of the chin's travel and the lower lip's: a chin's skin lags behind, a lip runs ahead."""

_USUAL_WIDTH = 0.55
"""Width of a mouth."""

STEEPEST = 0.25
"""Arches are drawn as if turned by 14 degrees at most, for the corner of the lips turns less."""

_UPPER_LIP, _LOWER_LIP = 13, 14
_CORNERS = (61, 291)
_WIDEST = 0.34
LOOK_UP = 768
"""Entries of the table in which positions along an arch are looked up."""


class Arch(NamedTuple):
    """One arch in the space of a picture: a point is origin + u across + v down + depth back."""

    origin: Points
    """(3,), between the edges of the central incisors."""
    across: Points
    """(3,), one unit to the picture's right."""
    down: Points
    """(3,), one unit down."""
    back: Points
    """(3,), one unit away from the viewer."""

    def place(self, u: Points, v: Points) -> Points:
        """Return (..., 3), where points of the arch are."""
        return (
            self.origin
            + u[..., None] * self.across
            + v[..., None] * self.down
            + arch_depth(u)[..., None] * self.back
        )

    def height_of(self, point: Points) -> float:
        """Return how far below the edges of the central incisors a point (3,) is, in units."""
        return float((point - self.origin) @ self.down) / float(self.down @ self.down)

    def moved(self, motion: Similarity) -> "Arch":
        """Return the arch after a rigid motion."""
        turn = motion.scale * motion.rotation
        return Arch(
            motion.apply(self.origin), turn @ self.across, turn @ self.down, turn @ self.back
        )

    def shifted(self, way: Points) -> "Arch":
        """Return the arch moved by (3,), in pixels."""
        return self._replace(origin=self.origin + way)


def arch_depth(u: Points) -> Points:
    """Return how far behind the incisors an arch is: 9 mm at the canines, 30 at the molars."""
    square = np.minimum(np.square(u), _WIDEST**2)
    return 2.5 * square + 30.0 * square * square


def arc_length(u: Points) -> Points:
    """Return the signed length along the arch from its middle to u."""
    steps = np.linspace(0.0, _WIDEST, 200)
    slope = np.gradient(arch_depth(steps), steps)
    length = np.concatenate([[0.0], np.cumsum(np.hypot(1.0, slope[1:]) * np.diff(steps))])
    return np.sign(u) * np.interp(np.abs(u), steps, length)


def arch_unit(landmarks: Points) -> float:
    """Return the unit of a face's arches in pixels: eyes set far apart do not make large teeth."""
    unit = face_unit(landmarks)
    width = float(np.linalg.norm(landmarks[_CORNERS[0]] - landmarks[_CORNERS[1]])) / unit
    return unit * float(np.clip(0.4 + 0.6 * width / _USUAL_WIDTH, 0.75, 1.05))


def opening_width(landmarks: Points) -> float:
    """Return the distance between the corners of the inner lips, in face units."""
    right, left = landmarks[INNER_LIPS_UPPER[0]], landmarks[INNER_LIPS_UPPER[-1]]
    return max(float(np.linalg.norm(right - left)) / face_unit(landmarks), 1e-6)


def upper_arch(landmarks: Points, edge: float | None = None) -> Arch:
    """Return the upper arch of a face.

    Args:
        landmarks: (478, 3), the face at rest.
        edge: How far below the upper lip's edge the incisors end, where that is known. Else it
            follows from the line on which shut lips meet, or from lip and nose where they are open.
    """
    unit = arch_unit(landmarks)
    across, down, back = _axes(landmarks)
    upper, lower = landmarks[_UPPER_LIP], landmarks[_LOWER_LIP]
    if edge is None:
        shut = float((lower - upper) @ down) / unit / 2 + UPPER_EDGE
        nose = float((landmarks[NOSE_BASE] - upper) @ down) / unit + 0.26 + UPPER_EDGE
        is_open = _openness(landmarks)
        edge = (1 - is_open) * shut + is_open * float(np.clip((nose + 0.06) / 2, 0.02, 0.11))
    origin = upper + unit * (edge * down + BEHIND_LIPS * back)
    return Arch(origin, unit * across, unit * down, unit * back)


def lower_arch(landmarks: Points, upper: Arch, edge: float | None = None) -> Arch:
    """Return the lower arch of a face at rest; lips that are apart tell how far the jaw is open.

    Args:
        landmarks: (478, 3), the face at rest.
        upper: Its upper arch.
        edge: How far above the lower lip the incisors end, where that is known.
    """
    middle = (landmarks[_UPPER_LIP] + landmarks[_LOWER_LIP]) / 2
    shut = upper.height_of(middle) + LOWER_EDGE
    apart = upper.height_of(landmarks[_LOWER_LIP]) - (edge if edge is not None else -0.005)
    is_open = 1.0 if edge is not None else _openness(landmarks)
    way = max((1 - is_open) * shut + is_open * apart, -DEEPEST_BITE)
    return upper.shifted(way * upper.down + 0.03 * upper.back)


def _openness(landmarks: Points) -> float:
    gap = float(np.linalg.norm(landmarks[_LOWER_LIP] - landmarks[_UPPER_LIP]))
    return float(np.clip((gap / face_unit(landmarks) - SHUT) / 0.03, 0.0, 1.0))


def jaw_shift(rest: Points, calm: Points, lower: Arch) -> Points:
    """Return (3,), how far the lower teeth went, with the head held still.

    Args:
        rest: (478, 3), the portrait's landmarks.
        calm: (478, 3), its moved landmarks after the head's motion has been taken out.
        lower: The lower arch at rest.
    """
    went = calm - rest
    way = _JAW_SHARES[0] * went[list(_JAW)].mean(axis=0) + _JAW_SHARES[1] * went[_LOWER_LIP]
    bared = lower.shifted(way).height_of(calm[_LOWER_LIP])
    already = max(lower.height_of(rest[_LOWER_LIP]), 0.0)
    return way + max(bared - max(already, MOST_BARED), 0.0) * lower.down


class ArchView(NamedTuple):
    """How an arch is seen: from a point of the picture to (u, v)."""

    inverse: NDArray[np.float32]
    """(2, 3), affine, as if the arch were flat."""
    start: float
    step: float
    along: NDArray[np.float32]
    """(N,), u for flat positions from `start` on, `step` apart."""
    sunk: NDArray[np.float32]
    """(N,), how far depth carries those down."""

    def find(self, x: Points, y: Points) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return u and v (h, w) of the picture's points, for float32 x (w,) and y (h, 1)."""
        (a, b, c), (d, e, f) = self.inverse
        scale = np.float32(1 / self.step)
        flat = a * scale * x + (b * y + (c - np.float32(self.start))) * scale
        index = np.clip(flat + np.float32(0.5), 0, len(self.along) - 1).astype(np.int32)
        v = d * x + (e * y + f)
        v -= np.take(self.sunk, index)
        return np.take(self.along, index), v


def view_arch(arch: Arch) -> ArchView:
    """Return how an arch is seen where it is now; what its own front hides is left out."""
    flat = np.linalg.inv(np.stack([arch.across[:2], arch.down[:2]], axis=1))
    slant = flat @ arch.back[:2]
    places = STEPS + float(np.clip(slant[0], -STEEPEST, STEEPEST)) * DEPTHS
    middle = len(STEPS) // 2
    places[middle:] = np.maximum.accumulate(places[middle:])
    places[middle::-1] = np.minimum.accumulate(places[middle::-1])
    even = np.linspace(places[0], places[-1], LOOK_UP)
    along = np.interp(even, places, STEPS)
    sunk = slant[1] * np.interp(along, STEPS, DEPTHS)
    inverse = np.column_stack([flat, -flat @ arch.origin[:2]]).astype(np.float32)
    start, step = float(even[0]), float(even[1] - even[0])
    return ArchView(inverse, start, step, along.astype(np.float32), sunk.astype(np.float32))


def _axes(landmarks: Points) -> tuple[Points, Points, Points]:
    across = landmarks[EYES[1].outer] - landmarks[EYES[0].outer]
    down = landmarks[CHIN] - landmarks[FOREHEAD]
    across = across / max(float(np.linalg.norm(across)), 1e-9)
    down = down - (down @ across) * across
    down = down / max(float(np.linalg.norm(down)), 1e-9)
    return across, down, np.cross(across, down)


STEPS = np.linspace(-_WIDEST, _WIDEST, 257)
"""Positions along an arch, in even steps."""
DEPTHS = arch_depth(STEPS)
"""How deep it lies there."""
