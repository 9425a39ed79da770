"""Pictures of a person, with the place of the face in them."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from avatarify.frames import Image


class FacePicture(NamedTuple):
    """A picture of a person, and where the face is in it."""

    picture: Image
    """RGB (H, W, 3)."""
    landmarks: NDArray[np.floating]
    """(478, 3) in pixels of the picture, 0 its upper left corner."""


class FurtherPictures(NamedTuple):
    """Other pictures of a portrait's person, for what the portrait does not show."""

    teeth: FacePicture | None = None
    """Shows teeth: the mouth opens with them."""
    shut_eyes: FacePicture | None = None
    """Has both eyes shut: eyes shut with its lids."""


NO_OTHERS = FurtherPictures()
"""What is known of most people: the portrait alone."""
