"""The room's colour in a person's rim: what a matte must give back to the room.

A pixel beside an outline is a mixture, and a webcam's film spreads the room's colour some pixels
farther in. Over its own room nobody sees that; over a neck, or hair of its own, it is a fringe.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from avatarify.animation.face.backdrop_fill import pyramid_fill
from avatarify.frames import Image

_INWARDS = 0.03
"""So far inside of the outline there may be some of the room, and beyond that there is none; in
heights of the face."""

_OUTWARDS = 0.012
"""So far outside of it there is none of the person, likewise."""

_APART = 0.15
"""Two colours this far from one another (of [0, 1], over all channels) tell half of the truth."""

_LEAST = 5
"""Of what a matte, 0 to 255, gives to the person at all, so much stays."""


def without_spill(
    picture: Image, matte: NDArray[np.uint8], face_height: float
) -> NDArray[np.uint8]:
    """Give the room its share of a person's rim.

    The share is where a colour lies between those of the person farther in and of the room farther
    out, as in the compositing equation, I = a F + (1 - a) B. It is believed as far as these differ.

    Args:
        picture: RGB (H, W, 3).
        matte: (H, W), 0 to 255.
        face_height: In pixels.

    Returns:
        (H, W), nowhere more than it was.
    """
    is_inside = (matte >= 128).astype(np.uint8)
    inside, outside = (
        cv2.distanceTransform(mask, cv2.DIST_L2, cv2.DIST_MASK_5)
        for mask in (is_inside, 1 - is_inside)
    )
    depth = np.float32(max(_INWARDS * face_height, 1e-3))
    colours = picture.astype(np.float32) / np.float32(255)
    ours = pyramid_fill(colours, (inside >= depth).astype(np.float32))
    is_room = (outside >= _OUTWARDS * face_height) & (matte == 0)
    theirs = pyramid_fill(colours, is_room.astype(np.float32))
    between = ours - theirs
    apart = (between * between).sum(axis=2)
    share = ((colours - theirs) * between).sum(axis=2) / np.maximum(apart, np.float32(1e-4))
    trust = apart / (apart + np.float32(_APART**2))
    most = 1.0 - trust * (1.0 - np.clip(share, 0.0, 1.0))
    most = np.maximum(most, np.clip(2.0 * np.minimum(inside, depth) / depth - 1.0, 0.0, 1.0))
    least = np.minimum(matte, _LEAST)
    given = np.clip(np.round(255.0 * most), least, matte).astype(np.uint8)
    return np.where(is_inside > 0, given, matte).astype(np.uint8)
