"""Why no face was found in a picture, in words that say what to do.

The picture is shown to our own finder again, as it is and with a margin: a head that is cut off at
the picture's edge is found in the margin, and what the other tracker missed may be small, dark or
covered. Takes some hundred milliseconds.
"""

from enum import Enum

import cv2
import numpy as np

from avatarify.frames import Image
from avatarify.tracking.conditions import measure_light, outside
from avatarify.tracking.face import Box, Face
from avatarify.tracking.face_finder import FaceFinder

_MARGIN = 0.35
"""Around the picture, over its smaller side."""

_SMALL = 1 / 9
"""Size of a face over the picture's height below which it is too far away."""

_CUT_OFF = 0.05
"""Part of the face that may be outside the picture."""

_DARK = 30.0
"""Grey level below which nothing can be seen: of the face, or of all the picture."""

_LONGEST_SIDE = 960
"""Pixels of the picture that is looked at."""


class Missing(Enum):
    """What is wrong; the value says what to do."""

    FAR = "A face is seen, but too small. Come closer to the camera."
    CUT_OFF = (
        "Your head is cut off at the edge of the picture. Move, or turn the camera, until all of "
        "it is seen."
    )
    COVERED = (
        "A face is seen, but not well enough to follow it. Take off what covers it: a mask, dark "
        "glasses, a hand."
    )
    DARK = "The picture is too dark to see a face. Turn a light on in front of you."
    NOTHING = (
        "No face is seen. Face the camera from nearby, and take off what covers your face: a mask, "
        "dark glasses, a hood."
    )


def why_missing(image: Image, finder: FaceFinder) -> Missing:
    """Look once more at a picture in which no face was found.

    Args:
        image: (H, W, 3) RGB uint8.
        finder: Our own finder for single pictures.
    """
    image = _shrunk(image)
    face = _first(finder, image)
    if face is not None:
        return _why_not_followed(image, face.box)
    margin = round(_MARGIN * min(image.shape[:2]))
    sides = (margin, margin, margin, margin)
    wide = cv2.copyMakeBorder(image, *sides, cv2.BORDER_REPLICATE)
    face = _first(finder, np.asarray(wide, np.uint8))
    if face is not None:
        box = face.box
        here = Box(box.left - margin, box.top - margin, box.right - margin, box.bottom - margin)
        if max(outside(here, (image.shape[0], image.shape[1]))) > _CUT_OFF:
            return Missing.CUT_OFF
        return _why_not_followed(image, here)
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    return Missing.DARK if float(np.median(grey)) < _DARK else Missing.NOTHING


def _why_not_followed(image: Image, box: Box) -> Missing:
    if box.larger_side < _SMALL * image.shape[0]:
        return Missing.FAR
    light = measure_light(image, box)
    is_dark = light is not None and light.brightness < _DARK
    return Missing.DARK if is_dark else Missing.COVERED


def _first(finder: FaceFinder, image: Image) -> Face | None:
    faces = finder.find_all(image)
    return faces[0] if faces else None


def _shrunk(image: Image) -> Image:
    factor = max(1.0, max(image.shape[:2]) / _LONGEST_SIDE)
    if factor == 1.0:
        return image
    size = (max(1, round(image.shape[1] / factor)), max(1, round(image.shape[0] / factor)))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)
