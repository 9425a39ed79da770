"""A picture file on the command line, as an avatar: with what is kept beside it, or found in it."""

import logging
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from avatarify.media.image_file import read_image
from avatarify.media.moving_picture import picture_count
from avatarify.session.avatars.avatar import Avatar
from avatarify.session.avatars.further_picture import kept_further
from avatarify.session.avatars.known_avatar import avatar_of
from avatarify.session.avatars.layers_file import SUFFIX, read_layers
from avatarify.session.avatars.portrait_intake import take_in
from avatarify.tracking.face_choice import FaceChoice

_LOG = logging.getLogger(__name__)


def read_portrait(
    path: Path,
    choice: FaceChoice | None = None,
    tell: Callable[[str], None] = lambda words: None,
) -> Avatar:
    """Read a portrait; nothing is written beside it.

    Args:
        path: A picture file.
        choice: Which of several faces is meant; the largest if nothing is said.
        tell: Hears which one was taken.

    Returns:
        With landmarks and matte if a human face is known or found in it.

    Raises:
        ImageError: The file is gone or unreadable.
        FaceNotFoundError: There are several faces, and none of the number that was chosen.
    """
    image = read_image(path)
    tell_of_several(path)
    layers = read_layers(path.with_suffix(SUFFIX), (image.shape[0], image.shape[1]))
    further = kept_further(path)
    if layers is not None:
        return avatar_of(path.stem, image, layers, further)
    intake = take_in(image, choice, path.name)
    if intake.whom:
        tell(f"{path.name} shows {intake.whom}")
    return replace(intake.avatar(path.stem), further=further)


def tell_of_several(path: Path) -> None:
    """Say in the log which picture of an animated one is taken for a portrait."""
    if words := which_of_several(path):
        _LOG.warning("%s", words)


def which_of_several(path: Path) -> str:
    """Say which picture of an animated one is taken for a portrait; nothing of others.

    Raises:
        ImageError: The file is gone or unreadable.
    """
    count = picture_count(path)
    return f"{path.name} holds {count} pictures. The first one is taken." if count > 1 else ""
