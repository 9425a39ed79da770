"""Room and person share a rim: a matte's last pixels by the compositing equation.

A pixel beside an outline is a mixture, and a webcam's film spreads both colours over some more of
them. Over its own room nobody sees that. When the head moves, what of the room went along is a
fringe, and what of the person stayed is a ghost.
"""

import numpy as np
from numpy.typing import NDArray

from avatarify.animation.face.backdrop_fill import pyramid_fill
from avatarify.animation.face.matte_edge import mixture
from avatarify.animation.face.matte_shape import signed_distance
from avatarify.frames import Image

_RIM = 0.03
"""So far inside of the outline there may be some of the room, and so far outside of it some of the
person; in heights of the face."""

_LEAST = 5
"""Of what a matte, 0 to 255, gives to the person at all, so much stays."""

_FAINT = 20
"""Less than that of the person, 0 to 255, is noise of the room."""


def shared_rim(picture: Image, matte: NDArray[np.uint8], face_height: float) -> NDArray[np.uint8]:
    """Give room and person their shares of the pixels between them.

    The share is where a colour lies between those of the person farther in and of the room farther
    out, as far as these differ.

    Args:
        picture: RGB (H, W, 3).
        matte: (H, W), 0 to 255.
        face_height: In pixels.

    Returns:
        (H, W), inside of the outline nowhere more than it was, and outside nowhere less.
    """
    outline = signed_distance(matte.astype(np.float32) / np.float32(255))
    rim = np.float32(max(_RIM * face_height, 1e-3))
    colours = picture.astype(np.float32) / np.float32(255)
    theirs = pyramid_fill(colours, ((outline <= -rim) & (matte == 0)).astype(np.float32))
    depth = np.clip(outline / rim, -1.0, 1.0)
    share = mixture(colours, outline >= rim, theirs, otherwise=(outline > 0).astype(np.float32))
    inside = np.maximum(share, 2.0 * depth - 1.0)
    outside = np.minimum(share, 2.0 + 2.0 * depth)
    given = np.round(255.0 * np.where(outline > 0, inside, outside))
    within = np.clip(given, np.minimum(matte, _LEAST), matte)
    beyond = np.maximum(np.where(given < _FAINT, 0, given), matte)
    return np.where(outline > 0, within, beyond).astype(np.uint8)
