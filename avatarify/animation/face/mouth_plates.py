"""The two textures of a mouth, and where they hang: drawn teeth, and a picture's own over them."""

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from avatarify.animation.face.face_picture import FacePicture
from avatarify.animation.face.mouth_colours import Colour, MouthColours, mouth_colours
from avatarify.animation.face.mouth_light import calm_width
from avatarify.animation.face.mouth_own import OwnMouth, TeethEdges, own_mouth
from avatarify.animation.face.mouth_teeth import PlateGrid, lower_plates, upper_plate
from avatarify.frames import Image
from avatarify.geometry.mouth_arch import (
    Arch,
    arch_unit,
    lower_arch,
    opening_width,
    upper_arch,
    view_arch,
)

Points = NDArray[np.floating]
Map = NDArray[np.float32]

_UPPER_SPAN = (0.33, -0.20, 0.035)
_LOWER_SPAN = (0.33, -0.32, 0.16)

_SHARPNESS = 2.0
"""Texels of a plate per pixel of the portrait."""

_FEWEST, _MOST = 80.0, 700.0
"""Texels per unit, however small or large the portrait is."""


_IN_THE_DARK = 0.7
"""Light on the tongue, over that on the teeth, while lips are hardly apart."""


class Plate(NamedTuple):
    """An arch with its texture."""

    arch: Arch
    """Where it is in the portrait."""
    grid: PlateGrid
    texels: Image
    """RGBA (h, w, 4), colours times alpha."""

    def seen(self, arch: Arch, x: Points, y: Points) -> NDArray[np.uint8]:
        """Return RGBA (4, h, w), what is seen of the plate at x (w,) and y (h, 1).

        Args:
            arch: Where the arch is now.
            x: Places in the picture.
            y: The same.
        """
        u, v = view_arch(arch).find(x, y)
        density = np.float32(self.grid.density)
        u = (u - np.float32(self.grid.left)) * density - np.float32(0.5)
        v = (v - np.float32(self.grid.top)) * density - np.float32(0.5)
        seen = cv2.remap(self.texels, u, v, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
        return np.stack(cv2.split(seen))


class MouthPlates(NamedTuple):
    """All that a mouth shows but its shadows."""

    upper: Plate
    lower: Plate
    """While lips are hardly apart: the tongue lies in the dark."""
    lower_lit: Image
    """(h, w, 4), its texels in a mouth that is wide open, where light falls on the tongue."""
    colours: MouthColours
    """In full light."""
    exposure: Colour
    """How much of each colour is left under the light that both plates are painted for, 0 to 1."""
    is_open: bool
    """Whether the portrait shows the inside of its mouth itself."""

    def lower_at(self, wide: float) -> Plate:
        """Return the lower plate in a mouth that is wide open by `wide`, 0 to 1."""
        if wide <= 0.0:
            return self.lower
        if wide >= 1.0:
            return self.lower._replace(texels=self.lower_lit)
        mixed = cv2.addWeighted(self.lower.texels, 1.0 - wide, self.lower_lit, wide, 0.0)
        return self.lower._replace(texels=mixed.astype(np.uint8, copy=False))


def mouth_plates(portrait: FacePicture, blur: float, further: FacePicture | None) -> MouthPlates:
    """Draw the teeth of a portrait, or take those that it or a further picture shows.

    Args:
        portrait: The portrait.
        blur: How blurred it is: a sigma in distances of the outer eye corners.
        further: A picture of the same person that shows teeth.
    """
    colours = mouth_colours(*portrait)
    density = float(np.clip(_SHARPNESS * arch_unit(portrait.landmarks), _FEWEST, _MOST))
    grids = (PlateGrid.spanning(*_UPPER_SPAN, density), PlateGrid.spanning(*_LOWER_SPAN, density))
    width = opening_width(portrait.landmarks)
    own = own_mouth(*portrait, colours, grids, width / calm_width(width))
    seen = (_further(further, portrait, colours, grids) if further else None) or own
    if seen and seen.teeth is not None:
        colours = colours._replace(teeth=seen.teeth)
    edges = own.edges if own else TeethEdges()
    upper = upper_arch(portrait.landmarks, edges.upper)
    lower = lower_arch(portrait.landmarks, upper, edges.lower)
    exposure = seen.exposure if seen else np.ones(3, np.float32)
    lit = MouthColours(*(colour * exposure for colour in colours))
    own_lower = own.lower * np.append(exposure / own.exposure, 1.0) if own else None
    upper_texels = _joined(upper_plate(grids[0], lit), blur * density, seen and seen.upper)
    lower_texels, lower_lit = (
        _joined(drawn, blur * density, own_lower)
        for drawn in lower_plates(grids[1], lit, (_IN_THE_DARK, 1.0))
    )
    return MouthPlates(
        Plate(upper, grids[0], upper_texels),
        Plate(lower, grids[1], lower_texels),
        lower_lit,
        colours,
        exposure,
        own is not None,
    )


def _further(
    further: FacePicture,
    portrait: FacePicture,
    colours: MouthColours,
    grids: tuple[PlateGrid, PlateGrid],
) -> OwnMouth | None:
    """Return the teeth that a further picture shows, in the light of the portrait."""
    theirs = mouth_colours(*further)
    widening = opening_width(further.landmarks) / calm_width(opening_width(portrait.landmarks))
    own = own_mouth(*further, theirs, grids, widening)
    if own is None or own.teeth is None:
        return None
    gain = np.clip(colours.skin / np.maximum(theirs.skin, 1.0), 0.3, 3.0).astype(np.float32)
    upper = own.upper * np.append(gain, 1.0).astype(np.float32)
    return own._replace(upper=upper, teeth=own.teeth * gain)


def _joined(drawn: Map, sigma: float, own: Map | None) -> Image:
    """Blur a drawn plate as the portrait is blurred, and lay the picture's own over it."""
    if sigma > 0.3:
        drawn = cv2.GaussianBlur(drawn, (0, 0), sigma).astype(np.float32)
    if own is not None:
        drawn = own + (1.0 - own[..., 3:] / 255.0) * drawn
    return np.clip(np.round(drawn), 0, 255).astype(np.uint8)
