"""A portrait taken apart into layers, and put together again for any place of its landmarks.

Layers, far to near: the backdrop, the person (one warped sheet), the eyeballs, the inside of the
mouth. The person is kept as what it adds to the backdrop, P = I − (1 − α) B, so that a portrait at
rest is exactly the picture that it was.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from avatarify.animation.face.sheet import Sheet
from avatarify.frames import Image
from avatarify.geometry.face_transfer import MovedFace
from avatarify.geometry.triangle_flow import TriangleFlow, draw_flow

STEP = 2.0
"""Pixels of the picture between two points of the dense flow."""

_FLOW_BLUR = 0.8


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
        self.picture, self.backdrop = picture, backdrop
        self.sheet = Sheet(landmarks, picture.shape[:2])
        alpha = matte.astype(np.float32)[..., None] / 255.0
        added = picture - (1.0 - alpha) * backdrop
        self._person = np.concatenate(
            [np.clip(np.round(added), 0, 255).astype(np.uint8), matte[..., None]], axis=2
        )

    def flow(self, face: MovedFace) -> TriangleFlow:
        """Return the dense backward flow for a moved face, on a grid of `STEP` pixels."""
        height, width = self.picture.shape[:2]
        shape = (int(np.ceil(height / STEP)), int(np.ceil(width / STEP)))
        return draw_flow(
            self.sheet.triangles, self.sheet.rest, self.sheet.moved(face), shape, step=STEP
        )

    def draw(self, face: MovedFace) -> Image:
        """Paint the portrait with its landmarks moved; RGB (H, W, 3)."""
        height, width = self.picture.shape[:2]
        coarse = cv2.GaussianBlur(self.flow(face).source, (0, 0), _FLOW_BLUR)
        fine = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_LINEAR) - np.float32(0.5)
        person = cv2.remap(
            self._person, fine, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101
        )
        through = (255 - person[..., 3:]).astype(np.float32) / 255.0
        painted = person[..., :3] + through * self.backdrop
        return np.clip(np.round(painted), 0, 255).astype(np.uint8)
