"""The small upright patches of a face in which painters work: the mouth, and each eye.

A patch is laid by the landmarks themselves, so that whatever the head does, every patch shows the
same thing in the same place and size; the left eye is mirrored onto the right one.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from avatarify.geometry.face_mesh import EYES, INNER_LIPS, OUTER_LIPS, OVAL, EyeIndices
from avatarify.geometry.face_motion import face_unit

Points = NDArray[np.floating]

MOUTH_WIDTH = 1.25
"""Of the mouth's patch, in distances of the outer eye corners."""

EYE_WIDTH = 0.62
"""Of an eye's patch, in the same unit: twice as wide as an eye."""


class Placement(NamedTuple):
    """Where a patch lies: picture = turn · patch + shift, both from their upper left corner."""

    turn: Points
    """(2, 2), a rotation times a size, mirrored for the left eye."""
    shift: Points
    """(2,), pixels of the picture."""

    @property
    def scale(self) -> float:
        """Pixels of the picture for each of the patch."""
        return float(np.sqrt(abs(np.linalg.det(self.turn))))

    def to_patch(self, points: Points) -> Points:
        """Carry points (N, 2) of the picture over to the patch."""
        return (points - self.shift) @ np.linalg.inv(self.turn).T

    def to_picture(self, points: Points) -> Points:
        """Carry points (N, 2) of the patch over to the picture."""
        return points @ self.turn.T + self.shift

    def matrix(self, finer: int = 1) -> Points:
        """Return (2, 3), from pixels of a patch to pixels of the picture, as OpenCV counts them.

        Args:
            finer: The patch has this many times as many pixels along each side.
        """
        turn = self.turn / finer
        half = np.array([0.5, 0.5])
        return np.column_stack([turn, self.shift + turn @ half - half])


@dataclass(frozen=True, slots=True)
class FacePatch:
    """One kind of patch on a face."""

    size: tuple[int, int]
    """(height, width) in its own pixels."""
    eye: EyeIndices | None = None
    """Whose eye it is; None is the mouth."""

    @property
    def outlines(self) -> tuple[tuple[int, ...], ...]:
        """Loops of landmarks whose insides the painter is told, the innermost first."""
        return (INNER_LIPS, OUTER_LIPS) if self.eye is None else (self.eye.loop, self.eye.rim)

    @property
    def region(self) -> tuple[int, ...]:
        """The loop of landmarks around which the painter may change something."""
        return OUTER_LIPS if self.eye is None else self.eye.loop

    @property
    def border(self) -> tuple[int, ...]:
        """The loop of landmarks outside of which it may change nothing."""
        return OVAL

    def place(self, landmarks: Points) -> Placement:
        """Lay the patch on a face, level with the eyes.

        Args:
            landmarks: (478, 3), pixels of the picture, 0 its upper left corner.
        """
        across = landmarks[EYES[1].outer, :2] - landmarks[EYES[0].outer, :2]
        across = across / max(float(np.linalg.norm(across)), 1e-9)
        if self.eye is EYES[1]:
            across = -across
        down = np.array([-across[1], across[0]]) * (-1.0 if self.eye is EYES[1] else 1.0)
        share = MOUTH_WIDTH if self.eye is None else EYE_WIDTH
        height, width = self.size
        turn = np.column_stack([across, down]) * (share * face_unit(landmarks) / width)
        return Placement(turn, self._middle(landmarks) - turn @ np.array([width, height]) / 2)

    def _middle(self, landmarks: Points) -> Points:
        if self.eye is None:
            return landmarks[list(OUTER_LIPS), :2].mean(axis=0)
        return landmarks[[self.eye.outer, self.eye.inner], :2].mean(axis=0)

    def motion(self, rest: Points, moved: Points) -> float:
        """Return how far the outlines went within the patch: root mean square, in patch widths.

        Args:
            rest: (478, 3), the portrait's landmarks.
            moved: (478, 3), where they went.
        """
        loops = sorted({point for loop in self.outlines for point in loop})
        before = self.place(rest).to_patch(rest[loops, :2])
        after = self.place(moved).to_patch(moved[loops, :2])
        return float(np.sqrt(((after - before) ** 2).sum(axis=1).mean())) / self.size[1]
