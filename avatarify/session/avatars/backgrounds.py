"""What the user calls a background, as the scenery that it is."""

import re
from pathlib import Path

from avatarify.animation.face.scenery import GREEN, Scenery
from avatarify.errors import SettingsError
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
    if text == GREEN_SCREEN:
        return Scenery("colour", GREEN)
    colour = _COLOUR.fullmatch(text)
    if colour is not None:
        red, green, blue = bytes.fromhex(colour[1])
        return Scenery("colour", (red, green, blue))
    if not Path(text).expanduser().exists():
        raise SettingsError(
            f"There is no background {text}. Give own, blur, green, a colour such as #204060, or a "
            "picture."
        )
    return Scenery("picture", picture=read_image(Path(text).expanduser()))
