"""The average face: where points begin in a picture in which no face was found.

`average_face.json` holds the tracker's landmarks on the ten built-in avatars, which are rendered
and nobody's: aligned by similarity to their mean, together with their mirror images.
"""

import functools
import json
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]

_FACE_SHARE = 0.5
"""Height of the face over the picture's shorter side."""

_FACE_AT = 0.47
"""How far down the middle of the face lies."""


@functools.lru_cache(maxsize=1)
def _kept() -> Points:
    text = files("avatarify.geometry").joinpath("average_face.json").read_text("utf-8")
    return np.array(json.loads(text)["landmarks"])


def average_face() -> Points:
    """Return (478, 3), symmetric in x, at rest, looking straight ahead.

    The unit is the distance of the outer eye corners, the origin their middle; x is right, y down,
    and depth grows away from the viewer.
    """
    return _kept().copy()


def face_in_the_middle(size: tuple[int, int]) -> Points:
    """Return (478, 3) in pixels: the average face where most portraits have theirs.

    Args:
        size: (height, width) of the picture.
    """
    face = average_face()
    low, high = face[:, :2].min(axis=0), face[:, :2].max(axis=0)
    height, width = size
    scale = _FACE_SHARE * min(size) / float(high[1] - low[1])
    face[:, :2] -= (low + high) / 2
    face *= scale
    face[:, :2] += (width / 2, _FACE_AT * height)
    return face
