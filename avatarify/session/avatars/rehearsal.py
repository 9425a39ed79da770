"""A portrait that moves by itself, small: for seeing whether its face's points are right."""

import numpy as np
from numpy.typing import NDArray

from avatarify.animation.face.animator import FaceAnimator, FacePortrait, FaceSettings
from avatarify.frames import Image
from avatarify.geometry.posed_face import FacePose, posed_face, rehearsed
from avatarify.session.avatars.portrait_framing import box_of, shrunk
from avatarify.session.avatars.portrait_intake import by_hand

HEIGHT = 400
"""Of the portrait at most, in pixels: small enough for a smooth picture on any machine."""

_ROOM = 0.5
"""Shown around the face, in heights of the face."""


class Rehearsal:
    """Moves one portrait by the average face at play. Made and used in the background."""

    def __init__(self, image: Image, points: NDArray[np.floating]) -> None:
        """Cut and matte the portrait; takes about a second.

        Args:
            image: RGB (H, W, 3).
            points: (478, 3), landmarks in its pixels.
        """
        intake = by_hand(*shrunk(image, points, HEIGHT))
        assert intake.layers is not None
        layers = intake.layers
        self._animator = FaceAnimator(FaceSettings(first_frame_is_reference=False))
        self._animator.set_source(FacePortrait(intake.picture, layers.landmarks, layers.matte))
        self._animator.calibrate(posed_face(FacePose()))
        self._shown = _around(layers.landmarks)

    def picture(self, time_s: float) -> Image:
        """Return RGB (H, W, 3), the portrait's head at a time of the rehearsal."""
        picture = self._animator.animate(posed_face(rehearsed(time_s)), time_s=time_s)
        return np.ascontiguousarray(picture[self._shown])


def _around(landmarks: NDArray[np.floating]) -> tuple[slice, slice]:
    """Return rows and columns of the head; slices may end beyond the picture."""
    face = box_of(landmarks)
    room = _ROOM * face.height
    rows = slice(max(0, round(face.top - room)), max(1, round(face.bottom + room)))
    return rows, slice(max(0, round(face.left - room)), max(1, round(face.right + room)))
