"""Colours of what a head hides from the viewer: hair goes on as beside it, the neck as below it."""

import cv2
import numpy as np
from numpy.typing import NDArray

from avatarify.animation.face.head_colours import OPAQUE, HeadColours
from avatarify.animation.face.wide_blur import widely_blurred

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

_COLUMNS = (4.0, 12.0, 40.0)
"""Sigmas over which columns of the neck share their colours, in pixels; a wider one counts where
narrower ones know next to nothing."""

_WIDER, _UNTRUSTED = 1e-3, 1e-9
"""So much less a wider one counts, and a column that is of something else."""

_BELOW = 2
"""The neck is looked at this far below the jaw, in pixels."""

_ACROSS = 4
"""Hair that hangs down is the same this far above and below the jaw's edge, in pixels."""

_LEAST_LIKE = 0.15
"""Columns less like skin, hair or what is above them than this are of something else."""

_CHIN = 0.8
"""Where a jaw ends so far down, from the lobes of the ears to the chin's end, there is a neck below
it, in however deep a shadow."""

_STRAND = 2.5
"""Sigma of a blur in which strands of hair are one, in pixels."""


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
    _, nearest = cv2.distanceTransformWithLabels(
        (~is_known).astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    known = np.argwhere(is_known)
    place_of = np.zeros((int(nearest.max()) + 1, 2), np.intp)
    place_of[nearest[is_known]] = known
    edge = place_of[nearest]
    inwards = edge - np.indices(is_known.shape).transpose(1, 2, 0)
    mirrored, found = np.zeros_like(detail), np.zeros(is_known.shape, np.bool_)
    for share in _MIRRORED:
        place = np.round(edge + share * inwards).astype(np.intp)
        y, x = (place[..., axis].clip(0, is_known.shape[axis] - 1) for axis in (0, 1))
        take = is_known[y, x] & ~found
        mirrored[take] = detail[y[take], x[take]]
        found |= take
    return mirrored


def raised_neck(
    person: Pixels, front: Flags, colours: HeadColours, lobes: float, has_hair: Flags
) -> Floats:
    """Return (h, w, 4), RGBA: each column goes on upwards as it is below the jaw.

    Columns beside the chin that are not skin, nor of hair that hangs, nor go on across the jaw
    beside such hair, are those of a collar, and take after others.

    Args:
        person: RGBA (h, w, 4).
        front: (h, w), where the head's front is.
        colours: Of skin and hair.
        lobes: Columns in which the front ends above this row have nothing below it.
        has_hair: (w,), where hair beside the face hangs.
    """
    tall, width = front.shape
    last = np.where(front.any(axis=0), tall - 1 - front[::-1].argmax(axis=0), -1)
    column = np.arange(width)
    found = person[np.minimum(last + _BELOW, tall - 1), column]
    soft = cv2.GaussianBlur(person, (0, 0), _STRAND)
    outside = soft[np.minimum(last + _ACROSS, tall - 1), column]
    inside = soft[np.maximum(last - _ACROSS, 0), column]
    columns = found.astype(np.float32)
    columns[last < lobes] = 0.0
    of_hair = np.maximum(colours.like_hair(found), colours.alike(outside, inside))
    likeness = np.maximum(colours.like_skin(found), np.where(has_hair, of_hair, 0.0))
    is_under_chin = last > lobes + _CHIN * (last.max() - lobes)
    is_trusted = (columns[:, 3] > OPAQUE) & ((likeness > _LEAST_LIKE) | is_under_chin)
    trust = np.where(is_trusted, 1.0, _UNTRUSTED)
    weighed = np.append(columns[:, :3], np.ones((width, 1)), axis=1) * trust[:, None]
    shared = sum(
        _WIDER**number * cv2.GaussianBlur(weighed[None], (0, 0), sigma)[0]
        for number, sigma in enumerate(_COLUMNS)
    )
    columns[:, :3] = shared[:, :3] / shared[:, 3:]
    columns[:, 3] = cv2.GaussianBlur(columns[None, :, 3], (0, 0), 1.0)[0]
    neck = person.astype(np.float32)
    is_above = np.arange(tall)[:, None] < (last + _BELOW)[None]
    neck[is_above] = np.broadcast_to(columns[None], neck.shape)[is_above]
    return neck
