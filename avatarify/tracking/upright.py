"""Heads that lie on their side: by which quarter turns the picture becomes one of an upright head.

Trackers follow a head that leans, but begin with upright ones, and take one that hangs upside down
for an upright one with eyes for a mouth. What sees only upright faces is OpenCV's cascade: it is
asked where a face is new, or lies, and all around where none is found.
"""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from avatarify.frames import Image
from avatarify.tracking.face import Face
from avatarify.tracking.first_box import frontal_cascade
from avatarify.tracking.landmark_crops import Square, cut

LYING_DEG = 60.0
"""A head that leans farther than this lies. After a quarter turn it leans by 30° at most, so that
it must go far before it is turned back."""

_LEVEL_DEG = 30.0
"""A head whose eyes lean less in the picture does not lie, whatever its pose."""

LYING_S = 0.4
"""A head that was upright must lie for so long: nobody nods off within less."""

AWAY_S = 0.5
"""Without a face for so long, other ways round are tried, and the next face is a new one."""

_MOST_LOOKS = 20
"""So often a new face is looked at; where it is then still unclear which way up it is, the tracker
is believed. One frame in ten shows the cascade a face both ways round, or none."""

_PROBATION_S = 1.0
"""How long a turn stands that was only guessed before a face must be found."""

_REST_S = 1.5
"""After a guess that was wrong nothing is guessed for so long."""

_SEARCH_EVERY_S = 0.15
"""An empty room must not cost as much as a call."""

_CROP_SIDE, _CROP_PER_FACE = 128, 2.0
_LONGER_SIDE = 320
_HITS = 2
_LEANS = (0.0, 28.0, -28.0)
_WAYS = (
    *((turn, lean) for lean in _LEANS for turn in (90, 270)),
    *((180, lean) for lean in _LEANS),
)


class UprightTurn:
    """Decides how to turn the frames of a stream; belongs to one thread."""

    def __init__(self) -> None:
        """Begin with pictures as they are.

        Raises:
            TrackerError: OpenCV came without its cascades.
        """
        self._cascade = frontal_cascade()
        self._turn = self._before_guess = 0
        self._seen_s: float | None = None
        self._is_new = True
        self._looks = 0
        self._lying_s: float | None = None
        self._guessed_s: float | None = None
        self._resting_until_s = float("-inf")
        self._way = self._hits = 0

    @property
    def turn(self) -> int:
        """By how many degrees to turn the next frame clockwise: 0, 90, 180 or 270."""
        return self._turn

    def reset(self) -> None:
        """Begin anew: the camera hangs differently, or is another one."""
        self._turn, self._seen_s, self._is_new = 0, None, True
        self._lying_s = self._guessed_s = None

    def look(self, image: Image, faces: Sequence[Face], time_s: float) -> bool:
        """Take a frame into account.

        Args:
            image: (H, W, 3) RGB uint8, turned by `turn`.
            faces: What the tracker found in it, the face to follow first.
            time_s: When it was taken.

        Returns:
            Whether `turn` is another one from now on.
        """
        before = self._turn
        if self._seen_s is None or time_s < self._seen_s:
            self._seen_s = time_s
        if faces:
            self._follow(image, faces[0], time_s)
        elif time_s - self._seen_s > AWAY_S:
            self._is_new, self._lying_s = True, None
            self._search(image, time_s)
        return self._turn != before

    def _follow(self, image: Image, face: Face, time_s: float) -> None:
        is_new, self._seen_s = self._is_new, time_s
        self._guessed_s, self._hits = None, 0
        if not is_new and (face.eyes_lean_deg < _LEVEL_DEG or abs(face.roll_deg) < LYING_DEG):
            self._lying_s = None
            return
        angle, is_clear = self._lean(image, face)
        may_turn_at_once = is_new and (is_clear or self._looks == 0)
        self._looks = self._looks + 1 if is_new and not is_clear else 0
        self._is_new = 0 < self._looks < _MOST_LOOKS
        if abs(angle) < LYING_DEG:
            self._lying_s = None
            return
        if self._lying_s is None:
            self._lying_s = time_s
        if may_turn_at_once or time_s - self._lying_s >= LYING_S:
            self._lying_s = None
            self._turn = (self._turn - 90 * round(angle / 90)) % 360

    def _lean(self, image: Image, face: Face) -> tuple[float, bool]:
        """Return by how many degrees a head leans, clockwise, -180 to 180, and if that is clear."""
        lean = face.roll_deg
        is_so = self._is_upright(image, face, lean)
        is_otherwise = self._is_upright(image, face, lean + 180)
        if is_so or not is_otherwise:
            return lean, is_so and not is_otherwise
        return lean + 180 if lean < 0 else lean - 180, True

    def _is_upright(self, image: Image, face: Face, angle_deg: float) -> bool:
        """Whether a face is seen where the tracker sees one, once turned back by so much."""
        x, y = face.box.center
        side = _CROP_PER_FACE * face.box.larger_side
        if side < 1:
            return False
        square = Square(x, y, side, float(np.radians(angle_deg)))
        crop = cut(image, square.to_square(), _CROP_SIDE)
        grey = np.asarray(cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY), np.uint8)
        return self._sees_face(grey, _CROP_SIDE // 3)

    def _search(self, image: Image, time_s: float) -> None:
        """Look for a face in one of the other ways round; take back a guess that was wrong."""
        if self._guessed_s is not None:
            if time_s - self._guessed_s > _PROBATION_S:
                self._turn, self._guessed_s = self._before_guess, None
                self._resting_until_s = time_s + _REST_S
                self._way = (self._way + 1) % len(_WAYS)
            return
        if time_s < self._resting_until_s:
            return
        self._resting_until_s = time_s + _SEARCH_EVERY_S
        turn, lean = _WAYS[self._way]
        if self._sees_face(_turned(_small(image), turn, lean), 32):
            self._hits += 1
        else:
            self._hits, self._way = 0, (self._way + 1) % len(_WAYS)
        if self._hits == _HITS:
            self._hits, self._guessed_s, self._before_guess = 0, time_s, self._turn
            self._turn = (self._turn + turn) % 360

    def _sees_face(self, grey: NDArray[np.uint8], smallest: int) -> bool:
        found = self._cascade.detectMultiScale(grey, 1.15, 3, minSize=(smallest, smallest))
        return len(found) > 0


def _small(image: Image) -> NDArray[np.uint8]:
    height, width = image.shape[:2]
    factor = min(1.0, _LONGER_SIDE / max(height, width))
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY), np.uint8)


def _turned(grey: NDArray[np.uint8], turn: int, lean: float) -> NDArray[np.uint8]:
    """Turn a small picture clockwise by quarters, then by a lean."""
    grey = np.ascontiguousarray(np.rot90(grey, -turn // 90))
    if lean:
        height, width = grey.shape
        matrix = cv2.getRotationMatrix2D((width / 2, height / 2), lean, 1.0)
        turned = cv2.warpAffine(grey, matrix, (width, height), borderMode=cv2.BORDER_REPLICATE)
        return np.asarray(turned, np.uint8)
    return grey
