"""The teeth that a picture shows itself, laid out on the dental arches.

What is above the edge of the upper incisors hangs on the skull, all else goes with the jaw. The
shadow of the lips, as it fell in that picture, is taken out, for it will fall anew in every frame.
"""

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from avatarify.animation.face.mouth_colours import Colour, MouthColours
from avatarify.animation.face.mouth_light import mouth_light, opening_mask
from avatarify.animation.face.mouth_teeth import PlateGrid
from avatarify.frames import Image
from avatarify.geometry.face_mesh import INNER_LIPS
from avatarify.geometry.face_motion import face_unit, lip_gaps
from avatarify.geometry.mouth_arch import SHUT, Arch, lower_arch, upper_arch

Points = NDArray[np.floating]
Map = NDArray[np.float32]

_SMALLEST_AREA = 24
"""Pixels of an opening below which nothing can be made out in it."""

_LEAST_TEETH = 0.05
"""Share of bright and pale pixels from which on an opening is believed to show teeth."""

_LONGEST = 0.115
"""Upper incisors are not longer than this."""


class OwnMouth(NamedTuple):
    """What one picture shows between its lips."""

    upper: Map
    """RGBA (h, w, 4), 0 to 255, colours times alpha, over the upper arch."""
    lower: Map
    """The same over the lower arch."""
    edge: float | None
    """How far below the upper lip the upper incisors end; None where they are not seen."""
    teeth: Colour | None
    """Their colour in full light; None where they are not seen."""


def own_mouth(
    picture: Image, landmarks: Points, colours: MouthColours, grids: tuple[PlateGrid, PlateGrid]
) -> OwnMouth | None:
    """Take the inside of the mouth out of a picture; None where its lips are shut.

    Args:
        picture: RGB (H, W, 3).
        landmarks: (478, 3) in pixels of it.
        colours: Of skin and lips in it.
        grids: Of the plates of the upper and the lower arch.
    """
    unit = face_unit(landmarks)
    gap = float(np.median(lip_gaps(landmarks))) / unit
    opening = opening_mask(landmarks[list(INNER_LIPS), :2], picture.shape[:2])
    if gap < 1.2 * SHUT or float(opening.sum()) < _SMALLEST_AREA:
        return None
    light = np.maximum(mouth_light(opening, unit, gap, 1.0), 0.4)[..., None]
    lit = np.clip(picture / light, 0, 255).astype(np.float32)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * round(0.008 * unit) + 1,) * 2)
    shown = cv2.GaussianBlur(cv2.erode(opening, kernel), (0, 0), max(0.5, 0.006 * unit))
    layers = np.dstack([lit, shown, shown * _pale(picture, colours)]).astype(np.float32)
    return _on_arches(layers, landmarks, colours, grids)


def _on_arches(
    layers: Map, landmarks: Points, colours: MouthColours, grids: tuple[PlateGrid, PlateGrid]
) -> OwnMouth:
    arch = upper_arch(landmarks)
    seen = _laid_out(layers, arch, grids[0])
    found = _edge_of_teeth(seen, grids[0])
    edge = None
    if found is not None:
        unit = face_unit(landmarks)
        edge = float((arch.origin - landmarks[13]) @ arch.down) / unit**2 + found
        arch = upper_arch(landmarks, edge)
        seen = _laid_out(layers, arch, grids[0])
    part = _upper_part(seen, grids[0], edge is not None)
    lower = lower_arch(landmarks, arch)
    below = _laid_out(layers, lower, grids[1])
    rest = below[..., 3] * (1.0 - _carried_over(part, arch, lower, grids))
    teeth = _colour_of_teeth(seen, colours) if edge is not None else None
    return OwnMouth(_plate(seen, seen[..., 3] * part), _plate(below, rest), edge, teeth)


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
    return np.clip(seen, 0, np.float32([255, 255, 255, 1, 1]))


def _pale(picture: Image, colours: MouthColours) -> Map:
    """Return (H, W), 1 where a pixel is bright like teeth, and paler than lips that have colour."""
    value = picture.max(axis=2).astype(np.float32)
    saturation = 1.0 - picture.min(axis=2) / np.maximum(value, 1.0)
    bright = np.clip((value / max(float(colours.skin.max()), 1.0) - 0.45) / 0.15, 0.0, 1.0)
    lips = 1.0 - float(colours.lips.min()) / max(float(colours.lips.max()), 1.0)
    pale = np.clip((0.92 * lips - saturation) / 0.08, 0.0, 1.0) if lips > 0.15 else 1.0
    return (bright * pale).astype(np.float32)


def _edge_of_teeth(seen: Map, grid: PlateGrid) -> float | None:
    """Return v of the lower end of the upper teeth in the middle of the arch, if any are seen."""
    u, v = grid.coordinates()
    middle = np.abs(u[0]) < 0.1
    shown, teeth = seen[:, middle, 3].mean(axis=1), seen[:, middle, 4].mean(axis=1)
    if teeth.sum() < _LEAST_TEETH * max(float(shown.sum()), 1e-6):
        return None
    is_tooth = teeth > 0.45 * np.maximum(shown, 0.3)
    rows = np.flatnonzero(is_tooth)
    if len(rows) == 0:
        return None
    ends = np.flatnonzero(~is_tooth[rows[0] :])
    last = rows[0] + (int(ends[0]) if len(ends) else len(is_tooth) - rows[0]) - 1
    top, end = float(v[rows[0], 0]), float(v[last, 0])
    if end - top < 0.02:
        return None
    covered = last + 2 >= len(shown) or shown[min(last + 3, len(shown) - 1)] < 0.5
    return float(np.clip(max(end, 0.0) if covered else end, -0.08, top + _LONGEST))


def _upper_part(seen: Map, grid: PlateGrid, has_teeth: bool) -> Map:
    """Return (h, w), how much of what is seen hangs on the skull."""
    u, v = grid.coordinates()
    above = np.clip((0.012 - 0.35 * u**2 - v) / 0.012 + 0.5, 0.0, 1.0)
    if has_teeth:
        return above.astype(np.float32)
    blurred = cv2.GaussianBlur(seen[..., 4], (0, 0), 1.0)
    return (above * np.clip(1.5 * blurred, 0.0, 1.0)).astype(np.float32)


def _carried_over(part: Map, upper: Arch, lower: Arch, grids: tuple[PlateGrid, PlateGrid]) -> Map:
    """Return the upper part over the lower arch's texels: the arches are parallel at rest."""
    u, v = grids[1].coordinates()
    unit = np.linalg.norm(upper.down[:2])
    way = (lower.origin - upper.origin)[:2] @ upper.down[:2] / unit**2
    x = (u - grids[0].left) * grids[0].density - 0.5
    y = (v + way - grids[0].top) * grids[0].density - 0.5
    return cv2.remap(
        part,
        x.astype(np.float32),
        y.astype(np.float32),
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )


def _colour_of_teeth(seen: Map, colours: MouthColours) -> Colour:
    is_tooth = seen[..., 4] > 0.7
    if int(is_tooth.sum()) < 20:
        return colours.teeth
    return np.percentile(seen[is_tooth, :3], 65, axis=0).astype(np.float32)
