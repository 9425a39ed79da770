"""Where the teeth are: two dental arches behind the lips, seen from any side.

Lengths are in distances of the outer eye corners, about 92 mm on an adult. An arch is a surface
over coordinates (u, v): u to the picture's right and v down, both from the midpoint between the
edges of the central incisors, and it bends away from the viewer with u. The upper arch hangs on the
skull, the lower one on the jaw.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from avatarify.geometry.face_mesh import CHIN, EYES, FOREHEAD, NOSE_BASE
from avatarify.geometry.face_motion import face_unit
from avatarify.geometry.similarity import Similarity

Points = NDArray[np.floating]

UNIT_MM = 92.0
"""Distance of the outer eye corners of an adult, in millimetres."""

BEHIND_LIPS = 0.05
"""How far the incisors stand behind the line on which the lips meet."""

UPPER_EDGE = 0.048
"""How far the upper incisors reach below that line (0.05 on four drivers)."""

LOWER_EDGE = 0.012
"""How far below that line the lower incisors begin while the lips are shut."""

SHUT = 0.03
"""Lips that are less apart than this count as shut."""

_JAW = (152, 148, 377, 176, 400)
_UPPER_LIP, _LOWER_LIP = 13, 14
_WIDEST = 0.34
_LOOK_UP = 256


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


def upper_arch(landmarks: Points, edge: float | None = None) -> Arch:
    """Return the upper arch of a face.

    Args:
        landmarks: (478, 3), the face at rest.
        edge: How far below the upper lip's edge the incisors end, where that is known. Else it
            follows from the line on which shut lips meet, or from lip and nose where they are open.
    """
    unit = face_unit(landmarks)
    across, down, back = _axes(landmarks)
    upper, lower = landmarks[_UPPER_LIP], landmarks[_LOWER_LIP]
    gap = float(np.linalg.norm(lower - upper)) / unit
    if edge is None:
        shut = float((lower - upper) @ down) / unit / 2 + UPPER_EDGE
        nose = float((landmarks[NOSE_BASE] - upper) @ down) / unit + 0.26 + UPPER_EDGE
        is_open = float(np.clip((gap - SHUT) / 0.03, 0.0, 1.0))
        edge = (1 - is_open) * shut + is_open * float(np.clip((nose + 0.06) / 2, 0.02, 0.11))
    origin = upper + unit * (edge * down + BEHIND_LIPS * back)
    return Arch(origin, unit * across, unit * down, unit * back)


def lower_arch(landmarks: Points, upper: Arch) -> Arch:
    """Return the lower arch of a face at rest; lips that are apart tell how far the jaw is open."""
    unit = face_unit(landmarks)
    down = upper.down / unit
    middle = (landmarks[_UPPER_LIP] + landmarks[_LOWER_LIP]) / 2
    gap = float(np.linalg.norm(landmarks[_LOWER_LIP] - landmarks[_UPPER_LIP])) / unit
    is_open = float(np.clip((gap - SHUT) / 0.03, 0.0, 1.0))
    shut = float((middle - upper.origin) @ down) + LOWER_EDGE * unit
    apart = float((landmarks[_LOWER_LIP] - upper.origin) @ down) + 0.005 * unit
    way = max((1 - is_open) * shut + is_open * apart, 0.0)
    return upper.shifted(way * down + 0.03 * upper.back)


def jaw_shift(rest: Points, calm: Points) -> Points:
    """Return (3,), how far the lower teeth went, with the head held still.

    Args:
        rest: (478, 3), the portrait's landmarks.
        calm: (478, 3), its moved landmarks after the head's motion has been taken out.
    """
    jaw = list(_JAW)
    return (calm[jaw] - rest[jaw]).mean(axis=0)


class ArchView(NamedTuple):
    """How an arch is seen: from a point of the picture to (u, v)."""

    inverse: Points
    """(2, 3), affine, as if the arch were flat."""
    slant: Points
    """(2,), how far depth carries a point off in (u, v)."""
    start: float
    step: float
    along: NDArray[np.float32]
    """(256,), u for flat positions from `start` on, `step` apart."""

    def find(self, x: Points, y: Points) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return u and v (h, w) of the picture's points, for x (w,) and y (h, 1)."""
        inverse = self.inverse.astype(np.float32)
        flat = inverse[0, 0] * x + (inverse[0, 1] * y + inverse[0, 2])
        index = np.clip((flat - self.start) * (1 / self.step), 0, _LOOK_UP - 1.001)
        whole = index.astype(np.int32)
        table = np.append(self.along, self.along[-1])
        u = table[whole] + (index - whole) * np.diff(table)[whole]
        v = inverse[1, 0] * x + (inverse[1, 1] * y + inverse[1, 2])
        v -= np.float32(self.slant[1]) * arch_depth(u)
        return u.astype(np.float32), v.astype(np.float32)


def view_arch(arch: Arch) -> ArchView:
    """Return how an arch is seen where it is now; what its own front hides is left out."""
    flat = np.linalg.inv(np.stack([arch.across[:2], arch.down[:2]], axis=1))
    slant = flat @ arch.back[:2]
    u = np.linspace(-_WIDEST, _WIDEST, _LOOK_UP)
    places = u + slant[0] * arch_depth(u)
    middle = _LOOK_UP // 2
    places[middle:] = np.maximum.accumulate(places[middle:])
    places[:middle] = np.minimum.accumulate(places[:middle][::-1])[::-1]
    even = np.linspace(places[0], places[-1], _LOOK_UP)
    along = np.interp(even, places + 1e-9 * np.arange(_LOOK_UP), u).astype(np.float32)
    inverse = np.column_stack([flat, -flat @ arch.origin[:2]])
    return ArchView(inverse, slant, float(even[0]), float(even[1] - even[0]), along)


def _axes(landmarks: Points) -> tuple[Points, Points, Points]:
    across = landmarks[EYES[1].outer] - landmarks[EYES[0].outer]
    down = landmarks[CHIN] - landmarks[FOREHEAD]
    across = across / max(float(np.linalg.norm(across)), 1e-9)
    down = down - (down @ across) * across
    down = down / max(float(np.linalg.norm(down)), 1e-9)
    return across, down, np.cross(across, down)
