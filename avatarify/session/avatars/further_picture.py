"""Further pictures of an avatar's person: one that shows teeth, one with shut eyes."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from avatarify.animation.face.eyes_shut import shows_shut_eyes
from avatarify.animation.face.face_picture import FacePicture, FurtherPictures
from avatarify.errors import FaceNotFoundError, ImageError
from avatarify.file_names import is_file
from avatarify.frames import Image
from avatarify.media.image_file import read_image
from avatarify.session.avatars.layers_file import SUFFIX, PortraitLayers, read_layers
from avatarify.session.avatars.portrait_intake import take_in


@dataclass(frozen=True, slots=True)
class FurtherKind:
    """What a further picture is for."""

    suffix: str
    """`NAME` and this and `.png` lies beside `NAME.png`; it is no avatar itself."""

    words: str
    """What is on it, as in "a picture …"."""

    needed: str
    """What somebody whose picture is refused should use: "a picture of the same person that …"."""


TEETH = FurtherKind(".teeth", "with teeth", "smiles with teeth")
SHUT_EYES = FurtherKind(".shut", "with shut eyes", "has both eyes shut")
KINDS = (TEETH, SHUT_EYES)
SUFFIXES = tuple(kind.suffix for kind in KINDS)


def further_path(picture: Path, kind: FurtherKind) -> Path:
    """Return where a further picture of an avatar lies, such as `NAME.teeth.png`."""
    return picture.with_name(f"{picture.stem}{kind.suffix}.png")


def kept_further(picture: Path) -> FurtherPictures:
    """Return the further pictures that are kept beside an avatar's picture."""
    return FurtherPictures(_kept(picture, TEETH), _kept(picture, SHUT_EYES))


def _kept(picture: Path, kind: FurtherKind) -> FacePicture | None:
    path = further_path(picture, kind)
    if not is_file(path):
        return None
    try:
        return read_further(path, kind)
    except (ImageError, FaceNotFoundError):
        return None


def read_further(path: Path, kind: FurtherKind) -> FacePicture:
    """Read a further picture; nothing is written beside it.

    Raises:
        ImageError: The file is gone or unreadable.
        FaceNotFoundError: No face is found in it, or it does not show what it should.
    """
    image = read_image(path)
    layers = read_layers(path.with_suffix(SUFFIX), (image.shape[0], image.shape[1]))
    if layers is None:
        intake = take_in(image)
        image, layers = intake.picture, intake.layers
    return checked_picture(image, layers, kind, path)


def checked_picture(
    image: Image, layers: PortraitLayers | None, kind: FurtherKind, path: Path
) -> FacePicture:
    """Return a picture that shows what a further one should.

    Args:
        image: RGB (H, W, 3).
        layers: What was found in it.
        kind: What it is for.
        path: Where it came from, for the error.

    Raises:
        FaceNotFoundError: There is no face in it, or it does not show what it should.
    """
    advice = f"Use a picture of the same person that {kind.needed}."
    if layers is None:
        raise FaceNotFoundError(f"No face was found in {path}. {advice}")
    landmarks = np.asarray(layers.landmarks, np.float64)
    if kind is SHUT_EYES and not shows_shut_eyes(landmarks):
        raise FaceNotFoundError(f"The eyes are open in {path}. {advice}")
    return FacePicture(image, landmarks)
