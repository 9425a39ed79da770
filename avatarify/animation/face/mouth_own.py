"""The teeth that a picture shows itself, laid out on the dental arches.

What is above the edge of the upper incisors hangs on the skull, all else goes with the jaw. The
shadow of the lips, as it fell in that picture, is taken out, for it will fall anew in every frame.
"""

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from avatarify.animation.face.mouth_colours import Colour, MouthColours, bounced_light
from avatarify.animation.face.mouth_light import lip_light, mouth_light, opening_mask, shaded
from avatarify.animation.face.mouth_teeth import PlateGrid
from avatarify.frames import Image
from avatarify.geometry.face_mesh import INNER_LIPS, INNER_LIPS_UPPER
from avatarify.geometry.face_motion import face_unit, lip_gaps
from avatarify.geometry.mouth_arch import Arch, lower_arch, upper_arch

Points = NDArray[np.floating]
Map = NDArray[np.float32]

_SMALLEST_AREA = 24
"""Pixels of an opening below which nothing can be made out in it."""

_LEAST_TEETH = 0.05
"""Share of bright and pale pixels from which on an opening is believed to show teeth."""

_LEAST_GAP = 0.05
"""Gap of the lips from which on upper teeth are taken from the picture."""

_LEAST_BELOW = (0.06, 0.12)
"""Heights of what is seen below the upper teeth from which on it is taken, and taken whole: a strip
would float in a mouth that opens further."""

_LEAST_STRIP, _MOSTLY_TEETH = (0.01, 0.025), (0.4, 0.6)
"""Lower teeth are taken however little of them is seen: heights from which on, and their shares of
what is seen below the upper teeth from which on it counts as teeth."""

_LEAST_BARED = (0.02, 0.05)
"""Heights of the teeth seen from which on the dark beside them is believed, and believed whole."""

_RIM = 0.014
"""The lips' edge, which is left out all around."""

_LEAST_TEXELS = 20
"""Texels of teeth from which on their colour is believed; it is never redder than drawn teeth."""

_SHORTEST, _LONGEST = 0.01, 0.115
"""What is seen of an incisor is at least and at most so long."""

_MIDDLE = 0.09
"""Half of the arch's width in which incisors are looked for."""


_ENDS = (0.2, 0.31)
"""Half widths of the arch from which on own teeth fade, and are gone: a mouth that turns or widens
shows more of the row than the picture does, and it must not break off there."""


class TeethEdges(NamedTuple):
    """Where the incisors of a picture end, None where they are not seen."""

    upper: float | None = None
    """How far below the upper lip."""
    lower: float | None = None
    """How far above the lower lip."""


class OwnMouth(NamedTuple):
    """What one picture shows between its lips."""

    upper: Map
    """RGBA (h, w, 4), 0 to 255, colours times alpha, over the upper arch."""
    lower: Map
    """The same over the lower arch."""
    edges: TeethEdges
    teeth: Colour | None
    """Their colour in full light, which may pass 255; None where they are not seen."""
    exposure: Colour
    """How much of each colour the light had left where the opening was brightest, 0 to 1: the
    plates are as bright as under that light, so that white teeth are not cut off at 255."""


def own_mouth(
    picture: Image,
    landmarks: Points,
    colours: MouthColours,
    grids: tuple[PlateGrid, PlateGrid],
    widening: float = 1.0,
) -> OwnMouth | None:
    """Take the inside of the mouth out of a picture; None where its lips are shut.

    Args:
        picture: RGB (H, W, 3).
        landmarks: (478, 3) in pixels of it.
        colours: Of skin and lips in it.
        grids: Of the plates of the upper and the lower arch.
        widening: Its width over that in the portrait.
    """
    unit = face_unit(landmarks)
    gap = float(np.median(lip_gaps(landmarks))) / unit
    opening = opening_mask(landmarks[list(INNER_LIPS), :2], picture.shape[:2])
    if gap < _LEAST_GAP or float(opening.sum()) < _SMALLEST_AREA:
        return None
    widest = float(lip_gaps(landmarks).max()) / unit
    light = np.maximum(mouth_light(opening, unit, lip_light(widest, widening)), 0.4)[..., None]
    bounced = bounced_light(colours.lips)
    exposure = shaded(light[opening > 0.5].max(), bounced)
    lit = np.clip(picture * (exposure / shaded(light, bounced)), 0, 255).astype(np.float32)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * round(_RIM * unit) + 1,) * 2)
    shown = cv2.GaussianBlur(cv2.erode(opening, kernel), (0, 0), max(0.5, 0.006 * unit))
    layers = np.dstack([lit, shown, shown * _pale(picture, colours)]).astype(np.float32)
    return _on_arches(layers, landmarks, colours, grids, exposure)


def _on_arches(
    layers: Map,
    landmarks: Points,
    colours: MouthColours,
    grids: tuple[PlateGrid, PlateGrid],
    exposure: Colour,
) -> OwnMouth:
    edges = _edges(layers, landmarks, grids[0].density)
    upper = upper_arch(landmarks, edges.upper)
    lower = lower_arch(landmarks, upper, edges.lower)
    seen, below = _laid_out(layers, upper, grids[0]), _laid_out(layers, lower, grids[1])
    above = _above_edge(grids[0])
    part = above * _upper_share(seen, grids[0], edges.upper is not None)
    taken = above if edges.upper is not None else part
    rest = below[..., 3] * (1.0 - _carried_over(taken, upper, lower, grids))
    rest *= _share_below(rest, below[..., 4], grids[1])
    teeth = None
    if edges.upper is not None:
        teeth = _colour_of_teeth(seen, colours.teeth * exposure) / exposure
    part *= seen[..., 3] * _ends(grids[0])
    upper_plate, lower_plate = _plate(seen, part), _plate(below, rest)
    return OwnMouth(upper_plate, lower_plate, edges, teeth, exposure)


def _edges(layers: Map, landmarks: Points, density: float) -> TeethEdges:
    """Look for the incisors from the upper lip down, and from the lower lip up."""
    lip = upper_arch(landmarks, 0.0)
    usual = -upper_arch(landmarks).height_of(landmarks[INNER_LIPS_UPPER[5]])
    grid = PlateGrid.spanning(_MIDDLE, -0.03, 0.35, density)
    upper = _edge_of_upper(_laid_out(layers, lip, grid), grid, usual)
    grid = PlateGrid.spanning(_MIDDLE, -0.15, 0.03, density)
    lower = lower_arch(landmarks, lip, 0.0)
    seen = _laid_out(layers, lower, grid)
    covered = -np.inf if upper is None else upper - lip.height_of(lower.origin)
    return TeethEdges(upper, _edge_of_lower(seen, grid, covered))


def _plate(seen: Map, alpha: Map) -> Map:
    return np.dstack([seen[..., :3] * alpha[..., None], 255 * alpha]).astype(np.float32)


def _laid_out(layers: Map, arch: Arch, grid: PlateGrid) -> Map:
    u, v = grid.coordinates()
    places = (arch.place(u, v)[..., :2] - 0.5).astype(np.float32)
    planes = [
        cv2.remap(layers[..., k], places, None, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
        for k in range(layers.shape[2])
    ]
    seen = np.dstack(planes)
    return np.clip(seen, 0, np.array([255, 255, 255, 1, 1])).astype(np.float32)


def _pale(picture: Image, colours: MouthColours) -> Map:
    """Return (H, W), 1 where a pixel is bright like teeth, and paler than lips that have colour."""
    value = picture.max(axis=2).astype(np.float32)
    saturation = 1.0 - picture.min(axis=2) / np.maximum(value, 1.0)
    bright = np.clip((value / max(float(colours.skin.max()), 1.0) - 0.45) / 0.15, 0.0, 1.0)
    lips = 1.0 - float(colours.lips.min()) / max(float(colours.lips.max()), 1.0)
    pale = np.clip((0.92 * lips - saturation) / 0.08, 0.0, 1.0) if lips > 0.15 else 1.0
    return (bright * pale).astype(np.float32)


def _edge_of_upper(seen: Map, grid: PlateGrid, usual: float) -> float | None:
    """Return v of the lower end of the upper teeth, None where there are none.

    Args:
        seen: (h, w, 5), the middle of the arch.
        grid: Its texels.
        usual: Where teeth end that the lower lip covers.
    """
    shown, teeth, v = seen[..., 3].mean(axis=1), seen[..., 4].mean(axis=1), grid.coordinates()[1]
    if teeth.sum() < _LEAST_TEETH * max(float(shown.sum()), 1e-6):
        return None
    is_tooth = teeth > 0.45 * np.maximum(shown, 0.3)
    rows = np.flatnonzero(is_tooth)
    if len(rows) == 0:
        return None
    ends = np.flatnonzero(~is_tooth[rows[0] :])
    last = rows[0] + (int(ends[0]) if len(ends) else len(is_tooth) - rows[0]) - 1
    last = rows[0] + _first_valley(seen[rows[0] : last + 1, :, :3].max(axis=2).mean(axis=1))
    top, end = float(v[rows[0], 0]), float(v[last, 0])
    if end - top < _SHORTEST:
        return None
    is_covered = shown[min(last + 3, len(shown) - 1)] < 0.5
    return min(max(end, usual) if is_covered else end, top + _LONGEST)


def _first_valley(bright: Map) -> int:
    """Return where brightness first dips by a tenth and rises again: between two rows of teeth."""
    smooth = cv2.GaussianBlur(bright.reshape(-1, 1).astype(np.float32), (0, 0), 1.5).ravel()
    before = np.maximum.accumulate(smooth)
    after = np.maximum.accumulate(smooth[::-1])[::-1]
    is_valley = smooth < 0.9 * np.minimum(before, after)
    if not is_valley.any():
        return len(smooth) - 1
    first = int(np.argmax(is_valley))
    length = int(np.argmin(is_valley[first:])) or len(smooth) - first
    return first + int(np.argmin(smooth[first : first + length]))


def _edge_of_lower(seen: Map, grid: PlateGrid, covered: float) -> float | None:
    """Return how far above the lower lip the lower teeth end, None where there are none.

    Args:
        seen: (h, w, 5), the middle of the arch, from its lip up.
        grid: Its texels.
        covered: The v down to which the upper teeth reach.
    """
    shown, teeth, v = seen[..., 3].mean(axis=1), seen[..., 4].mean(axis=1), grid.coordinates()[1]
    rows = np.flatnonzero(shown > 0.5)
    if len(rows) == 0:
        return None
    is_tooth = teeth > 0.45 * np.maximum(shown, 0.3)
    teeth_rows = np.flatnonzero(is_tooth[: rows[-1] + 1])
    if len(teeth_rows) == 0 or v[rows[-1], 0] - v[teeth_rows[-1], 0] > 0.03:
        return None
    gaps = np.flatnonzero(~is_tooth[: teeth_rows[-1]])
    first = int(gaps[-1]) + 1 if len(gaps) else 0
    start = max(float(v[first, 0]), covered)
    return -start if _SHORTEST < float(v[rows[-1], 0]) - start < 0.09 else None


def _above_edge(grid: PlateGrid) -> Map:
    """Return (h, w), 1 above the edges of the upper teeth."""
    u, v = grid.coordinates()
    return np.clip((0.012 - 0.35 * u**2 - v) / 0.012 + 0.5, 0.0, 1.0).astype(np.float32)


def _upper_share(seen: Map, grid: PlateGrid, has_teeth: bool) -> Map:
    """Return (h, w), how much of what is seen up there is teeth, or the dark beside them."""
    pale = _whole_teeth(seen[..., 4], grid)
    if has_teeth:  # beside the teeth it is dark, above them is lip
        beside = 1.0 - np.clip(2.0 * pale.max(axis=0), 0.0, 1.0)
        pale = np.maximum(pale, _ramp(_height(pale, grid), _LEAST_BARED) * beside)
    return pale.astype(np.float32)


def _whole_teeth(pale: Map, grid: PlateGrid) -> Map:
    """Return pale texels (h, w) with the lines between teeth, and with soft edges."""
    size = 2 * round(0.012 * grid.density) + 1
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
    closed = cv2.morphologyEx(pale, cv2.MORPH_CLOSE, kernel)
    whole = cv2.GaussianBlur(np.clip(1.5 * closed, 0.0, 1.0), (0, 0), 0.006 * grid.density)
    return whole.astype(np.float32)


def _ends(grid: PlateGrid) -> Map:
    """Return (h, w), 1 in the middle of the arch, 0 at its ends, which no picture shows whole."""
    u = np.abs(grid.coordinates()[0])
    return np.clip((_ENDS[1] - u) / (_ENDS[1] - _ENDS[0]), 0.0, 1.0).astype(np.float32)


def _share_below(seen: Map, pale: Map, grid: PlateGrid) -> Map:
    """Return (h, w), how much of what is seen below the upper teeth is taken, 0 to 1.

    Args:
        seen: (h, w), where it is.
        pale: (h, w), where teeth are.
        grid: Of the lower arch.
    """
    height = _height(seen, grid)
    are_teeth = _height(np.minimum(seen, pale), grid) / max(height, 1e-6)
    strip = _ramp(height, _LEAST_STRIP) * _ramp(are_teeth, _MOSTLY_TEETH)
    return np.maximum(_ramp(height, _LEAST_BELOW), strip * _whole_teeth(pale, grid))


def _height(seen: Map, grid: PlateGrid) -> float:
    """Return how high something seen (h, w), 0 to 1, is in the middle of the arch, in units."""
    u = grid.coordinates()[0][0]
    return float(seen[:, np.abs(u) < _MIDDLE].sum(axis=0).mean()) / grid.density


def _ramp(value: float, ends: tuple[float, float]) -> float:
    return float(np.clip((value - ends[0]) / (ends[1] - ends[0]), 0.0, 1.0))


def _carried_over(part: Map, upper: Arch, lower: Arch, grids: tuple[PlateGrid, PlateGrid]) -> Map:
    """Return the upper part over the lower arch's texels: the arches are parallel at rest."""
    u, v = grids[1].coordinates()
    way = upper.height_of(lower.origin)
    x = (u - grids[0].left) * grids[0].density - 0.5
    y = (v + way - grids[0].top) * grids[0].density - 0.5
    places = np.dstack([x, y]).astype(np.float32)
    kind, border = cv2.INTER_LINEAR, cv2.BORDER_REPLICATE
    return cv2.remap(part, places, None, kind, borderMode=border).astype(np.float32)


def _colour_of_teeth(seen: Map, guessed: Colour) -> Colour:
    is_tooth = seen[..., 4] > 0.7
    if int(is_tooth.sum()) < _LEAST_TEXELS:
        return guessed
    found = np.percentile(seen[is_tooth, :3], 65, axis=0)
    own, drawn = (c / max(float(c.max()), 1.0) for c in (found, guessed))
    return (found.max() * np.maximum(own, drawn)).astype(np.float32)
