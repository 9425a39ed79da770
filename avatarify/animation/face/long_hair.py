"""Whether hair begins beside a jaw: it hangs before the neck, or behind an ear."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from avatarify.animation.face.head_colours import HeadColours
from avatarify.animation.face.head_rays import BETWEEN, SIZES, first_without, share_ahead
from avatarify.animation.face.mane import UNLIKE_SKIN, Mane

Points = NDArray[np.floating]
Flags = NDArray[np.bool_]
Pixels = NDArray[np.uint8]

_BESIDE_JAW = (10, 11, 12, 13)
"""Points of the outline beside which long hair is looked for, from the ear's lobe down: where there
is none at one, there is none at the next."""

_LOBE = 9
"""The one beside the lobe of an ear."""

_BEGINS, _WIDTH = 0.08, 0.08
"""Hair begins so near to the jaw, and is so wide at least, in sizes of the face's outline."""

_MOSTLY = 0.7
"""So much of that is hair."""

_SIDES, _DEPTHS = (6, 9), (0.5, 0.65, 0.8)
"""Points of the outline between which hair is if it is long, and where: from the outline to the end
of the hair."""

_THROAT, _BELOW_CHIN = (16, 20), 1.08
"""Points of the outline between which there is the neck, and in which size of it."""

_LONGEST = 1.5
"""Long hair belongs to the head's front up to here, in sizes of the face's outline."""


class LongHair(NamedTuple):
    """What rays through the points of the outline meet beside the jaw."""

    mane: Mane
    """Its colours."""
    ends: Points
    """(36,), where hair ends that hangs there; 0 where none does."""
    behind_ear: Flags
    """(36,), whether hair begins at the jaw, but hangs behind an ear."""
    unlike_skin: Flags
    """(36 · 4, S), hair of a side where it is long, however near to skin its colour may be."""

    @property
    def hangs(self) -> Flags:
        """Return (36,), whether hair hangs before the neck."""
        hangs: Flags = self.ends > 0
        return hangs


def long_hair(
    seen: Pixels, edge: Points, jaw: Points, down: Points, colours: HeadColours
) -> LongHair:
    """Look for long hair.

    Args:
        seen: RGBA (36 · 4, S, 4), what rays meet at `SIZES`.
        edge: (36 · 4,), where the person ends on them.
        jaw: (36,), where the jaw ends.
        down: (36,), how far below the middle of the face its outline lies, in pixels.
        colours: Of skin, and of hair above the forehead.
    """
    mane = _mane(seen, edge, colours)
    is_person = seen[..., 3] >= 128
    is_mane = is_person & mane.is_hair(seen)
    share, begins = _beginning(is_mane, jaw)
    _, bare = _beginning(is_person & ~is_mane, jaw)
    is_long, is_bare = np.any(begins, axis=1), np.any(bare, axis=1)
    first = SIZES[begins.argmax(axis=1)]
    ends = first_without((share > 1.0 - _MOSTLY) | (first[:, None] > SIZES))
    ends = np.minimum(ends, _lowest(down))
    hangs, behind = np.zeros(len(jaw), np.bool_), np.zeros(len(jaw), np.bool_)
    unlike = np.zeros(is_mane.shape, np.bool_)
    for side in (1, -1):
        numbers = side * np.array(_BESIDE_JAW)
        has_ear = np.bool_(is_bare[side * _LOBE])
        hangs[numbers] = np.logical_and.accumulate(is_long[numbers]) & ~has_ear
        behind[numbers] = is_long[numbers] & has_ear
        if is_long[numbers[:2]].all():
            rows = side * np.arange(BETWEEN * _BESIDE_JAW[-1])
            unlike[rows] = is_mane[rows] & (colours.like_skin(seen[rows]) < UNLIKE_SKIN)
    return LongHair(mane, np.where(hangs, ends, 0.0), behind, unlike)


def _beginning(is_there: Flags, jaw: Points) -> tuple[Points, Flags]:
    """Return (36, S) twice: how much ahead is there, and whether it begins there beside the jaw.

    Args:
        is_there: (36 · 4, S), on rays.
        jaw: (36,), where it ends.
    """
    share = share_ahead(is_there[::BETWEEN], _WIDTH)
    is_near = (jaw[:, None] - 0.01 < SIZES) & (jaw[:, None] + _BEGINS > SIZES)
    begins: Flags = is_near & (share > _MOSTLY)
    return share, begins


def _mane(seen: Pixels, edge: Points, colours: HeadColours) -> Mane:
    def at(numbers: NDArray[np.intp], sizes: Points) -> Pixels:
        return seen[numbers[:, None], np.searchsorted(SIZES, sizes)].reshape(-1, 4)

    beside = []
    for side in (1, -1):
        numbers = side * np.arange(BETWEEN * _SIDES[0], BETWEEN * _SIDES[1] + 1)
        beside.append(at(numbers, 1.0 + np.array(_DEPTHS) * (edge[numbers] - 1.0)[:, None]))
    throat = np.arange(BETWEEN * _THROAT[0], BETWEEN * _THROAT[1] + 1)
    return Mane(colours, tuple(beside), at(throat, np.array([_BELOW_CHIN])))


def _lowest(down: Points) -> Points:
    """Return (36,), in which sizes of the outline rays reach as low as the next one meets it.

    Args:
        down: (36,), how far below the middle of the face its outline lies, in pixels.
    """
    following = np.maximum(np.roll(down, -1), np.roll(down, 1))
    lowest: Points = np.clip(following / np.maximum(down, 1.0), 1.05, _LONGEST)
    return lowest
