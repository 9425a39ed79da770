"""Where one eye of a portrait is in a picture for which the face has moved."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from avatarify.geometry.eye_outline import MarginsAtRest
from avatarify.geometry.face_transfer import MovedFace

Points = NDArray[np.floating]


@dataclass(frozen=True, slots=True, eq=False)
class EyePlace:
    """Where one eye is in the picture that is painted."""

    lines: Points
    """(18, 2): the upper and the lower margin, from the centre of the window's first pixel."""
    openness: float
    """The opening's height, of that at rest; 1 at most."""
    turn: Points
    """(2, 2), from the portrait's axes to the picture's."""
    shift: Points
    """(2,), where the patch's first pixel goes in the window."""
    iris_shift: Points
    """(2,), the same of the iris."""
    ways: NDArray[np.float64]
    """(2, 9, 2), upper and lower margin: how far it went, in the portrait's axes."""
    corner: tuple[int, int]
    """(x, y), the window's first pixel in the picture."""
    size: tuple[int, int]
    """(width, height) of the window."""

    @property
    def window(self) -> tuple[slice, slice]:
        """Rows and columns of the picture."""
        (left, top), (width, height) = self.corner, self.size
        return slice(top, top + height), slice(left, left + width)


@dataclass(frozen=True, slots=True, eq=False)
class EyeShape:
    """One eye of a portrait, and a patch around it; lengths in pixels of the portrait."""

    indices: NDArray[np.intp]
    """(18,), numbers of the landmarks of the upper and of the lower margin."""
    iris: int
    """Number of the iris's landmark."""
    margins: MarginsAtRest
    """Where they are."""
    reach: Points
    """(18, 2), how far beyond each of their points there is something to paint."""
    gap: float
    """The opening's height."""
    middle: Points
    """(2,), the middle between the corners."""
    to_patch: Points
    """(2,), from there to the patch's first pixel."""
    to_iris: Points
    """(2,), to it from the iris's centre."""

    def find(self, face: MovedFace, size: tuple[int, ...]) -> EyePlace | None:
        """Return where the eye is; None where there is nothing of it in the picture.

        Args:
            face: Where the face is.
            size: (height, width) of the picture.
        """
        lines = face.landmarks.take(self.indices, axis=0)[:, :2]
        turn = face.head.scale * face.head.rotation[:2, :2]
        points = lines + self.reach @ turn.T
        if not np.isfinite(points).all():
            return None
        low = np.maximum(np.floor(points.min(axis=0) - 2), 0).tolist()
        high = np.minimum(np.ceil(points.max(axis=0) + 2), size[::-1]).tolist()
        width, height = int(high[0] - low[0]), int(high[1] - low[1])
        if width < 2 or height < 2:
            return None
        middle, first = (lines[0] + lines[8]) / 2, np.array(low) + 0.5
        own = (lines - middle) @ _inverse(turn).T + self.middle
        return EyePlace(
            lines=lines - first,
            openness=min(1.0, widest(lines) / (self.gap * face.head.scale)),
            turn=turn,
            shift=middle - first + turn @ self.to_patch,
            iris_shift=face.landmarks[self.iris, :2] - first + turn @ self.to_iris,
            ways=self.margins.ways(own.reshape(2, 9, 2)),
            corner=(int(low[0]), int(low[1])),
            size=(width, height),
        )


def widest(lines: Points) -> float:
    """Return how far apart the margins (18, 2) of an eye are."""
    apart = lines[:9] - lines[9:]
    return math.sqrt(float(np.einsum("ij,ij->i", apart, apart).max()))


def _inverse(matrix: Points) -> Points:
    (a, b), (c, d) = matrix.tolist()
    return np.array([[d, -b], [-c, a]]) / (a * d - b * c)
