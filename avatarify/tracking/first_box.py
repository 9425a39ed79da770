"""Where a face may be in a picture of which nothing is known: OpenCV's cascades.

They ship with OpenCV and see frontal faces and profiles, upright ones only; so the picture is also
shown to them turned. One look costs more than tracking a face does; a stream therefore
looks in one way per frame, and all ways take their turn.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from avatarify.errors import TrackerError
from avatarify.frames import Image
from avatarify.tracking.landmark_crops import FaceFrame, apply, inverse

_LONGER_SIDES = (320, 560)
"""Pixels of the picture that the cascades see: few are quick, more show smaller faces."""

_SMALLEST = 20
_FAR_BEHIND = 0.25
"""A face of so much of another one's size is four times as far away."""

_STEP = 1.15
_NEIGHBOURS = 3


@dataclass(frozen=True, slots=True)
class _Look:
    """One way to look."""

    profile: bool = False
    mirrored: bool = False
    turn_deg: float = 0.0


_LOOKS = (
    _Look(), _Look(profile=True), _Look(profile=True, mirrored=True),
    _Look(turn_deg=28.0), _Look(turn_deg=-28.0),
)  # fmt: skip
_ORDER = (0, 1, 0, 2, 0, 3, 0, 4)
"""Of a stream's looks: most faces are upright and frontal."""

# Where the mean face's origin lies from a box's middle, and the box's side, in units of the face:
# medians over the tracked clips.
_FRONTAL = (0.0, 0.22, 2.74)
_PROFILE = (-0.46, 0.30, 2.84)


class FirstBoxes:
    """The cascades, and whose turn it is."""

    def __init__(self) -> None:
        """Load the cascades.

        Raises:
            TrackerError: OpenCV came without them.
        """
        self._frontal = frontal_cascade()
        self._profile = _cascade("haarcascade_profileface.xml")
        self._turn = 0

    def next_look(self, image: Image) -> tuple[FaceFrame, ...]:
        """Look in one way, another one at each call; the larger faces first."""
        round_, place = divmod(self._turn, len(_ORDER))
        self._turn += 1
        side = _LONGER_SIDES[round_ % len(_LONGER_SIDES)]
        return self._seen(_small(image, side), _LOOKS[_ORDER[place]])

    def glance_beside(self, image: Image, unit: float) -> tuple[FaceFrame, ...]:
        """Look in one way for others than a face that is known: near ones, that is half the time.

        Args:
            image: (H, W, 3) RGB uint8.
            unit: Of the known face, in pixels; whoever looks much smaller is far behind it.
        """
        place = self._turn % len(_ORDER)
        self._turn += 1
        small = _small(image, _LONGER_SIDES[0])
        smallest = round(_FAR_BEHIND * unit * _FRONTAL[2] / small[1])
        return self._seen(small, _LOOKS[_ORDER[place]], max(_SMALLEST, smallest))

    def all_looks(self, image: Image) -> Iterator[tuple[FaceFrame, ...]]:
        """Look in all ways, then again for smaller faces; a face may come more than once."""
        for side in _LONGER_SIDES:
            small = _small(image, side)
            yield tuple(frame for look in _LOOKS for frame in self._seen(small, look))

    def _seen(
        self, small: tuple[NDArray[np.uint8], float], look: _Look, smallest: int = _SMALLEST
    ) -> tuple[FaceFrame, ...]:
        picture, factor = small
        height, width = picture.shape
        matrix = _matrix(look, width, height)
        turned = cv2.warpAffine(picture, matrix, (width, height), borderMode=cv2.BORDER_REPLICATE)
        cascade = self._profile if look.profile else self._frontal
        found = cascade.detectMultiScale(turned, _STEP, _NEIGHBOURS, minSize=(smallest, smallest))
        back = inverse(matrix)
        angle = float(np.radians(look.turn_deg))
        frames = []
        for x, y, side, _ in sorted(map(tuple, found), key=lambda box: -box[2]):
            right, down, box = _PROFILE if look.profile else _FRONTAL
            unit = side / box
            middle = (x + side / 2.0 + right * unit, y + side / 2.0 + down * unit)
            there = apply(back, np.array([middle], dtype=np.float32))[0] * factor
            frames.append(FaceFrame(float(there[0]), float(there[1]), unit * factor, angle))
        return tuple(frames)


def frontal_cascade() -> cv2.CascadeClassifier:
    """Load what sees frontal faces, upright ones only.

    Raises:
        TrackerError: OpenCV came without it.
    """
    return _cascade("haarcascade_frontalface_alt2.xml")


def _cascade(name: str) -> cv2.CascadeClassifier:
    path = Path(cv2.__file__).parent / "data" / name
    cascade = cv2.CascadeClassifier(str(path)) if path.is_file() else None
    if cascade is None or cascade.empty():
        raise TrackerError(
            f"OpenCV came without its cascade {name}. Install opencv-contrib-python again."
        )
    return cascade


def _small(image: Image, longer_side: int) -> tuple[NDArray[np.uint8], float]:
    """Return a small grey copy and how many pixels of the picture each of its pixels is."""
    height, width = image.shape[:2]
    factor = max(1.0, max(height, width) / longer_side)
    size = (max(1, round(width / factor)), max(1, round(height / factor)))
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY), dtype=np.uint8), factor


def _matrix(look: _Look, width: int, height: int) -> NDArray[np.float64]:
    """Return (2, 3), how the picture is turned or mirrored before the cascade sees it."""
    if look.mirrored:
        return np.array([[-1.0, 0.0, width - 1.0], [0.0, 1.0, 0.0]])
    turned = cv2.getRotationMatrix2D((width / 2.0, height / 2.0), look.turn_deg, 1.0)
    return np.asarray(turned, dtype=np.float64)
