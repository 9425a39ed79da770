"""Hair behind a head: it goes on as beside the face, without the ears in it."""

import cv2
import numpy as np
from numpy.typing import NDArray

from avatarify.animation.face.wide_blur import widely_blurred
from avatarify.geometry.nearest_known import nearest_known

Pixels = NDArray[np.uint8]
Floats = NDArray[np.float32]
Flags = NDArray[np.bool_]

_SIGMAS = (2.0, 5.0, 12.0, 30.0, 80.0, 200.0)
"""Of blurs that carry colours into what is hidden, in pixels."""

_ENOUGH = 0.05
"""The narrowest blur in which this much is known gives a place its colour."""

_SMOOTH = 1.5
"""Sigma of the blur between places that different blurs coloured."""

_MIRRORED = (1.0, 0.5, 0.25)
"""How far inside its edge a mirror image of hair is taken, in distances to the edge: as far as
there is hair."""


def spread_hair(person: Pixels, is_hair: Flags) -> Floats:
    """Return (h, w, 4), RGBA: hair everywhere, opaque.

    What is not known takes the mean of what is known around it, and the mirror image of its
    detail.

    Args:
        person: RGBA (h, w, 4).
        is_hair: (h, w), where it is known.
    """
    weighed = person.astype(np.float32)
    weighed[..., 3] = 1.0
    weighed[~is_hair] = 0.0
    hair = np.zeros(person.shape, np.float32)
    hair[..., 3] = 255.0
    missing = np.ones(is_hair.shape, np.bool_)
    for sigma in _SIGMAS:
        near = widely_blurred(weighed, sigma)
        take = missing & (near[..., 3] > (_ENOUGH if sigma < _SIGMAS[-1] else 1e-6))
        hair[take, :3] = near[take, :3] / near[take, 3:]
        missing &= ~take
    hair[..., :3] = np.asarray(cv2.GaussianBlur(hair[..., :3], (0, 0), _SMOOTH), np.float32)
    if is_hair.any():
        detail = person[..., :3].astype(np.float32) - hair[..., :3]
        hair[..., :3] += _mirrored_detail(detail, is_hair)
    hair[is_hair, :3] = person[is_hair, :3]
    return hair


def _mirrored_detail(detail: Floats, is_known: Flags) -> Floats:
    """Return (h, w, 3), the detail of known places, mirrored at the edge of what is known."""
    edge = nearest_known(is_known)
    inwards = edge - np.indices(is_known.shape).transpose(1, 2, 0)
    mirrored, found = np.zeros_like(detail), np.zeros(is_known.shape, np.bool_)
    for share in _MIRRORED:
        place = np.round(edge + share * inwards).astype(np.intp)
        y, x = (place[..., axis].clip(0, is_known.shape[axis] - 1) for axis in (0, 1))
        take = is_known[y, x] & ~found
        mirrored[take] = detail[y[take], x[take]]
        found |= take
    return mirrored
