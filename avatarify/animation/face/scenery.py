"""What stands behind a person: the portrait's own room, or something in its place."""

from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from avatarify.frames import Image

GREEN = (0, 177, 64)
"""RGB of a green screen."""

_BLUR = 0.022
"""Standard deviation of the blur, in heights of the picture."""


@dataclass(frozen=True, slots=True, eq=False)
class Scenery:
    """The choice."""

    kind: Literal["own", "blur", "colour", "picture"] = "own"
    """"own" is the portrait's room as it is, "blur" the same out of focus."""

    colour: tuple[int, int, int] = GREEN
    """RGB 0 to 255, for "colour"."""

    picture: Image | None = None
    """RGB of any size, for "picture": it covers the whole backdrop, its longer edges cut."""

    def __post_init__(self) -> None:
        if (self.kind == "picture") != (self.picture is not None):
            raise ValueError("a picture belongs to the scenery that is one, and only to that")
        if not all(0 <= channel <= 255 for channel in self.colour):
            raise ValueError("a colour's channels lie between 0 and 255")

    def backdrop(self, room: Image) -> Image:
        """Return what stands behind the person.

        Args:
            room: RGB (H, W, 3), the portrait's own room with the person taken out.

        Returns:
            RGB (H, W, 3).
        """
        match self.kind:
            case "own":
                return room
            case "blur":
                return _blurred(room)
            case "colour":
                return np.full_like(room, np.array(self.colour, np.uint8))
            case "picture":
                assert self.picture is not None
                return _covering(self.picture, (room.shape[0], room.shape[1]))


def set_before(picture: Image, matte: NDArray[np.uint8], room: Image, backdrop: Image) -> Image:
    """Put the person of a picture before something else.

    Args:
        picture: RGB (H, W, 3).
        matte: (H, W), 255 where the person is.
        room: RGB (H, W, 3), what is behind the person in the picture.
        backdrop: RGB (H, W, 3), what shall be.

    Returns:
        RGB (H, W, 3): I + (1 − matte) (backdrop − room), within what a picture can show.
    """
    through = (255 - matte.astype(np.float32))[..., None] / 255.0
    person = np.clip(picture - through * room, 0, None)
    return np.clip(np.round(person + through * backdrop), 0, 255).astype(np.uint8)


def _blurred(room: Image) -> Image:
    small = cv2.resize(room, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    soft = cv2.GaussianBlur(small, (0, 0), max(0.5, _BLUR * small.shape[0]))
    size = (room.shape[1], room.shape[0])
    return cv2.resize(soft, size, interpolation=cv2.INTER_CUBIC).astype(np.uint8)


def _covering(picture: Image, size: tuple[int, int]) -> Image:
    height, width = picture.shape[:2]
    scale = max(size[0] / height, size[1] / width)
    cut_height, cut_width = min(height, round(size[0] / scale)), min(width, round(size[1] / scale))
    top, left = (height - cut_height) // 2, (width - cut_width) // 2
    part = picture[top : top + cut_height, left : left + cut_width]
    interpolation = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    return cv2.resize(part, (size[1], size[0]), interpolation=interpolation).astype(np.uint8)
