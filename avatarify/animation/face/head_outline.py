"""Where a head ends in its portrait: at the edge of its hair, and below at the jaw.

Inside of this outline the portrait shows the head's front, which turns in space. What lies outside
of it, and behind it, stands still when a head turns on its neck: the edge of the hair, because a
skull is round, and neck and shoulders.
"""

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from avatarify.animation.face.hair_locks import HairLock, hair_locks
from avatarify.animation.face.head_colours import OPAQUE, HeadColours, head_colours
from avatarify.animation.face.jaw_edge import SIZES as JAW_SIZES
from avatarify.animation.face.jaw_edge import jaw_edge
from avatarify.animation.face.mane import UNLIKE_SKIN, Mane
from avatarify.geometry.face_mesh import OVAL

Points = NDArray[np.floating]
Flags = NDArray[np.bool_]
Pixels = NDArray[np.uint8]

_FARTHEST = 2.2
"""Hair is followed outwards up to here, in sizes of the face's outline."""

_SIZES = np.linspace(1.0, _FARTHEST, 121)

_BETWEEN = 4
"""Rays for each point of the face's outline: ears fit between two points."""

_HAIR_ENDS = 0.955
"""Where the front of a head ends, in distances of the edge of its hair: what is outside is soft."""

_EAR_ENDS = 1.03
"""The same at an ear, of which nothing may stay behind."""

_BESIDE_CHIN = 1.04
"""A beard is looked for from here on, in sizes of the face's outline."""

_JAW_RAYS = (9, 27)
"""Points of the outline between which the jaw's edge is looked for."""

_JAW = (0.0,) * 10 + (0.35, 0.75) + (1.0,) * 7
"""How much points of the outline, from the forehead's middle to the chin, belong to the jaw."""

_ABOVE = 4
"""So many points of the outline on each side of the forehead's middle have hair above them."""

_LONG_HAIR = (10, 11, 12, 13)
"""Points of the outline beside which long hair is looked for, from the ear's lobe down: where there
is none at one, there is none at the next."""

_BEGINS, _WIDTH = 0.08, 0.08
"""It begins so near to the jaw, and is so wide at least, in sizes of the face's outline."""

_MOSTLY = 0.7
"""So much of that is hair."""

_SIDES, _DEPTHS = (6, 9), (0.5, 0.65, 0.8)
"""Points of the outline between which hair is if it is long, and where: from the outline to the end
of the hair."""

_THROAT, _BELOW_CHIN = (16, 20), 1.08
"""Points of the outline between which there is the neck, and in which size of it."""

_CHIN_SIZES = np.linspace(0.86, 0.97, 8)
"""Where a beard is looked for inside of the face's outline."""

_LONGEST_BEARD = 1.4
_BEARD_MARGIN = 0.05

_LONGEST_HAIR = 1.5
"""Long hair belongs to the front up to here, in sizes of the face's outline."""



class HeadOutline(NamedTuple):
    """One ray through each point of the face's outline, `OVAL`; distances are in sizes of it."""

    center: Points
    """(3,), of the face's outline, in pixels."""
    front: Points
    """(36,), where the front of the head ends."""
    edge: Points
    """(36,), where hair ends, at least `front`."""
    jaw: Points
    """(36,), 0 to 1: how much a ray belongs to the jaw, below which there is the neck."""
    hides: Points
    """(36,), up to where the front hides what is behind the head: hair that hangs below the jaw
    hangs behind it too."""
    neck: Points
    """(36,), 0 to 1: how much the front's edge there is one of skin before the neck."""
    locks: tuple[HairLock, ...]
    """Long hair that hangs beside the jaw."""

    def at(self, oval: Points, sizes: Points) -> Points:
        """Return (36, 2), the points of the rays at these sizes of the face's outline."""
        points: Points = self.center[:2] + (oval[:, :2] - self.center[:2]) * sizes[:, None]
        return points


def head_outline(landmarks: Points, person: Pixels, margin: int = 0) -> HeadOutline:
    """Follow rays from the middle of the face to where the head ends.

    Args:
        landmarks: (478, 3), the portrait's, in pixels.
        person: RGBA (H, W, 4), what the person adds to the backdrop, and its matte.
        margin: Added to landmarks, x and y: their place in `person`.
    """
    oval = landmarks[list(OVAL)].astype(np.float64)
    center = oval.mean(axis=0)
    seen = _rays(oval[:, :2], center[:2], person, margin, _SIZES)
    chin = _rays(oval[:, :2], center[:2], person, margin, _CHIN_SIZES)
    is_person = seen[..., 3] >= 128
    edge = _first_without(is_person)
    colours = _colours(person, seen, edge, landmarks + margin)
    jaw = np.array([*_JAW, *_JAW[-2:0:-1]])
    is_hair = is_person & colours.is_hair(seen[..., :3])
    own_edge = _own_edge(oval[:, :2], center[:2], person, margin)
    mane = _mane(seen, edge, colours)
    is_mane = is_person & mane.is_hair(seen)
    is_unlike = is_mane & (colours.like_skin(seen) < UNLIKE_SKIN)
    bare = _ends_in_skin(colours.may_be_skin(seen[..., :3]) & ~is_unlike, edge)
    chin_hair = colours.is_hair(chin)
    beside, hangs = _long_hair(is_mane & ~_is_bearded(chin_hair), own_edge, bare)
    hair_edge = np.where(hangs, np.minimum(beside, _longest(oval[:, 1] - center[1])), 0.0)
    jaw[(beside > 0) & ~hangs] = 1.0  # hair behind an ear
    jaw_alone = jaw.copy()
    jaw[hangs] = 0.0
    ends = np.where(hangs, hair_edge, edge[::_BETWEEN])
    ends = _smooth(np.where(jaw > 0.5, 1.1, ends))
    bare &= ~hangs
    widest = _widest(edge)
    reach = np.where(bare, _EAR_ENDS * widest, _HAIR_ENDS * ends)
    below = _beard(is_hair, chin_hair, own_edge)
    front = (1.0 - jaw) * np.maximum(reach, 1.01) + jaw * below
    hides = np.minimum(front, (1.0 - jaw_alone) * reach + jaw_alone * below)
    edge = np.maximum(ends, np.maximum(front, 1.01))
    skin = jaw_alone * (below == own_edge)
    at = center[:2] + (oval[:, :2] - center[:2]) * front[:, None]
    locks = hair_locks(at, hangs, person, margin, mane)
    return HeadOutline(center, front, edge, jaw, hides, skin, locks)


def _rays(oval: Points, center: Points, person: Pixels, margin: int, sizes: Points) -> Pixels:
    """Return (36 · 4, S, 4), what rays from the middle meet at S sizes of the face's outline."""
    parts = np.arange(_BETWEEN)[None, :, None] / _BETWEEN
    between = oval[:, None] + parts * (np.roll(oval, -1, axis=0) - oval)[:, None]
    ways = between.reshape(-1, 1, 2) - center
    places = (center + ways * sizes[None, :, None] + margin - 0.5).astype(np.float32)
    seen = cv2.remap(person, places, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
    return np.asarray(seen, np.uint8)


def _own_edge(oval: Points, center: Points, person: Pixels, margin: int) -> Points:
    """Return (36,), where the skin of the jaw ends; 1 where there is none."""
    seen = _rays(oval, center, person, margin, JAW_SIZES)
    first, last = _JAW_RAYS
    ends = np.ones(len(oval))
    edge = jaw_edge(seen[_BETWEEN * first : _BETWEEN * last + 1])
    ends[first : last + 1] = edge[::_BETWEEN]
    return ends


def _first_without(is_there: Flags) -> Points:
    """Return (R,), where rays (R, S) first meet nothing."""
    missing = np.concatenate([~is_there, np.ones((len(is_there), 1), np.bool_)], axis=1)
    sizes: Points = np.append(_SIZES, _FARTHEST)[missing.argmax(axis=1)]
    return sizes


def _at_ends(edge: Points) -> NDArray[np.intp]:
    """Return (R,), the samples of rays a little inside of their ends."""
    return np.searchsorted(_SIZES, 1.0 + 0.9 * (edge - 1.0)).clip(0, len(_SIZES) - 1)


def _colours(person: Pixels, seen: Pixels, edge: Points, points: Points) -> HeadColours:
    ends = seen[np.arange(len(edge)), _at_ends(edge)]
    count = _ABOVE * _BETWEEN
    above = np.concatenate([ends[: count + 1], ends[-count:]])
    return head_colours(person, points, above[above[:, 3] > OPAQUE][:, :3])


def _ends_in_skin(is_skin: Flags, edge: Points) -> Flags:
    """Return (36,), whether rays end in skin: at an ear, or a bald head."""
    ends: Flags = np.take_along_axis(is_skin, _at_ends(edge)[:, None], axis=1)[:, 0].copy()
    count = _ABOVE * _BETWEEN
    ends[: count + 1] = ends[-count:] = False
    near = np.stack([np.roll(ends, shift) for shift in range(-_BETWEEN, _BETWEEN + 1)])
    return np.asarray(near.any(axis=0))[::_BETWEEN]


def _widest(edge: Points) -> Points:
    """Return (36,), the farthest end of the rays around each point of the outline."""
    near = np.stack([np.roll(edge, shift) for shift in range(-_BETWEEN + 1, _BETWEEN)])
    widest: Points = near.max(axis=0)[::_BETWEEN]
    return widest


def _mane(seen: Pixels, edge: Points, colours: HeadColours) -> Mane:
    def at(rays: NDArray[np.intp], sizes: Points) -> Pixels:
        return seen[rays[:, None], np.searchsorted(_SIZES, sizes)].reshape(-1, 4)

    beside = []
    for side in (1, -1):
        rays = side * np.arange(_BETWEEN * _SIDES[0], _BETWEEN * _SIDES[1] + 1)
        beside.append(at(rays, 1.0 + np.array(_DEPTHS) * (edge[rays] - 1.0)[:, None]))
    neck = at(np.arange(_BETWEEN * _THROAT[0], _BETWEEN * _THROAT[1] + 1), np.array([_BELOW_CHIN]))
    return Mane(colours, tuple(beside), neck)


def _is_bearded(chin_hair: Flags) -> bool:
    """Whether hair beside the jaw may be a beard: what the chin (36 · 4, S) shows is hair."""
    middle = slice(_BETWEEN * _THROAT[0], _BETWEEN * _THROAT[1] + 1)
    return float(chin_hair[middle].mean()) > 0.5


def _long_hair(is_hair: Flags, jaw: Points, bare: Flags) -> tuple[Points, Flags]:
    """Return (36,), where hair beside the jaw ends, 0 where there is none, and whether it hangs.

    Args:
        is_hair: (36 · 4, S), what rays meet.
        jaw: (36,), where the jaw ends.
        bare: (36,), whether rays end in skin: hair behind an ear does not hang before the neck.
    """
    share = _share_from(is_hair[::_BETWEEN])
    is_near = (jaw[:, None] - 0.01 < _SIZES) & (jaw[:, None] + _BEGINS > _SIZES)
    begins = is_near & (share > _MOSTLY)
    is_long = begins.any(axis=1)
    first = _SIZES[begins.argmax(axis=1)]
    ends = _first_without((share > 1.0 - _MOSTLY) | (first[:, None] > _SIZES))
    hangs = np.zeros(len(share), np.bool_)
    is_low = np.zeros(len(share), np.bool_)
    for side in (np.array(_LONG_HAIR), -np.array(_LONG_HAIR)):
        hangs[side] = np.logical_and.accumulate(is_long[side] & ~bare[side[0] - np.sign(side[0])])
        is_low[side] = True
    return np.where(is_long & is_low, ends, 0.0), hangs


def _longest(down: Points) -> Points:
    """Return (36,), in which sizes of the outline rays reach as low as the next one meets the jaw.

    Args:
        down: (36,), how far below the middle of the face its outline lies, in pixels.
    """
    following = np.maximum(np.roll(down, -1), np.roll(down, 1))
    longest: Points = np.clip(following / np.maximum(down, 1.0), 1.05, _LONGEST_HAIR)
    return longest


def _share_from(is_there: Flags) -> Points:
    """Return (R, S), how much of the next `_WIDTH` of rays (R, S) is there."""
    count = round(_WIDTH / (_SIZES[1] - _SIZES[0]))
    sums = np.cumsum(np.pad(is_there, ((0, 0), (1, count - 1))), axis=1, dtype=np.float64)
    share: Points = (sums[:, count:] - sums[:, :-count]) / count
    return share


def _beard(is_hair: Flags, is_chin_hair: Flags, jaw: Points) -> Points:
    """Return (36,), where hair that begins on the chin ends, and elsewhere the jaw (36,).

    A neck in the shadow of its head can have the colour of hair; the chin above it has not.
    """
    hair = is_hair[::_BETWEEN]
    ends = _first_without(hair | (_SIZES < _BESIDE_CHIN)) + _BEARD_MARGIN
    is_beard = (is_chin_hair[::_BETWEEN].mean(axis=1) > 0.5) & (ends < _LONGEST_BEARD)
    ends = np.where(is_beard, np.maximum(ends, jaw), jaw)
    wide = _smooth(np.stack([np.roll(ends, shift) for shift in (-1, 0, 1)]).max(axis=0))
    is_near = np.stack([np.roll(is_beard, shift) for shift in range(-2, 3)]).any(axis=0)
    return np.where(is_near, np.maximum(wide, jaw), jaw)


def _smooth(values: Points) -> Points:
    """Take single rays out of a ring, and soften what is left."""
    around = np.stack([np.roll(values, shift) for shift in (-1, 0, 1)])
    middle = np.median(around, axis=0)
    return 0.25 * np.roll(middle, 1) + 0.5 * middle + 0.25 * np.roll(middle, -1)
