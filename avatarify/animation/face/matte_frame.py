"""The square around a face in which a network looks for the person."""

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from avatarify.animation.face.matte_prior import height_of_face, person_prior
from avatarify.frames import Image
from avatarify.geometry.face_mesh import OVAL

Plane = NDArray[np.float32]
Pixels = NDArray[np.integer | np.floating]
"""(H, W) or (H, W, C)."""

SIDE = 192
"""Pixels of the square's side."""

REACH = 3.4
"""The square's side in heights of the face."""

IS_FACE = 4
"""The plane of what a network is shown that is 1 inside of the face's outline."""

_BELOW = 0.25
"""So far below the middle of the face's outline is the square's, in heights of the face."""

ODDS = 5.0
"""Log odds of the landmarks' guess are seen divided by this."""

_SOFT = 0.4
"""Pictures that become smaller are blurred by this many of the square's pixels before."""

_SMALLER = 0.6

_RIM, _FADE = 10, 4.0
"""The network is not asked so near to the square's edge, in its pixels, and fades from there on."""


class MatteFrame(NamedTuple):
    """Where the square lies."""

    to_square: NDArray[np.float64]
    """(2, 3), from pixels of the picture to those of the square."""

    @classmethod
    def of(cls, landmarks: NDArray[np.floating], side: int = SIDE) -> "MatteFrame":
        """Lay the square around a face (478, 2+)."""
        tall = height_of_face(landmarks)
        middle = landmarks[list(OVAL), :2].mean(axis=0) + np.array([0.0, _BELOW * tall])
        scale = side / max(REACH * tall, 1e-6)
        shift = side / 2.0 - scale * middle
        return cls(np.array([[scale, 0.0, shift[0]], [0.0, scale, shift[1]]]))

    @property
    def scale(self) -> float:
        """Pixels of the square in one of the picture."""
        return float(self.to_square[0, 0])

    def see(self, picture: Image, landmarks: NDArray[np.floating]) -> Plane:
        """Return (6, S, S), what the network is shown; see `networks/matte_net.py`."""
        points = landmarks.astype(np.float64) * self.scale
        points[:, :2] += self.to_square[:, 2]
        prior = person_prior(points, (SIDE, SIDE))
        here = self.carried(np.full(picture.shape[:2], 1.0, np.float32), cv2.INTER_NEAREST)
        seen = self.carried(softened(picture, self.scale)).astype(np.float32) / np.float32(255)
        planes = [seen * here[..., None], here, prior.is_face, prior.log_odds / ODDS]
        return np.dstack(planes).astype(np.float32).transpose(2, 0, 1)

    def carried(self, plane: Pixels, flags: int = cv2.INTER_LINEAR) -> Pixels:
        """Return a plane or picture as it lies in the square, 0 where there is none."""
        return np.asarray(cv2.warpAffine(plane, self.to_square, (SIDE, SIDE), flags=flags))

    def back(self, plane: Plane, size: tuple[int, int], scale: float) -> tuple[Plane, Plane]:
        """Return a plane (S, S) and how much it counts, as they lie in a copy of the picture.

        Args:
            plane: In the square.
            size: (height, width) of the copy.
            scale: Its pixels in one of the picture.

        Returns:
            Both (height, width); the second in [0, 1], 0 outside of the square.
        """
        counts = np.zeros((SIDE, SIDE), np.float32)
        counts[_RIM:-_RIM, _RIM:-_RIM] = 1.0
        counts = cv2.GaussianBlur(counts, (0, 0), _FADE).astype(np.float32)
        to_square = self.to_square.copy()
        to_square[:, :2] /= scale
        flags, border = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, cv2.BORDER_REPLICATE
        laid = cv2.warpAffine(plane, to_square, size[::-1], flags=flags, borderMode=border)
        share = cv2.warpAffine(counts, to_square, size[::-1], flags=flags)
        return np.asarray(laid, np.float32), np.asarray(share, np.float32)


def softened(picture: Pixels, scale: float) -> Pixels:
    """Return a picture as it may be looked up at a smaller scale without flicker of its detail."""
    if scale >= _SMALLER:
        return picture
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), _SOFT / scale))
