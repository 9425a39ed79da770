"""A portrait that moves by itself, small: for seeing whether its face's points are right."""

import numpy as np
from numpy.typing import NDArray

from avatarify.animation.face.animator import FaceAnimator, FacePortrait, FaceSettings
from avatarify.frames import Image
from avatarify.geometry.posed_face import FacePose, posed_face, rehearsed
from avatarify.session.avatars.portrait_framing import shrunk
from avatarify.session.avatars.portrait_intake import by_hand

HEIGHT = 360
"""Of the moved picture at most, in pixels: small enough for a smooth picture on any machine."""


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

    def picture(self, time_s: float) -> Image:
        """Return RGB (H, W, 3), the portrait at a time of the rehearsal."""
        return self._animator.animate(posed_face(rehearsed(time_s)), time_s=time_s)
