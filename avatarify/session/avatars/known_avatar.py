"""An avatar from what is kept of it."""

import numpy as np

from avatarify.animation.face.face_picture import NO_OTHERS, FurtherPictures
from avatarify.frames import Image
from avatarify.session.avatars.avatar import Avatar
from avatarify.session.avatars.layers_file import PortraitLayers


def avatar_of(
    name: str, image: Image, layers: PortraitLayers, further: FurtherPictures = NO_OTHERS
) -> Avatar:
    """Return an avatar; its room is known where the layers hold it.

    Args:
        name: What the user calls it.
        image: RGB (H, W, 3).
        layers: Landmarks and matte of the picture.
        further: Other pictures of the same person.
    """
    room = layers.room
    if room is not None:  # what is seen of it is in the picture, exactly
        room = np.where(layers.matte[..., None] > 0, room, image)
    return Avatar(name, image, layers.landmarks, layers.matte, room, further)
