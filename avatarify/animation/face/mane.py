"""What of a person is long hair, by its colours: it hangs in other light than hair above the face.

Its colours are those beside the temples, dark and bright ones apart, and those above the forehead.
A neck in the shadow of its head is none, though it may look like dark hair of its hue.
"""

import numpy as np
from numpy.typing import NDArray

from avatarify.animation.face.head_colours import OPAQUE, HeadColours, distances, in_lab

Pixels = NDArray[np.uint8]

_PARTS = 3
"""Hair beside the temples is told by its dark, middle and bright third."""

UNLIKE_SKIN = 0.25
"""What is more like skin than this is no hair."""

_NEAR = 30.0
"""Colours farther from all of the hair are none of it."""

_CLEARLY = 0.6
"""Hair is so much nearer to hair than to skin, at most."""

_SAME = 8.0
"""A neck whose colour is so near to that of hair is covered by hair."""


class Mane:
    """The colours of one portrait's long hair."""

    def __init__(self, colours: HeadColours, beside: tuple[Pixels, ...], neck: Pixels) -> None:
        """Collect the colours.

        Args:
            colours: Of skin, and of hair above the forehead.
            beside: RGBA (N, 4), what is seen beside the temples, one for each side.
            neck: RGBA (M, 4), what is seen below the chin.
        """
        self._colours = colours
        hair = [colours.hair]
        for seen in beside:
            is_hair = (seen[:, 3] > OPAQUE) & (colours.like_skin(seen) < UNLIKE_SKIN)
            if 2 * is_hair.sum() > len(seen):
                shades = seen[is_hair][np.argsort(seen[is_hair, :3].sum(axis=1))]
                hair += [np.median(in_lab(part), axis=0) for part in np.array_split(shades, _PARTS)]
        self._hair = np.stack(hair)
        neck = neck[neck[:, 3] > OPAQUE]
        is_bare = distances(neck, self._hair).min(axis=0, initial=np.inf) > _SAME
        self._neck = in_lab(neck[is_bare])

    def is_hair(self, seen: Pixels) -> NDArray[np.bool_]:
        """Return (...), whether colours (..., C), RGB first, are those of long hair."""
        to_hair = distances(seen, self._hair).min(axis=0)
        to_skin = distances(seen, self._colours.skin[None])[0]
        to_neck = distances(seen, self._neck).min(axis=0, initial=np.inf)
        nearer: NDArray[np.bool_] = to_hair < np.minimum(
            np.minimum(_CLEARLY * to_skin, to_neck), _NEAR
        )
        return nearer & self._colours.differ
