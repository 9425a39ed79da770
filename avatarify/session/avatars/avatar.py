"""An avatar: a portrait, what the face engine knows of it, and what the user calls it."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from avatarify.animation.face.animator import FacePortrait
from avatarify.animation.face.backdrop import fill_backdrop
from avatarify.animation.face.face_picture import NO_OTHERS, FurtherPictures
from avatarify.animation.face.scenery import Scenery, set_before
from avatarify.frames import Image
from avatarify.session.avatars.thumbnails import centred_square
from avatarify.tracking.crop import FACE_MARGIN, Crop, cut

SQUARE_SIDE = 512
"""Side of the squares that motion models animate, in pixels."""


@dataclass(frozen=True, slots=True, eq=False)
class Avatar:
    """A portrait ready to be animated."""

    name: str
    """What the user calls it."""

    image: Image
    """RGB (H, W, 3), the whole picture as others see it at rest."""

    landmarks: NDArray[np.float32] | None = None
    """(478, 3) x, y, depth in pixels of the picture; None where no human face is known in it."""

    matte: NDArray[np.uint8] | None = None
    """(H, W), 255 where the person is, 0 where the room is; comes with the landmarks."""

    backdrop: Image | None = None
    """RGB (H, W, 3), what is behind the person; None until somebody needs it, see `with_room`."""

    further: FurtherPictures = NO_OTHERS
    """Other pictures of the same person: teeth and shut lids are taken from them."""

    def __post_init__(self) -> None:
        if self.image.ndim != 3 or self.image.shape[2] != 3:
            raise ValueError(f"An avatar is an RGB picture, not {self.image.shape}.")
        if (self.landmarks is None) != (self.matte is None):
            raise ValueError("Landmarks and matte come together.")
        if self.matte is not None and self.matte.shape != self.image.shape[:2]:
            raise ValueError(f"The matte is {self.matte.shape}, the picture {self.image.shape}.")

    @property
    def has_face(self) -> bool:
        """Whether the face engine can move it."""
        return self.landmarks is not None

    def portrait(self) -> FacePortrait:
        """Return what the face engine moves.

        Raises:
            ValueError: No face is known.
        """
        if self.landmarks is None or self.matte is None:
            raise ValueError(f"no face is known in {self.name}")
        return FacePortrait(self.image, self.landmarks, self.matte, self.further)

    def with_room(self) -> "Avatar":
        """Return the avatar with the room behind its person filled in.

        It takes some tenths of a second, so whoever has a thread for it does it there: other
        sceneries and the face engine need the room.
        """
        if self.matte is None or self.backdrop is not None:
            return self
        return replace(self, backdrop=fill_backdrop(self.image, self.matte))

    def before(self, scenery: Scenery) -> "Avatar":
        """Return the avatar before another scenery; one of an unknown person stays as it is."""
        if scenery.kind == "own":
            return self
        known = self.with_room()
        if known.matte is None or known.backdrop is None:
            return self
        backdrop = scenery.backdrop(known.backdrop)
        image = set_before(known.image, known.matte, known.backdrop, backdrop)
        return replace(self, image=image, backdrop=backdrop)

    def as_square(self) -> "Avatar":
        """Return the avatar as motion models see it: a square around the face, nothing known."""
        if self.landmarks is None:
            return Avatar(self.name, centred_square(self.image))
        return Avatar(self.name, cut(self.image, self.face_square(), SQUARE_SIDE))

    def face_square(self) -> Crop:
        """Return the square around the face.

        Raises:
            ValueError: No face is known.
        """
        if self.landmarks is None:
            raise ValueError(f"no face is known in {self.name}")
        low, high = self.landmarks[:, :2].min(axis=0), self.landmarks[:, :2].max(axis=0)
        x, y = ((low + high) / 2).tolist()
        return Crop(x, y, FACE_MARGIN * float((high - low).max()))
