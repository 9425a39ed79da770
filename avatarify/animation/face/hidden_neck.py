"""The neck behind a jaw: it goes on as below it, and becomes the jaw's underside."""

import cv2
import numpy as np
from numpy.typing import NDArray

from avatarify.animation.face.head_colours import OPAQUE, HeadColours

Pixels = NDArray[np.uint8]
Floats = NDArray[np.float32]
Flags = NDArray[np.bool_]

_COLUMNS = (4.0, 12.0, 40.0)
"""Sigmas over which columns of the neck share their colours, in pixels; a wider one counts where
narrower ones know next to nothing."""

_WIDER, _UNTRUSTED = 1e-3, 1e-9
"""So much less a wider one counts, and a column that is of something else."""

_BELOW = 2
"""The neck is looked at this far below the jaw, in pixels."""

_ACROSS = 4
"""Hair that hangs down is the same this far above and below the jaw's edge, in pixels."""

_FARTHER = 0.75
"""Hair that hangs down, and is not known for hair, differs so much less farther above the edge."""

_LEAST_LIKE = 0.15
"""Columns less like skin, hair or what is above them than this are of something else."""

_CHIN = 0.8
"""Where a jaw ends so far down, from the lobes of the ears to the chin's end, there is a neck below
it, in however deep a shadow."""

_UNDERSIDE, _JAW, _SHADE = 0.12, 0.1, 0.75
"""Over the first height above the jaw's edge, in heights of the face, the neck becomes the jaw's
underside. Its colour is that of the skin the second height above the edge, in so much of the light.
"""

_STRAND = 2.5
"""Sigma of a blur in which strands of hair are one, in pixels."""


def raised_neck(
    person: Pixels,
    front: Flags,
    colours: HeadColours,
    lobes: float,
    has_hair: Flags,
    *,
    face_height: float,
) -> Floats:
    """Return (h, w, 4), RGBA: each column goes on upwards as it is below the jaw.

    Where the jaw is bare it becomes the jaw's underside there. Columns beside the chin that are not
    skin, nor of hair that hangs, nor go on across the jaw beside such hair, are those of a collar,
    and take after others.

    Args:
        person: RGBA (h, w, 4).
        front: (h, w), where the head's front is.
        colours: Of skin and hair.
        lobes: Columns in which the front ends above this row have nothing below it.
        has_hair: (w,), where hair beside the face hangs.
        face_height: In pixels.
    """
    tall, width = front.shape
    last = np.where(front.any(axis=0), tall - 1 - front[::-1].argmax(axis=0), -1)
    column = np.arange(width)
    found = person[np.minimum(last + _BELOW, tall - 1), column]
    soft = cv2.GaussianBlur(person, (0, 0), _STRAND)
    outside = soft[np.minimum(last + _ACROSS, tall - 1), column]
    inside = soft[np.maximum(last - _ACROSS, 0), column]
    jaw = soft[np.maximum(last - round(_JAW * face_height), 0), column]
    of_hair = np.maximum(colours.like_hair(found), colours.alike(outside, inside))
    goes_on = np.maximum(colours.alike(outside, jaw, _FARTHER), np.where(has_hair, of_hair, 0.0))
    likeness = np.maximum(colours.like_skin(found), goes_on)
    is_under_chin = last > lobes + _CHIN * (last.max() - lobes)
    columns = found.astype(np.float32)
    columns[last < lobes] = 0.0
    is_trusted = (columns[:, 3] > OPAQUE) & ((likeness > _LEAST_LIKE) | is_under_chin)
    columns = _shared(columns, is_trusted)
    neck = person.astype(np.float32)
    above = (last + _BELOW)[None] - np.arange(tall)[:, None]
    share = np.clip(above / max(_UNDERSIDE * face_height, 1.0), 0.0, 1.0)[..., None]
    raised = columns + share * (_underside(jaw, colours.like_skin(jaw), columns) - columns)
    neck[above > 0] = raised[above > 0]
    return neck


def _shared(columns: Floats, is_trusted: Flags) -> Floats:
    """Return (w, 4), RGBA, columns with the colours of those near them that are trusted."""
    trust = np.where(is_trusted, 1.0, _UNTRUSTED)
    weighed = np.append(columns[:, :3], np.ones((len(columns), 1)), axis=1) * trust[:, None]
    shared = sum(
        _WIDER**number * cv2.GaussianBlur(weighed[None], (0, 0), sigma)[0]
        for number, sigma in enumerate(_COLUMNS)
    )
    alpha = cv2.GaussianBlur(columns[None, :, 3], (0, 0), 1.0)[0]
    return np.column_stack([shared[:, :3] / shared[:, 3:], alpha]).astype(np.float32)


def _underside(jaw: Pixels, is_bare: Floats, neck: Floats) -> Floats:
    """Return (w, 4), RGBA, the underside of a jaw, and the neck where the jaw is not bare.

    Args:
        jaw: RGBA (w, 4), what it is above.
        is_bare: (w,), 0 to 1.
        neck: RGBA (w, 4), below it.
    """
    lit = np.append(jaw[:, :3].astype(np.float32), np.ones((len(jaw), 1), np.float32), axis=1)
    shared = cv2.GaussianBlur((lit * is_bare[:, None])[None], (0, 0), _COLUMNS[1])[0]
    skin = _SHADE * shared[:, :3] / np.maximum(shared[:, 3:], np.float32(1e-6))
    under = neck.copy()
    under[:, :3] += shared[:, 3:] * (skin - neck[:, :3])
    return under
