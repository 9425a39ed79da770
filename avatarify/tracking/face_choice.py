"""Which of several faces is meant: in a portrait, in a clip, before the camera.

Nobody should wonder whose face was taken: without a choice it is the largest one, and whoever asks
is told where it is. Sides are those of the picture as it is seen, numbers count from its left.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np

from avatarify.errors import FaceNotFoundError
from avatarify.frames import Image
from avatarify.tracking.face import Box, Face

_FORGET_AFTER_S = 1.0
"""The face that is followed may be missed this long before another one is taken."""

_REACH = 0.8
"""How far a face may move between two looks, in its own size, and still be the same one."""


@dataclass(frozen=True, slots=True)
class FaceChoice:
    """Which face the user wants; without anything set, the largest."""

    side: Literal["", "left", "right"] = ""
    """The outermost face on this side of the picture."""

    number: int = 0
    """Counted from the left, from 1; 0 for none."""

    point: tuple[float, float] | None = None
    """(x, y) in pixels: the face that lies there, or nearest to it."""

    @classmethod
    def parse(cls, text: str) -> "FaceChoice":
        """Read `left`, `right` or a number from 1; empty takes the largest.

        Raises:
            ValueError: It is none of these.
        """
        word = text.strip().lower()
        if word == "left":
            return cls(side="left")
        if word == "right":
            return cls(side="right")
        if word and not (word.isascii() and word.isdecimal() and 0 < int(word) <= 99):
            raise ValueError(f"left, right, or a number from 1 counted from the left, not {text!r}")
        return cls(number=int(word or 0))

    @property
    def is_made(self) -> bool:
        """Whether the user wants a certain face."""
        return bool(self.side) or self.number > 0 or self.point is not None

    def pick(self, faces: Sequence[Face]) -> Face | None:
        """Choose among the faces of one picture.

        Returns:
            The face; None if there is none, or none of that number where there are several.
        """
        ordered = sorted(faces, key=_middle)
        if len(ordered) <= 1:
            return ordered[0] if ordered else None
        if self.point is not None:
            x, y = self.point
            return min(ordered, key=lambda face: _away(face.box, x, y))
        if self.number:
            return ordered[self.number - 1] if self.number <= len(ordered) else None
        if self.side:
            return ordered[0] if self.side == "left" else ordered[-1]
        return max(ordered, key=lambda face: face.box.larger_side)

    def require(self, faces: Sequence[Face], name: str) -> Face | None:
        """Choose as `pick` does, but refuse a number that is too high.

        Args:
            faces: Of one picture.
            name: What the user calls it.

        Raises:
            FaceNotFoundError: There are several faces, and none of that number.
        """
        face = self.pick(faces)
        if face is None and faces:
            raise too_few(self.number, len(faces), name)
        return face


def too_few(number: int, count: int, name: str) -> FaceNotFoundError:
    """Return what to raise where there are fewer faces than the user counted."""
    return FaceNotFoundError(
        f"{name} shows {count} faces and none of number {number}. Choose one from 1 to {count}, "
        "counted from the left, or left or right."
    )


def where(face: Face, faces: Sequence[Face]) -> str:
    """Say which of several faces one is: `the one on the left`."""
    ordered = sorted(faces, key=_middle)
    place = next(number for number, other in enumerate(ordered) if other is face)
    if len(ordered) > 3:
        return f"number {place + 1} from the left"
    if place == 0:
        return "the one on the left"
    return "the one on the right" if place == len(ordered) - 1 else "the one in the middle"


def whom(face: Face, faces: Sequence[Face]) -> str:
    """Say which of several faces is taken, and that it is the largest if it is."""
    if face is not FaceChoice().pick(faces):
        return f"{len(faces)} faces: {where(face, faces)} is taken."
    size = "larger" if len(faces) == 2 else "largest"
    return f"{len(faces)} faces: the {size}, {where(face, faces)}, is taken."


class Follows(Protocol):
    """What is needed of a face finder."""

    def find_all(self, image: Image, time_s: float = 0.0) -> tuple[Face, ...]:
        """Find faces, see `FaceFinder`."""

    def prefer(self, face: Face) -> None:
        """Follow this face from now on, see `FaceFinder`."""


class ChosenFace:
    """Follows the face that the user wants through a stream, and tells once where there are more.

    While only one face was ever seen it is that one, whatever was chosen.
    """

    def __init__(
        self,
        finder: Follows,
        choice: FaceChoice | None = None,
        tell: Callable[[str], None] = lambda words: None,
    ) -> None:
        """Begin with a stream.

        Args:
            finder: Finds all faces of a picture.
            choice: Which face the user wants.
            tell: Hears once, when several faces are seen, how many there are and which is taken.
        """
        self._finder = finder
        self._choice = choice or FaceChoice()
        self._tell = tell
        self._has_told = self._is_settled = False
        self._followed: Face | None = None
        self._seen_s = 0.0
        self.most_seen = 0
        """How many faces were seen at once, at most."""

    def choose(self, choice: FaceChoice) -> None:
        """Want another face from the next picture on."""
        self._choice, self._is_settled = choice, False

    def find(self, image: Image, time_s: float = 0.0) -> Face | None:
        """Find the face that is followed; arguments as for `FaceFinder.find`."""
        faces = self.find_all(image, time_s)
        return faces[0] if faces else None

    def find_all(self, image: Image, time_s: float = 0.0) -> tuple[Face, ...]:
        """Find all faces, the one that is followed first; none while that one is missed."""
        faces = self._finder.find_all(image, time_s)
        self.most_seen = max(self.most_seen, len(faces))
        face = self._pick(faces, time_s)
        if face is None:
            return ()
        if face is not faces[0]:
            self._finder.prefer(face)
        self._followed, self._seen_s = face, time_s
        may_tell = self._is_settled or not self._choice.is_made
        if len(faces) > 1 and may_tell and not self._has_told:
            self._has_told = True
            self._tell(whom(face, faces))
        return (face, *(other for other in faces if other is not face))

    def _pick(self, faces: Sequence[Face], time_s: float) -> Face | None:
        if self.most_seen <= 1:
            return faces[0] if faces else None
        followed = self._same(faces)
        if len(faces) > 1 and not self._is_settled and (self._choice.is_made or followed is None):
            chosen = self._choice.pick(faces)
            self._is_settled = chosen is not None
            if chosen is not None:
                return chosen
        is_missed = self._followed is not None and 0 <= time_s - self._seen_s <= _FORGET_AFTER_S
        if followed is not None or is_missed:
            return followed
        return self._choice.pick(faces) or FaceChoice().pick(faces)

    def _same(self, faces: Sequence[Face]) -> Face | None:
        """Return what became of the face that is followed."""
        if self._followed is None or not faces:
            return None
        last = self._followed.box
        nearest = min(faces, key=lambda face: _way(face.box, last))
        return nearest if _way(nearest.box, last) < _REACH * last.larger_side else None


def _middle(face: Face) -> float:
    return face.box.center[0]


def _way(box: Box, other: Box) -> float:
    return float(np.hypot(*np.subtract(box.center, other.center)))


def _away(box: Box, x: float, y: float) -> float:
    """How far a point lies from a box's middle, in the box's size: large faces reach farther."""
    center_x, center_y = box.center
    return float(np.hypot((x - center_x) / box.width, (y - center_y) / box.height))
