"""What methods are shown: a square picture, the face in it, and when it was."""

from collections.abc import Callable
from typing import NamedTuple

from avatarify.frames import Image
from avatarify.tracking.face import Face
from avatarify.training.evaluation.measures import SEEN_SIZE, shrink

FindFace = Callable[[Image], Face | None]
"""Finds the face in one picture, in its pixels."""


class Sight(NamedTuple):
    """One picture of a face."""

    picture: Image
    """RGB (512, 512, 3), framed as in training."""

    face: Face
    """In the picture's pixels."""

    time_s: float = 0.0
    """Since the clip began."""

    def again(self, picture: Image, find_face: FindFace) -> "Sight":
        """Return another picture of the same moment; a face that is not found stays in place."""
        return Sight(picture, look(picture, find_face) or self.face, self.time_s)


def look(picture: Image, find_face: FindFace) -> Face | None:
    """Find the face in a square picture of any size.

    Returns:
        The face in pixels at 512², or None.
    """
    return find_face(shrink(picture, SEEN_SIZE))
