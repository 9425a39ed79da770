"""One eye of a portrait taken apart: the white of the eye, the whole iris, and what the lids do.

Pixels well inside the opening are kept as they are. Where lids, lashes or their shadow lie on the
eye, the white is spread outwards and the iris is completed by its own rings; how much darker the
portrait is than this clean eyeball is kept as a shade that goes with the lids.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from avatarify.animation.face.eyes_ball import disc_radius, eyeball, iris_places
from avatarify.animation.face.eyes_lids import (
    FADE,
    LidField,
    bare_eyeball,
    lash_colour,
    lid_edges,
    lid_field,
    lid_shadow,
    lid_skin,
)
from avatarify.frames import Image
from avatarify.geometry.eye_outline import EyeLines, eye_lines, falling
from avatarify.geometry.face_mesh import EyeIndices

Points = NDArray[np.floating]
Floats = NDArray[np.float32]

_LEAST_OPENING = 0.05
"""An eye whose opening is lower than this part of its width shows no eyeball."""

_SMALLEST_WIDTH = 4.0
"""Pixels: smaller eyes are left to the mesh."""

_REACH = (0.16, 0.42, 0.24)
"""How far beyond the corners, above and below the patch reaches, in widths of the eye."""

DARKEST = np.float32(12.0)
"""Added to colours before they are divided by one another."""

_BRIGHTEST_SHADE = 1.25


@dataclass(frozen=True, slots=True, eq=False)
class EyeTexture:
    """What one eye is painted from; arrays float32, colours 0 to 255, cover 0 to 1."""

    origin: tuple[int, int]
    """(x, y) of the patch's upper left pixel in the portrait."""
    lines: EyeLines
    """The margins in the portrait, nine points each."""
    middle: Points
    """(2,), the middle between the corners in the portrait."""
    iris_center: Points
    """(2,)"""
    rims_reach: tuple[float, float]
    """How far beyond the upper and lower margin anything is painted, in pixels of the portrait."""
    white: Floats
    """(h, w, 4), the eyeball without its iris; cover 1."""
    iris: Floats
    """(h, w, 4), what the iris adds to the white, and how much of the white it covers."""
    shades: tuple[Floats, Floats]
    """Upper and lower lid: (h, w, 4), factors to the eyeball's colour; 1 to its cover."""
    rims: tuple[Floats, Floats]
    """Upper and lower lid: (h, w, 4), the portrait, and how near its margin is, see `lid_edges`."""
    along: tuple[Floats, Floats]
    """Upper and lower lid: (h, w, 9), share of each point of the margin in a pixel's motion."""
    lash: Floats
    """(3,), the colour of the line in which lids meet."""
    skin: Floats
    """(h, w, 3), the patch with nothing but lid skin."""


def eye_texture(picture: Image, landmarks: Points, eye: EyeIndices) -> EyeTexture | None:
    """Take one eye apart; None where it is shut, or too small, or not in the picture.

    Args:
        picture: RGB (H, W, 3).
        landmarks: (478, 3) in pixels, 0 the picture's upper left corner.
        eye: Which eye.
    """
    lines = eye_lines(landmarks.astype(np.float64), eye)
    box = _patch_box(lines, (picture.shape[0], picture.shape[1]))
    if box is None:
        return None
    left, top, right, bottom = box
    own = picture[top:bottom, left:right].astype(np.float32)
    field = lid_field(lines, (left, top), (bottom - top, right - left))
    bare = bare_eyeball(field)
    disc = disc_radius(iris_places((left, top), own.shape[:2], landmarks, eye), own, bare)
    white, clean = eyeball(own, bare, disc, field.width)
    cover = falling(disc, 0.96, 1.06)
    shade = _shade(own, clean, falling(disc, 1.0, 1.2), field)
    whole = np.clip((own + DARKEST) / shade - DARKEST, 0.5 * clean - 10.0, 1.5 * clean + 30.0)
    is_open = falling(field.outside, 0.0, 1.0)[..., None]
    whole = is_open * whole + (1.0 - is_open) * clean
    unlike = np.abs(own - ((whole + DARKEST) * shade - DARKEST)).max(axis=2)
    upper, lower = (_with(shade ** share[..., None], 1.0) for share in field.shares)
    upper_rim, lower_rim = (_with(own, edge) for edge in lid_edges(unlike, field))
    return EyeTexture(
        origin=(left, top),
        lines=lines,
        middle=(lines.upper[0] + lines.upper[-1]) / 2,
        iris_center=landmarks[eye.iris, :2].astype(np.float64),
        rims_reach=(FADE * field.rim(0), FADE * field.rim(1)),
        white=_with(white, 1.0),
        iris=_with(whole - (1.0 - cover[..., None]) * white, cover),
        shades=(upper, lower),
        rims=(upper_rim, lower_rim),
        along=field.along,
        lash=lash_colour(own, field),
        skin=lid_skin(own, field),
    )


def _shade(own: Floats, clean: Floats, on_iris: Floats, field: LidField) -> Floats:
    """How much darker than the clean eyeball the portrait is, by what its lids do.

    On the white each pixel tells. On the iris only the shadow's usual depth at that distance from
    the lid is taken, as what differs there is mostly the iris's own pattern.
    """
    ratio = np.clip((own + DARKEST) / (clean + DARKEST), 0.02, _BRIGHTEST_SHADE)
    usual = lid_shadow(ratio, clean.mean(axis=2), field)
    share = on_iris[..., None]
    return (ratio ** (1.0 - share) * usual**share).astype(np.float32)


def _patch_box(lines: EyeLines, size: tuple[int, int]) -> tuple[int, int, int, int] | None:
    """Left, top, right and bottom pixel of the patch around an eye that can be taken apart."""
    width = float(np.linalg.norm(lines.upper[-1] - lines.upper[0]))
    gap = float(np.linalg.norm(lines.upper - lines.lower, axis=1).max())
    points = np.concatenate(lines)
    side, above, below = (part * width + 3 for part in _REACH)
    low, high = points.min(axis=0) - (side, above), points.max(axis=0) + np.array((side, below))
    left, top = np.maximum(np.floor(low), 0).astype(int).tolist()
    right, bottom = np.minimum(np.ceil(high), size[::-1]).astype(int).tolist()
    is_seen = right - left >= 6 and bottom - top >= 6
    if width < _SMALLEST_WIDTH or gap < _LEAST_OPENING * width or not is_seen:
        return None
    return left, top, right, bottom


def _with(colour: Floats, cover: Floats | float) -> Floats:
    """(h, w, 4), a colour and its cover."""
    alpha = np.broadcast_to(np.asarray(cover, np.float32), colour.shape[:2])
    return np.ascontiguousarray(np.dstack([colour, alpha]), dtype=np.float32)
