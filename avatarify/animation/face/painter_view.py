"""What a painter sees of a moved face, and where it may change it."""

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from avatarify.frames import Image
from avatarify.geometry.face_patches import FacePatch, Placement

Points = NDArray[np.floating]

AT_REST = 0.006
"""A face that moved less is at rest, the tracker trembling; in widths of a patch."""

AWAKE = 0.025
"""From here on a painter has all its say."""

_REACH = (0.05, 0.16)
"""Around the region's outline, in widths of the patch: full say to the first, none from the
second on."""

_FADE = 0.09
"""Towards the edge of the patch, in widths."""

_COLOURFUL = 0.06
"""Mean saturation, of 1, from which on a portrait counts as coloured."""

_FIXED_BITS = 4


class View(NamedTuple):
    """One patch of one moved face."""

    place: Placement
    picture: Image
    """RGB (H, W, 3), the moved face."""
    masks: NDArray[np.uint8]
    """(H, W, 2), 255 inside the patch's outlines."""
    region: NDArray[np.float32]
    """(H, W), in [0, 1]: how much may change."""
    tint: float
    """How colourful a change may be: 0 for a portrait without colours, 1 for most."""


class PatchView:
    """One patch of one portrait."""

    def __init__(self, patch: FacePatch, picture: Image, landmarks: Points) -> None:
        """Look at a portrait at rest.

        Args:
            patch: Which part of the face.
            picture: RGB (H, W, 3).
            landmarks: (478, 3) in pixels of the picture, 0 its upper left corner.
        """
        self.patch = patch
        self._landmarks = landmarks
        place = patch.place(landmarks)
        self.finer = max(1, round(place.scale))
        """How finely the patch is cut before it is averaged."""
        self._window = _window(patch.size)
        self.rest = cut_patch(picture, place, patch.size, self.finer)
        """RGB (H, W, 3), the portrait's own patch."""
        self._tint = min(1.0, _saturation(self.rest) / _COLOURFUL)

    def share(self, moved: Points) -> float:
        """Return how awake the painter is: 0 while the face rests, 1 when it has moved.

        Args:
            moved: (478, 3), where the landmarks went.
        """
        far = (self.patch.motion(self._landmarks, moved) - AT_REST) / (AWAKE - AT_REST)
        far = min(1.0, max(0.0, far))
        return far * far * (3.0 - 2.0 * far)

    def look(self, picture: Image, moved: Points) -> View | None:
        """Look at the moved face; None while it rests.

        Args:
            picture: RGB (H, W, 3), the moved face in the portrait's picture.
            moved: (478, 3), where the landmarks went.
        """
        share = self.share(moved)
        if share <= 0.0:
            return None
        place = self.patch.place(moved)
        seen = cut_patch(picture, place, self.patch.size, self.finer)
        loops = [
            place.to_patch(moved[list(loop), :2])
            for loop in (*self.patch.outlines, self.patch.region, self.patch.border)
        ]
        masks = np.stack([_filled(loop, self.patch.size) for loop in loops[:2]], axis=2)
        region = _around(loops[2], self.patch.size)
        region *= _inside(loops[3], self.patch.size)
        region *= self._window * np.float32(share)
        return View(place, seen, masks, region, self._tint)


def cut_patch(picture: Image, place: Placement, size: tuple[int, int], finer: int = 1) -> Image:
    """Cut a patch out of a picture.

    Args:
        picture: RGB (H, W, 3).
        place: Where the patch lies.
        size: (height, width) of the patch.
        finer: How many pixels of the picture there are to one of the patch: it is cut that many
            times as finely and then averaged, so that fine detail does not turn into noise.

    Returns:
        RGB (height, width, 3).
    """
    height, width = size
    cut = cv2.warpAffine(
        picture,
        place.matrix(finer),
        (width * finer, height * finer),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    if finer > 1:
        cut = cv2.resize(cut, (width, height), interpolation=cv2.INTER_AREA)
    return np.asarray(cut, np.uint8)


def _saturation(picture: Image) -> float:
    """Return the mean difference between the strongest and the weakest channel, in [0, 1]."""
    return float((picture.max(axis=2) - picture.min(axis=2)).mean()) / 255.0


def _filled(loop: Points, size: tuple[int, int]) -> NDArray[np.uint8]:
    mask = np.zeros(size, np.uint8)
    points = np.round((loop - 0.5) * (1 << _FIXED_BITS)).astype(np.int32)
    cv2.fillPoly(mask, [points], 255, cv2.LINE_AA, _FIXED_BITS)
    return mask


def _around(loop: Points, size: tuple[int, int]) -> NDArray[np.float32]:
    """1 in and near a loop, 0 far from it."""
    outside = cv2.threshold(_filled(loop, size), 127, 255, cv2.THRESH_BINARY_INV)[1]
    distance = cv2.distanceTransform(outside, cv2.DIST_L2, cv2.DIST_MASK_5)
    near, far = (reach * size[1] for reach in _REACH)
    share = np.clip((np.float32(far) - distance) / np.float32(far - near), 0.0, 1.0)
    return np.asarray(share * share * (3.0 - 2.0 * share), np.float32)


def _inside(loop: Points, size: tuple[int, int]) -> NDArray[np.float32]:
    """1 well inside a loop, 0 on it and outside."""
    distance = cv2.distanceTransform(_filled(loop, size), cv2.DIST_L2, cv2.DIST_MASK_5)
    return np.asarray(np.clip(distance / np.float32(0.04 * size[1]), 0.0, 1.0), np.float32)


def _window(size: tuple[int, int]) -> NDArray[np.float32]:
    """1 in the middle of a patch, 0 on its edge."""
    fade = _FADE * size[1]
    ramps = []
    for side in size:
        centre = np.arange(side) + 0.5
        ramp = np.clip(np.minimum(centre, side - centre) / fade, 0.0, 1.0)
        ramp[[0, -1]] = 0.0
        ramps.append(ramp * ramp * (3.0 - 2.0 * ramp))
    return np.outer(*ramps).astype(np.float32)
