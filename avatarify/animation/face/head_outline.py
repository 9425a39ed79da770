"""Where a head ends in its portrait: at the edge of its hair, and below at the jaw.

Inside of this outline the portrait shows the head's front, which turns in space. What lies outside
of it, and behind it, stands still when a head turns on its neck: the edge of the hair, because a
skull is round, and neck and shoulders.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from avatarify.animation.face.hair_locks import HairLock, hair_locks
from avatarify.animation.face.head_colours import OPAQUE, HeadColours, head_colours
from avatarify.animation.face.head_rays import BETWEEN, SIZES, first_without, rays
from avatarify.animation.face.jaw_edge import SIZES as JAW_SIZES
from avatarify.animation.face.jaw_edge import jaw_edge
from avatarify.animation.face.long_hair import long_hair
from avatarify.geometry.face_mesh import OVAL

Points = NDArray[np.floating]
Flags = NDArray[np.bool_]
Pixels = NDArray[np.uint8]

_HAIR_ENDS = 0.955
"""Where the front of a head ends, in distances of the edge of its hair: what is outside is soft."""

_EAR_ENDS = 1.03
"""The same at an ear, of which nothing may stay behind."""

_RIM = 0.04
"""So near to their ends rays meet person and room at once."""

_FARTHEST_LOBE = 1.4
"""Skin that ends farther out than this below an ear is the neck's."""

_BESIDE_CHIN = 1.04
"""A beard is looked for from here on, in sizes of the face's outline."""

_JAW_RAYS = (9, 27)
"""Points of the outline between which the jaw's edge is looked for."""

_JAW = (0.0,) * 10 + (0.35, 0.75) + (1.0,) * 7
"""How much points of the outline, from the forehead's middle to the chin, belong to the jaw."""

_ABOVE = 4
"""So many points of the outline on each side of the forehead's middle have hair above them."""

_CHIN_SIZES = np.linspace(0.86, 0.97, 8)
"""Where a beard is looked for inside of the face's outline."""

_LONGEST_BEARD = 1.4
_BEARD_MARGIN = 0.05

_BEARDED = slice(16, 21)
"""Points of the outline below a mouth: where there is hair, hair beside the jaw may be a beard."""


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
    seen = rays(oval[:, :2], center[:2], person, margin, SIZES)
    chin = rays(oval[:, :2], center[:2], person, margin, _CHIN_SIZES)
    is_person = seen[..., 3] >= 128
    edge = first_without(is_person)
    colours = _colours(person, seen, edge, landmarks + margin)
    jaw = np.array([*_JAW, *_JAW[-2:0:-1]])
    is_hair = is_person & colours.is_hair(seen[..., :3])
    own_edge = _own_edge(oval[:, :2], center[:2], person, margin)
    chin_hair = colours.is_hair(chin)[::BETWEEN].mean(axis=1)
    is_bearded = float(chin_hair[_BEARDED].mean()) > 0.5
    nowhere = np.full_like(own_edge, np.inf)
    down = oval[:, 1] - center[1]
    hair = long_hair(seen, edge, nowhere if is_bearded else own_edge, down, colours)
    bare = _ends_in_skin(colours.may_be_skin(seen[..., :3]) & ~hair.unlike_skin, edge)
    widest = _widest(edge)
    is_lobe = bare & (widest < _FARTHEST_LOBE) & (jaw < 0.5)
    jaw[hair.behind_ear & ~is_lobe] = 1.0
    jaw_alone = jaw.copy()
    jaw[hair.hangs] = 0.0
    ends = np.where(hair.hangs, hair.ends, edge[::BETWEEN])
    ends = _smooth(np.where(jaw > 0.5, 1.1, ends))
    reach = np.where(bare & ~hair.hangs, _EAR_ENDS * widest, _HAIR_ENDS * ends)
    below = _beard(is_hair, chin_hair, own_edge)
    front = (1.0 - jaw) * np.maximum(reach, 1.01) + jaw * below
    hides = np.minimum(front, (1.0 - jaw_alone) * reach + jaw_alone * below)
    edge = np.maximum(ends, np.maximum(front, 1.01))
    skin = jaw_alone * (below == own_edge)
    at = center[:2] + (oval[:, :2] - center[:2]) * front[:, None]
    locks = hair_locks(at, hair.hangs | _before(hair.behind_ear, front), person, margin, hair.mane)
    return HeadOutline(center, front, edge, jaw, hides, skin, locks)


def _own_edge(oval: Points, center: Points, person: Pixels, margin: int) -> Points:
    """Return (36,), where the skin of the jaw ends; 1 where there is none."""
    seen = rays(oval, center, person, margin, JAW_SIZES)
    first, last = _JAW_RAYS
    ends = np.ones(len(oval))
    edge = jaw_edge(seen[BETWEEN * first : BETWEEN * last + 1])
    ends[first : last + 1] = edge[::BETWEEN]
    return ends


def _at_ends(edge: Points) -> NDArray[np.intp]:
    """Return (R,), the samples of rays a little inside of their ends."""
    inside = np.minimum(1.0 + 0.9 * (edge - 1.0), edge - _RIM)
    return np.searchsorted(SIZES, inside).clip(0, len(SIZES) - 1)


def _colours(person: Pixels, seen: Pixels, edge: Points, points: Points) -> HeadColours:
    ends = seen[np.arange(len(edge)), _at_ends(edge)]
    count = _ABOVE * BETWEEN
    above = np.concatenate([ends[: count + 1], ends[-count:]])
    return head_colours(person, points, above[above[:, 3] > OPAQUE][:, :3])


def _ends_in_skin(is_skin: Flags, edge: Points) -> Flags:
    """Return (36,), whether rays end in skin: at an ear, or a bald head."""
    ends: Flags = np.take_along_axis(is_skin, _at_ends(edge)[:, None], axis=1)[:, 0].copy()
    count = _ABOVE * BETWEEN
    ends[: count + 1] = ends[-count:] = False
    near = np.stack([np.roll(ends, shift) for shift in range(-BETWEEN, BETWEEN + 1)])
    return np.asarray(near.any(axis=0))[::BETWEEN]


def _widest(edge: Points) -> Points:
    """Return (36,), the farthest end of the rays around each point of the outline."""
    near = np.stack([np.roll(edge, shift) for shift in range(-BETWEEN + 1, BETWEEN)])
    widest: Points = near.max(axis=0)[::BETWEEN]
    return widest


def _beard(is_hair: Flags, chin_hair: Points, jaw: Points) -> Points:
    """Return (36,), where hair that begins on the chin ends, and elsewhere the jaw (36,).

    A neck in the shadow of its head can have the colour of hair; the chin above it has not.
    """
    hair = is_hair[::BETWEEN]
    ends = first_without(hair | (SIZES < _BESIDE_CHIN)) + _BEARD_MARGIN
    is_beard = (chin_hair > 0.5) & (ends < _LONGEST_BEARD)
    ends = np.where(is_beard, np.maximum(ends, jaw), jaw)
    wide = _smooth(np.stack([np.roll(ends, shift) for shift in (-1, 0, 1)]).max(axis=0))
    is_near = np.stack([np.roll(is_beard, shift) for shift in range(-2, 3)]).any(axis=0)
    return np.where(is_near, np.maximum(wide, jaw), jaw)


def _before(behind_ear: Flags, front: Points) -> Flags:
    """Return (36,), where hair begins behind an ear, but the front reaches beyond that ear."""
    higher = _above(np.where(behind_ear, 0.0, front)) > _FARTHEST_LOBE
    half = len(front) // 2
    before = behind_ear.copy()
    for side in (slice(0, half), slice(half, None)):
        before[side] &= (behind_ear & higher)[side].any()
    return before


def _above(values: Points) -> Points:
    """Return (36,), for each point of the outline what there is at the next higher one."""
    number = np.arange(len(values))
    higher = np.where(2 * number > len(values), number + 1, number - 1) % len(values)
    above: Points = values[higher]
    return above


def _smooth(values: Points) -> Points:
    """Take single rays out of a ring, and soften what is left."""
    around = np.stack([np.roll(values, shift) for shift in (-1, 0, 1)])
    middle = np.median(around, axis=0)
    return 0.25 * np.roll(middle, 1) + 0.5 * middle + 0.25 * np.roll(middle, -1)
