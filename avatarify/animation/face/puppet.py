"""A portrait taken apart into layers, and put together again for any place of its landmarks.

Layers, far to near: the backdrop, the person (one warped sheet), the eyeballs, the inside of the
mouth. The person is kept as what it adds to the backdrop, P = I − (1 − α) B, so that a portrait at
rest is exactly the picture that it was.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from avatarify.animation.face.sheet import Sheet
from avatarify.frames import Image
from avatarify.geometry.face_mesh import CHIN, FOREHEAD
from avatarify.geometry.face_transfer import MovedFace
from avatarify.geometry.triangle_flow import TriangleFlow, draw_flow

STEP = 2
"""Pixels of the picture between two points of the dense flow."""

_ROOM = 0.45
"""How far beyond its own place the person is painted, in heights of the face."""


@dataclass(frozen=True, slots=True, eq=False)
class PersonLayer:
    """The warped person, in a part of the picture."""

    left: int
    top: int
    added: Image
    """RGB (h, w, 3): what the person adds to the backdrop, its colour times its matte."""
    matte: NDArray[np.uint8]
    """(h, w), 255 where the person covers the backdrop."""


class FacePuppet:
    """One portrait, ready to be moved."""

    def __init__(
        self,
        picture: Image,
        landmarks: NDArray[np.floating],
        matte: NDArray[np.uint8],
        backdrop: Image,
    ) -> None:
        """Take a portrait apart.

        Args:
            picture: RGB (H, W, 3).
            landmarks: (478, 3) in pixels of the picture, 0 its upper left corner.
            matte: (H, W), 255 where the person is, 0 where the room is.
            backdrop: RGB (H, W, 3), the room with the person taken out.
        """
        size = picture.shape[0], picture.shape[1]
        self.size = size
        self.sheet = Sheet(landmarks, size)
        self.backdrop = backdrop
        face_height = float(np.linalg.norm(landmarks[FOREHEAD, :2] - landmarks[CHIN, :2]))
        self._left, self._top, self._right, self._bottom = _around(matte, _ROOM * face_height)
        through = (255 - matte.astype(np.float32))[..., None] / 255.0
        added = np.clip(np.round(picture - through * backdrop), 0, 255).astype(np.uint8)
        added[matte == 0] = 0  # nothing of the room goes along, however the backdrop was made
        person = np.concatenate([added, matte[..., None]], axis=2)
        # Above and beside the picture there is nobody; below it the clothes go on.
        self._person = cv2.copyMakeBorder(
            person, 1, 0, 1, 1, cv2.BORDER_CONSTANT, value=(0, 0, 0, 0)
        )

    def flow(self, face: MovedFace) -> TriangleFlow:
        """Return the dense backward flow around the person, on a grid of `STEP` pixels."""
        shape = (self._bottom - self._top) // STEP, (self._right - self._left) // STEP
        return draw_flow(
            self.sheet.triangles,
            self.sheet.rest,
            self.sheet.moved(face),
            shape,
            offset=(self._left, self._top),
            step=STEP,
        )

    def warp(self, face: MovedFace) -> PersonLayer:
        """Warp the person to a moved face."""
        coarse = cv2.GaussianBlur(self.flow(face).source, (3, 3), 0.8)
        size = (coarse.shape[1] * STEP, coarse.shape[0] * STEP)
        # From a corner's origin to a pixel's centre, and over the border of one pixel.
        flow = cv2.resize(coarse, size, interpolation=cv2.INTER_LINEAR) + np.float32(0.5)
        warped = cv2.remap(
            self._person, flow, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        )
        added = cv2.cvtColor(warped, cv2.COLOR_BGRA2BGR)
        return PersonLayer(self._left, self._top, added, cv2.extractChannel(warped, 3))

    def draw(self, face: MovedFace, backdrop: Image | None = None) -> Image:
        """Paint the portrait with its landmarks moved.

        Args:
            face: Where the landmarks go.
            backdrop: RGB (H, W, 3) to stand behind the person instead of the portrait's own room.

        Returns:
            RGB (H, W, 3), in memory of its own.
        """
        layer = self.warp(face)
        picture = (self.backdrop if backdrop is None else backdrop).copy()
        height, width = layer.matte.shape
        place = picture[layer.top : layer.top + height, layer.left : layer.left + width]
        through = cv2.cvtColor(cv2.bitwise_not(layer.matte), cv2.COLOR_GRAY2BGR)
        cv2.add(cv2.multiply(place, through, scale=1 / 255), layer.added, dst=place)
        return picture


def _around(matte: NDArray[np.uint8], room: float) -> tuple[int, int, int, int]:
    """Return left, top, right, bottom around the person, an even number of pixels apart."""
    rows, columns = np.flatnonzero(matte.any(axis=1)), np.flatnonzero(matte.any(axis=0))
    height, width = matte.shape
    if not len(rows):
        return 0, 0, width // STEP * STEP, height // STEP * STEP
    margin = int(room)
    left, top = max(0, int(columns[0]) - margin), max(0, int(rows[0]) - margin)
    right, bottom = (
        min(width, int(columns[-1]) + 1 + margin),
        min(height, int(rows[-1]) + 1 + margin),
    )
    right, bottom = right - (right - left) % STEP, bottom - (bottom - top) % STEP
    return left, top, right, bottom
