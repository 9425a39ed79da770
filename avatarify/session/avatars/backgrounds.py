"""What the user calls a background, as the scenery that it is."""

import re

from avatarify.animation.face.scenery import GREEN, Scenery
from avatarify.errors import SettingsError
from avatarify.file_names import is_there, user_path
from avatarify.media.image_file import read_image

OWN, BLUR, GREEN_SCREEN = "own", "blur", "green"
"""Words for a background; others are `#rrggbb`, or the path of a picture."""

_COLOUR = re.compile(r"#([0-9a-fA-F]{6})")


def read_background(text: str) -> Scenery:
    """Return the scenery that a word means.

    Args:
        text: own, blur, green, `#rrggbb`, or the path of a picture.

    Raises:
        ImageError: The picture cannot be read.
        SettingsError: It is none of these.
    """
    if text in ("", OWN):
        return Scenery()
    if text == BLUR:
        return Scenery("blur")
    colour = colour_of(text)
    if colour is not None:
        return Scenery("colour", colour)
    path = user_path(text)
    if not is_there(path):
        raise SettingsError(
            f"There is no background {text}. Give own, blur, green, a colour such as #204060, or a "
            "picture."
        )
    return Scenery("picture", picture=read_image(path))


def colour_of(text: str) -> tuple[int, int, int] | None:
    """Return the RGB colour, 0 to 255, that a word for a background means, if it means one."""
    if text == GREEN_SCREEN:
        return GREEN
    colour = _COLOUR.fullmatch(text)
    if colour is None:
        return None
    red, green, blue = bytes.fromhex(colour[1])
    return red, green, blue
