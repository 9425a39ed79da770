"""What a head hides when it looks at the viewer: the back of its hair, and the neck behind its jaw.

A head that turns uncovers both. Hair goes on as beside the face, without the ears in it, and the
neck as below the jaw. Made once for a portrait.
"""

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from avatarify.animation.face.head_colours import OPAQUE, head_colours
from avatarify.animation.face.hidden_hair import spread_hair
from avatarify.animation.face.hidden_neck import raised_neck
from avatarify.geometry.face_mesh import CHIN, FOREHEAD, OVAL
from avatarify.geometry.nearest_known import nearest_known

Points = NDArray[np.floating]
Pixels = NDArray[np.uint8]
Floats = NDArray[np.float32]

_SIDE = 288
"""Longer side in pixels of the picture in which colours are looked for."""

_REACH = 0.3
"""So much around the front is kept too, in sizes of it: a front with gaps may come to lie there."""

_SPECK = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (7, 7))
"""Smaller holes in a matte are none."""

_SEAM = 1.0
"""Sigma of the blur between what is filled in and what the portrait shows, in pixels."""

_FACE = 1.03
"""Beside the face means outside of its outline, enlarged by this."""

_NAPE = 0.12
"""Height over which hair gives way to the neck, in heights of the face."""

_BESIDE = 0.04
"""What is narrower beside a face is neither its hair nor an ear, in heights of the face."""

_SHORT = 0.08
"""What is so low beside a face is neither of them, likewise."""

_NEAR_LOBES = 0.08
"""Hair that ends so little above the lobes of the ears, or farther down, hangs beside the neck; in
heights of the face."""

_BROWS = (105, 334)
"""Above them a head has no ears."""

_LOBES = (361, 132)
"""Beside the lobes of the ears: the hair ends about here."""


class BackOfHead(NamedTuple):
    """A portrait's person without the head's front, around the head."""

    person: Pixels
    """RGBA (H, W, 4), what it adds to the backdrop, and its matte."""
    corner: tuple[int, int]
    """Where it begins in the puppet's person, (x, y) in pixels."""


def back_of_head(person: Pixels, outline: Points, clears: Points, landmarks: Points) -> BackOfHead:
    """Make what lies behind the front of a head.

    Args:
        person: RGBA (H, W, 4), what the person adds to the backdrop, and its matte.
        outline: (N, 2), where the head's front ends, in pixels of `person`.
        clears: (N, 2), up to where none of it may be left behind, likewise.
        landmarks: (478, 3), likewise.
    """
    height, width = person.shape[:2]
    low, high = outline.min(axis=0), outline.max(axis=0)
    reach = _REACH * float((high - low).max())
    left, top = (int(v) for v in np.clip(low - reach, 0, (width - 1, height - 1)))
    right, bottom = (int(v) + 1 for v in np.minimum(high + reach, (width, height)))
    cut = person[top : max(bottom, top + 1), left : max(right, left + 1)]
    corner = np.array([left, top])
    scale = min(1.0, _SIDE / max(cut.shape[:2]))
    size = max(8, round(cut.shape[1] * scale)), max(8, round(cut.shape[0] * scale))
    small = np.asarray(cv2.resize(cut, size, interpolation=cv2.INTER_AREA), np.uint8)
    filled = _filled(small, (clears - corner) * scale, (landmarks[:, :2] - corner) * scale)
    whole = cv2.resize(filled, (cut.shape[1], cut.shape[0]), interpolation=cv2.INTER_CUBIC)
    front, hidden = (_polygon(points - corner, cut.shape[:2]) for points in (outline, clears))
    behind = _joined(cut, np.clip(whole, 0, 255), front > 0, hidden > 0)
    return BackOfHead(behind, (left, top))


def _joined(
    person: Pixels, filled: Floats, front: NDArray[np.bool_], hidden: NDArray[np.bool_]
) -> Pixels:
    """Lay what was filled in behind a front, softly up to what the portrait shows beside it.

    The front's rim, where the portrait shows some of the room, is as what lies beside it.

    Args:
        person: RGBA (H, W, 4).
        filled: RGBA (H, W, 4), 0 to 255.
        front: (H, W), where the front is.
        hidden: (H, W), where nothing of it may be left behind.
    """
    is_opaque = (person[..., 3] > OPAQUE).astype(np.uint8)
    is_whole = np.asarray(cv2.morphologyEx(is_opaque, cv2.MORPH_CLOSE, _SPECK), np.uint8)
    is_front = front | hidden
    is_rim = is_front & (_shrunk(is_whole, 1) == 0)
    y, x = np.moveaxis(nearest_known(~is_front), 2, 0)
    beside = person[y, x]
    is_filled = hidden & ~is_rim
    share = cv2.GaussianBlur(is_filled.astype(np.float32), (0, 0), _SEAM)
    share[is_filled & (beside[..., 3] <= OPAQUE)] = 1.0
    mixed = np.asarray(beside + share[..., None] * (filled - beside), np.float32)
    mixed = np.where(is_filled[..., None], mixed, _at_most(mixed, person[..., 3]))
    behind = np.round(mixed).astype(np.uint8)
    behind[behind[..., 3] == 0] = 0
    return behind


def _filled(person: Pixels, hides: Points, points: Points) -> Floats:
    """Fill what the front hides, in a small picture.

    Args:
        person: RGBA (h, w, 4).
        hides: (N, 2), the edge of what is hidden.
        points: (478, 2), landmarks.

    Returns:
        RGBA (h, w, 4), 0 to 255.
    """
    shape = person.shape[:2]
    rows = np.arange(shape[0], dtype=np.float32)[:, None]
    center = points[list(OVAL)].mean(axis=0)
    face = _polygon(center + _FACE * (points[list(OVAL)] - center), shape) > 0
    lobes = float(points[list(_LOBES), 1].mean())
    face_height = float(points[CHIN, 1] - points[FOREHEAD, 1])
    is_beside = (person[..., 3] > OPAQUE) & ~face
    is_above = is_beside & (rows < points[list(_BROWS), 1].mean())
    top = person[is_beside & (rows < points[FOREHEAD, 1])]
    colours = head_colours(person, points, top[:, :3])
    may_be_skin = np.where(
        is_above, colours.is_skin(person[..., :3]), colours.may_be_skin(person[..., :3])
    )
    is_bare = cv2.dilate((may_be_skin & is_beside).astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    is_hair = is_beside & (rows < lobes) & ~is_bare
    hair = spread_hair(person, _without_slivers(is_hair))
    middle = float(center[0])
    ends = _ends_beside(is_beside & (rows < lobes), middle, face_height)
    hair_ends = _ends_beside(is_hair, middle, face_height)
    hangs = hair_ends > lobes - _NEAR_LOBES * face_height
    front = _polygon(hides, shape) > 0
    neck = raised_neck(person, front, colours, lobes, hangs, face_height=face_height)
    below = np.clip((rows - ends) / max(_NAPE * face_height, 1.0) + 0.5, 0.0, 1.0)[..., None]
    filled = hair + below * (neck - hair)
    filled[..., 3] = np.maximum(
        neck[..., 3] * below[..., 0], _skull(is_hair | is_above, neck, lobes)
    )
    filled[..., :3] *= filled[..., 3:] / 255.0
    return filled.astype(np.float32)


def _ends_beside(is_beside: NDArray[np.bool_], middle: float, face_height: float) -> Floats:
    """Return (w,), the row in which what is beside a face ends, on either side, and in between.

    Specks of the room farther down are none of it.

    Args:
        is_beside: (h, w), where that is.
        middle: The face's middle column.
        face_height: In pixels.
    """
    columns = np.arange(is_beside.shape[1])
    ends = []
    for side in (columns < middle, columns >= middle):
        is_wide = is_beside[:, side].sum(axis=1) > _BESIDE * face_height
        changes = np.flatnonzero(np.diff(is_wide.astype(np.int8), prepend=0, append=0))
        runs = changes.reshape(-1, 2)  # where each begins and has ended
        long = runs[np.ptp(runs, axis=1) > _SHORT * face_height]
        ends.append(float(long[-1, 1]) if len(long) else 0.0)
    share = np.clip((columns - middle) / face_height + 0.5, 0.0, 1.0)
    return (ends[0] + share * (ends[1] - ends[0])).astype(np.float32)


def _without_slivers(is_hair: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Leave out what is thin: shadows beside an ear have not the colour of hair."""
    thick = cv2.morphologyEx(is_hair.astype(np.uint8), cv2.MORPH_OPEN, _SPECK) > 0
    return np.asarray(thick if thick.any() else is_hair)


def _skull(is_head: NDArray[np.bool_], neck: Floats, lobes: float) -> Floats:
    """Return (h, w), 255 inside of the hull around the upper head and the upper end of the neck."""
    row = int(np.clip(lobes + 0.1 * len(neck), 0, len(neck) - 1))
    sides = np.flatnonzero(neck[row, :, 3] > OPAQUE)
    ends = [(int(sides[0]), row), (int(sides[-1]), row)] if len(sides) else []
    y, x = np.nonzero(is_head)
    points = np.concatenate([np.stack([x, y], 1), np.array(ends, np.int64).reshape(-1, 2)])
    skull = np.zeros(is_head.shape, np.uint8)
    if len(points) > 2:
        cv2.fillConvexPoly(skull, cv2.convexHull(points.astype(np.int32)), 255)
    return cv2.GaussianBlur(skull, (0, 0), 0.8).astype(np.float32)


def _at_most(picture: Floats, alpha: NDArray[np.uint8]) -> Floats:
    """Return RGBA (H, W, 4), 0 to 255, nowhere more of it than an alpha (H, W)."""
    own = picture[..., 3]
    part = np.minimum(own, alpha) / np.maximum(own, np.float32(1.0))
    return np.asarray(picture * part[..., None], np.float32)


def _polygon(points: Points, shape: tuple[int, ...]) -> Pixels:
    mask = np.zeros(shape[:2], np.uint8)
    cv2.fillPoly(mask, [np.round(points).astype(np.int32)], 255)
    return mask


def _shrunk(mask: Pixels, by: int) -> Pixels:
    return np.asarray(cv2.erode(mask, np.ones((2 * by + 1,) * 2, np.uint8), borderValue=0))
