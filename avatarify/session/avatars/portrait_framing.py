"""Which part of a picture others will see: as much of the room as leaves the face large enough."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from avatarify.frames import Image
from avatarify.tracking.crop import FACE_MARGIN
from avatarify.tracking.face import Box

WIDEST = 16 / 9
"""Width over height: what a call shows."""

LARGEST_HEIGHT = 720
"""Pixels; larger pictures are made smaller."""

_SMALLEST_FACE = 0.30
"""The face's height over the picture's: rooms that leave less are cut."""

_FACE_AT = 0.47
"""How far down the middle of the face lies where there is room to choose."""


@dataclass(frozen=True, slots=True)
class Window:
    """A part of a picture, in whole pixels, and how it is scaled."""

    left: int
    top: int
    width: int
    height: int
    scale: float

    def cut(self, image: Image) -> Image:
        """Return this part of a picture, scaled."""
        part = image[self.top : self.top + self.height, self.left : self.left + self.width]
        size = max(1, round(self.width * self.scale)), max(1, round(self.height * self.scale))
        if size == (self.width, self.height):
            return np.ascontiguousarray(part)
        scaled = cv2.resize(part, size, interpolation=cv2.INTER_AREA)
        return np.ascontiguousarray(scaled, dtype=np.uint8)

    def place(self, landmarks: NDArray[np.floating]) -> NDArray[np.float32]:
        """Carry landmarks (N, 3) of the picture over to the cut one."""
        moved = landmarks - np.array([self.left, self.top, 0.0])
        return np.asarray(moved * self.scale, dtype=np.float32)


def window_around(face: Box, size: tuple[int, int]) -> Window:
    """Choose the part of a picture that becomes an avatar.

    It is as high as the picture unless the face would be too small in it, never wider than a call's
    picture, and never so narrow that a head would not fit.

    Args:
        face: The box around the face's landmarks, in pixels.
        size: (height, width) of the picture.
    """
    picture_height, picture_width = size
    least = FACE_MARGIN * face.larger_side
    height = min(picture_height, max(least, face.height / _SMALLEST_FACE))
    width = min(picture_width, max(WIDEST * height, least))
    center_x, center_y = face.center
    left = np.clip(center_x - width / 2, 0, picture_width - width)
    top = np.clip(center_y - _FACE_AT * height, 0, picture_height - height)
    scale = min(1.0, LARGEST_HEIGHT / height, WIDEST * LARGEST_HEIGHT / width)
    return Window(round(left), round(top), int(width), int(height), scale)


def shrunk(
    image: Image, points: NDArray[np.floating], height: int
) -> tuple[Image, NDArray[np.float32]]:
    """Make a picture so small that what becomes an avatar of it is `height` pixels high at most.

    Args:
        image: RGB (H, W, 3).
        points: (478, 3), landmarks in its pixels.
        height: In pixels.

    Returns:
        The picture, and the landmarks in its pixels.
    """
    window = window_around(box_of(points), (image.shape[0], image.shape[1]))
    scale = min(1.0, height / window.height)
    whole = Window(0, 0, image.shape[1], image.shape[0], scale)
    return whole.cut(image), whole.place(points)


def box_of(points: NDArray[np.floating]) -> Box:
    """Return the box around landmarks (N, 3)."""
    (left, top), (right, bottom) = points[:, :2].min(axis=0), points[:, :2].max(axis=0)
    return Box(float(left), float(top), float(right), float(bottom))
