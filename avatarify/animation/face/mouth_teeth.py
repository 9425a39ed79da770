"""Teeth, gums and tongue that are drawn where a portrait shows none of its own.

Each arch is painted once, flat, over its coordinates (u, v) of `geometry.mouth_arch`; what is seen
of it is decided in every frame by lips, jaw and head.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from avatarify.animation.face.mouth_colours import Colour, MouthColours
from avatarify.geometry.mouth_arch import UNIT_MM, arc_length, arch_depth

Map = NDArray[np.floating]

_OVERSAMPLED = 3
_LIGHT_REACH = 0.32
"""Depth behind the incisors at which 1/e of the light arrives."""

_ABOVE_LOWER = 0.02
"""No lower tooth reaches higher above the edges of the incisors."""

_TONGUE_WIDTH, _TONGUE_LENGTH = 0.245, 0.32
"""Half the width of the tongue, and how far it is seen behind the edges of the lower incisors."""

_TONGUE_LIT = 0.13
"""How far behind the lower incisors light falls on it."""


@dataclass(frozen=True, slots=True)
class PlateGrid:
    """The texels of a plate: which part of the arch it shows, and how finely."""

    left: float
    top: float
    width: int
    height: int
    density: float
    """Texels per unit."""

    @classmethod
    def spanning(cls, u: float, top: float, bottom: float, density: float) -> "PlateGrid":
        """Return the grid from -u to u and from top to bottom."""
        return cls(-u, top, round(2 * u * density), round((bottom - top) * density), density)

    def coordinates(self, oversampled: int = 1) -> tuple[Map, Map]:
        """Return u and v (h, w) of the texels' centres."""
        fine = self.density * oversampled
        u = self.left + (np.arange(self.width * oversampled) + 0.5) / fine
        v = self.top + (np.arange(self.height * oversampled) + 0.5) / fine
        return np.broadcast_to(u, (len(v), len(u))), np.broadcast_to(v[:, None], (len(v), len(u)))


@dataclass(frozen=True, slots=True)
class _Row:
    """Teeth from the middle outwards, in millimetres."""

    widths: tuple[float, ...]
    heights: tuple[float, ...]
    """Of a crown: drivers who laugh show 11 to 12 of the upper incisors, and no gum."""
    edges: tuple[float, ...]
    """How far a tooth stays behind the line of the central incisors."""
    points: tuple[float, ...]
    """How far its corners stay behind the middle of its edge."""
    sharpness: tuple[float, ...]
    """Power with which its edge bends towards the corners."""
    shades: tuple[float, ...]


_UPPER = _Row(
    widths=(8.6, 6.7, 7.6, 7.0, 6.8, 10.0, 10.0),
    heights=(11.8, 10.4, 11.5, 9.7, 9.0, 8.4, 7.8),
    edges=(0.0, 0.8, 0.1, 0.9, 1.3, 1.8, 2.2),
    points=(0.7, 0.9, 1.9, 1.3, 1.2, 0.8, 0.8),
    sharpness=(7.0, 4.0, 1.6, 2.0, 2.0, 3.0, 3.0),
    shades=(1.0, 0.97, 0.93, 0.93, 0.92, 0.9, 0.9),
)
_LOWER = _Row(
    widths=(5.4, 5.9, 6.8, 7.0, 7.2, 11.0, 10.5),
    heights=(8.8, 9.2, 10.2, 8.6, 8.0, 7.5, 7.0),
    edges=(0.0, 0.1, -0.2, 0.5, 0.9, 1.2, 1.6),
    points=(0.5, 0.6, 1.5, 1.2, 1.0, 0.8, 0.8),
    sharpness=(6.0, 5.0, 1.7, 2.0, 2.0, 3.0, 3.0),
    shades=(0.95, 0.96, 0.93, 0.92, 0.9, 0.9, 0.9),
)


def upper_plate(grid: PlateGrid, colours: MouthColours) -> NDArray[np.float32]:
    """Paint the upper teeth and gums: RGBA (h, w, 4), 0 to 255, colours times alpha."""
    u, v = grid.coordinates(_OVERSAMPLED)
    return _reduced(_arch(u, -v, _UPPER, colours), grid)


def lower_plates(
    grid: PlateGrid, colours: MouthColours, lights: Sequence[float]
) -> list[NDArray[np.float32]]:
    """Paint tongue, lower teeth and gums: RGBA (h, w, 4), 0 to 255, colours times alpha.

    Args:
        grid: The texels.
        colours: Of the mouth.
        lights: How much of the light on the teeth falls on the tongue, for each plate.
    """
    u, v = grid.coordinates(_OVERSAMPLED)
    above = int(np.searchsorted(v[:, 0], -_ABOVE_LOWER))
    teeth = np.zeros((*u.shape, 4), np.float32)
    teeth[above:] = _arch(u[above:], v[above:], _LOWER, colours)
    teeth[..., :3] *= 0.9
    tongue = _reduced((1 - teeth[..., 3:] / 255) * _tongue(u, v, colours.tongue), grid)
    shown = _reduced(teeth, grid)
    return [shown + tongue * np.array([light, light, light, 1.0], np.float32) for light in lights]


def _reduced(plate: Map, grid: PlateGrid) -> NDArray[np.float32]:
    size = (grid.width, grid.height)
    return cv2.resize(plate, size, interpolation=cv2.INTER_AREA).astype(np.float32)


def _arch(u: Map, root: Map, row: _Row, colours: MouthColours) -> NDArray[np.float32]:
    """Paint a row of teeth; `root` is the height above the edge line, towards the gums."""
    length = np.abs(arc_length(u)) * UNIT_MM
    ends = np.cumsum(row.widths)
    tooth = np.minimum(np.searchsorted(ends, length), len(ends) - 1)
    half = np.take(row.widths, tooth) / 2
    place = np.clip((length - np.take(ends, tooth)) / half + 1.0, -1.0, 1.0)
    rise = root * UNIT_MM - np.take(row.edges, tooth)
    bend = np.take(row.points, tooth) * np.abs(place) ** np.take(row.sharpness, tooth)
    from_edge = rise - bend
    height = np.take(row.heights, tooth) - 1.6 * place**2
    alpha = _ramp(from_edge, 0.0, 0.35)
    shade = np.take(row.shades, tooth) * _tooth_shade(place, half, from_edge, height)
    is_gum = _ramp(rise - height, -0.25, 0.35)[..., None]
    enamel = shade[..., None] * _enamel(colours.teeth, from_edge / height)
    flesh = enamel + is_gum * (colours.gums * 0.9 - enamel)
    light = np.exp(-((arch_depth(u) / _LIGHT_REACH) ** 2))[..., None]
    colour = np.clip(flesh, 0, 255) * light + (1 - light) * 0.8 * colours.cavity
    alpha = alpha * _ramp(0.33 - np.abs(u), 0.0, 0.03)
    return np.dstack([colour * alpha[..., None], 255 * alpha]).astype(np.float32)


def _tooth_shade(place: Map, half: Map, from_edge: Map, height: Map) -> Map:
    """Round teeth: darker where they meet, towards the gum, and at the translucent edge."""
    seam = (1 - np.abs(place)) * half
    meeting = 1.0 - 0.20 * np.exp(-((seam / 0.40) ** 2)) - 0.06 * np.exp(-((seam / 1.3) ** 2))
    upward = 1.0 - 0.12 * _ramp(from_edge / height, 0.45, 0.6)
    edge = 1.0 - 0.16 * np.exp(-from_edge / 1.1)
    return meeting * upward * np.minimum(edge, 1.0) * (1.02 - 0.05 * place**2)


def _enamel(teeth: Colour, rise: Map) -> Map:
    """Ivory gets warmer towards the gum."""
    warmth = np.clip(rise, 0.0, 1.0)[..., None]
    hue = teeth / max(float(teeth.max()), 1.0)
    return teeth * hue ** (0.25 * warmth)


def _tongue(u: Map, v: Map, colour: Colour) -> NDArray[np.float32]:
    """A soft mound behind the lower teeth, brightest there and falling off into the throat."""
    behind = np.maximum(-v, 0.0)
    from_rim = 1.0 - np.hypot(u / _TONGUE_WIDTH, behind / _TONGUE_LENGTH)
    alpha = _ramp(from_rim, 0.0, 0.45)
    lit = 0.25 + 0.75 * np.exp(-((behind / _TONGUE_LIT) ** 2))
    rounded = 0.6 + 0.4 * _ramp(from_rim, 0.0, 0.5)
    contact = 1.0 - 0.30 * np.exp(-((behind / 0.018) ** 2))
    furrow = np.exp(-((u / 0.02) ** 2) - (((behind - 0.10) / 0.07) ** 2))
    gleam = np.exp(-(((np.abs(u) - 0.06) / 0.05) ** 2) - ((behind - 0.07) / 0.03) ** 2)
    body = lit * rounded * contact * (1.0 - 0.07 * furrow) + 0.08 * gleam
    flesh = np.clip(body[..., None] * colour, 0, 255)
    return np.dstack([flesh * alpha[..., None], 255 * alpha]).astype(np.float32)


def _ramp(value: Map, start: float, width: float) -> Map:
    part = np.clip((value - start) / width, 0.0, 1.0)
    return part * part * (3.0 - 2.0 * part)
