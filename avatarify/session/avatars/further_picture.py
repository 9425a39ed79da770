"""A further picture of an avatar's person: one that shows teeth."""

from pathlib import Path

import numpy as np

from avatarify.animation.face.mouth_plates import FacePicture
from avatarify.errors import FaceNotFoundError, ImageError
from avatarify.file_names import is_file
from avatarify.media.image_file import read_image
from avatarify.session.avatars.layers_file import SUFFIX, TEETH, read_layers
from avatarify.session.avatars.portrait_intake import Intake, take_in


def teeth_path(picture: Path) -> Path:
    """Return where the picture with teeth of an avatar lies, `NAME.teeth.png`."""
    return picture.with_name(f"{picture.stem}{TEETH}.png")


def kept_teeth(picture: Path) -> FacePicture | None:
    """Return the picture with teeth that is kept beside an avatar's picture, if there is one."""
    path = teeth_path(picture)
    if not is_file(path):
        return None
    try:
        return read_teeth(path)
    except (ImageError, FaceNotFoundError):
        return None


def read_teeth(path: Path) -> FacePicture:
    """Read a picture with teeth; nothing is written beside it.

    Raises:
        ImageError: The file is gone or unreadable.
        FaceNotFoundError: No face is found in it.
    """
    image = read_image(path)
    layers = read_layers(path.with_suffix(SUFFIX), (image.shape[0], image.shape[1]))
    if layers is not None:
        return FacePicture(image, np.asarray(layers.landmarks, np.float64))
    return face_picture(take_in(image), path)


def face_picture(intake: Intake, path: Path) -> FacePicture:
    """Return a picture that was taken in as one to take teeth from.

    Raises:
        FaceNotFoundError: There is no face in it.
    """
    if intake.layers is None:
        raise FaceNotFoundError(
            f"No face was found in {path}. Use a picture of the same person that smiles with teeth."
        )
    return FacePicture(intake.picture, np.asarray(intake.layers.landmarks, np.float64))
