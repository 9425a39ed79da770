"""What lids do to a portrait's eye: their sides, their lashes, and the skin that they shut with."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from avatarify.animation.face.eyes_ball import spread
from avatarify.geometry.eye_outline import EyeLines, falling, hat_weights, smoothing_matrix

Points = NDArray[np.floating]
Floats = NDArray[np.float32]

PIECES = 4
"""Parts into which a margin's line is cut between two landmarks."""

_RIMS = (0.13, 0.04)
"""Upper and lower: how much skin beyond a margin belongs to its rim and lashes, in widths."""

FADE = 2.0
"""An edge has faded away at this many times its reach."""

_SHADOW_COLUMNS = 24
"""Parts of an eye's width in which its lids' shadow is told."""

_INSIDE = 0.6
"""Pixels that an edge reaches into the opening."""

_GLINT = 0.52
"""How near to a margin glints and the tails of lashes beside the corners are taken to be: shown as
long as the eye is open, gone when it is shut."""

SIDEWAYS = 2.5
"""How much faster than above and below edges end beyond the corners."""

_SHADOWS = ((0.035, 0.085), (0.015, 0.05))
"""Upper and lower: how deep inside of a margin lid and shadow still lie on the eye, in widths."""


@dataclass(frozen=True, slots=True, eq=False)
class LidField:
    """Where the pixels of a patch are in relation to an eye's lids."""

    width: float
    """Of the eye, in pixels."""
    outside: Floats
    """(h, w), pixels from the opening's outline, negative inside; beyond the corners they count
    `SIDEWAYS` times."""
    shares: tuple[Floats, Floats]
    """(h, w) each: how much a pixel belongs to the upper and to the lower lid, together 1."""
    across: Floats
    """(h, w), 0 at the outer corner, 1 at the inner one."""
    along: tuple[Floats, Floats]
    """(h, w, 9) each: share of each point of the margin in a pixel's motion with that lid."""

    def rim(self, lid: int) -> float:
        """Return how far a lid's edge and lashes reach beyond its margin, in pixels."""
        return _RIMS[lid] * self.width + 1.0


def lid_field(lines: EyeLines, corner: tuple[int, int], size: tuple[int, int]) -> LidField:
    """Find where the pixels of a patch are.

    Args:
        lines: The margins, in pixels of the picture.
        corner: (x, y), the patch's upper left pixel.
        size: (height, width) of the patch.
    """
    x, y = np.meshgrid(np.arange(size[1]), np.arange(size[0]))
    points = np.stack([x, y], axis=2) + 0.5 + corner
    width = float(np.linalg.norm(lines.upper[-1] - lines.upper[0]))
    upper = _upper_share(points, lines, width)
    across = ((points - lines.upper[0]) @ _axis(lines.upper) / width).astype(np.float32)
    beyond = width * np.maximum(np.maximum(-across, across - 1.0), 0.0)
    return LidField(
        width=width,
        outside=_distance_outside(lines, corner, size) + (SIDEWAYS - 1.0) * beyond,
        shares=(upper, 1.0 - upper),
        across=across,
        along=(_along(points, lines.upper), _along(points, lines.lower)),
    )


def _axis(line: Points) -> Points:
    return (line[-1] - line[0]) / max(float(np.linalg.norm(line[-1] - line[0])), 1e-6)


def _along(points: Points, line: Points) -> Floats:
    axis = _axis(line)
    knots = (line - line[0]) @ axis
    weights = hat_weights((points.reshape(-1, 2) - line[0]) @ axis, knots)
    return weights.reshape(*points.shape[:2], -1).astype(np.float32)


def _upper_share(points: Points, lines: EyeLines, width: float) -> Floats:
    """1 above the middle between the margins, 0 below it."""
    middle = (lines.upper + lines.lower) / 2
    nearest = _along(points, middle) @ middle
    axis = _axis(middle)
    down = np.array([-axis[1], axis[0]])
    down *= 1.0 if down @ (lines.lower - lines.upper).mean(axis=0) > 0 else -1.0
    return falling(((points - nearest) @ down) / max(1.0, 0.04 * width), -1.0, 1.0)


def _distance_outside(lines: EyeLines, corner: tuple[int, int], size: tuple[int, int]) -> Floats:
    """(h, w), pixels from the opening's outline, negative inside; true to a quarter of a pixel."""
    fine = 4
    smooth = smoothing_matrix(len(lines.upper), PIECES)
    loop = np.concatenate([smooth @ lines.upper, (smooth @ lines.lower)[::-1]])
    mask = np.zeros((size[0] * fine, size[1] * fine), np.uint8)
    place = (loop - corner) * fine - 0.5
    cv2.fillPoly(mask, [np.round(place * 16).astype(np.int32)], 1, cv2.LINE_8, 4)
    out = cv2.distanceTransform(1 - mask, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    inside = cv2.distanceTransform(mask, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    distance = cv2.resize((out - inside) / fine, size[::-1], interpolation=cv2.INTER_AREA)
    return np.asarray(distance, np.float32)


def bare_eyeball(field: LidField) -> Floats:
    """Return (h, w): 1 where a pixel shows the eyeball alone, without lid, lashes and shadow."""
    bare = (field.outside < 0).astype(np.float32)
    for share, (start, end) in zip(field.shares, _SHADOWS, strict=True):
        deep = falling(field.outside, -end * field.width, -start * field.width)
        bare = np.minimum(bare, np.maximum(deep, 1.0 - share))
    return bare


def lid_shadow(ratio: Floats, light: Floats, field: LidField) -> Floats:
    """Return (h, w, 3), a shadow smooth along the lids: it depends on the distance from them.

    Args:
        ratio: (h, w, 3), the portrait over the eyeball without any shadow.
        light: (h, w), how bright that eyeball is: the brighter, the surer is the ratio.
        field: Where the lids are.
    """
    out = np.zeros_like(ratio)
    columns = np.clip(field.across, 0.0, 1.0) * (_SHADOW_COLUMNS - 1)
    rows = np.clip(-field.outside, 0.0, 0.15 * field.width + 2.0) + 1.0
    size = (int(rows.max()) + 3, _SHADOW_COLUMNS)
    for share in field.shares:
        weight = share * falling(field.outside, 0.0, 0.5) * (light / 255.0) ** 2 + 1e-6
        table = np.zeros((*size, 4), np.float32)
        colours = np.concatenate([ratio * weight[..., None], weight[..., None]], axis=2)
        np.add.at(table, (np.rint(rows).astype(int), np.rint(columns).astype(int)), colours)
        smooth = cv2.GaussianBlur(table, (0, 0), sigmaX=_SHADOW_COLUMNS / 6, sigmaY=0.7)
        means = smooth[..., :3] / np.maximum(smooth[..., 3:], 1e-9)
        out += share[..., None] * cv2.remap(
            means, columns, rows.astype(np.float32), cv2.INTER_LINEAR
        )
    return out


def lid_edges(unlike: Floats, field: LidField) -> tuple[Floats, Floats]:
    """Return how near pixels (h, w) are to the margin of the upper and of the lower lid.

    About 1 a pixel outside of the margin and falling in proportion to the distance from there, 0
    at `FADE` times the lid's reach and at `_INSIDE` within the opening.

    Args:
        unlike: (h, w), how far colours are from any shaded eyeball: glints, skin.
        field: Where the lids are.
    """
    inner = np.clip((field.outside + _INSIDE) / (2.0 * _INSIDE), 0.0, 1.0)
    glint = _GLINT * (1.0 - falling(_dilated(unlike), 0.5, 2.5))
    upper, lower = (
        np.maximum(inner, glint)
        * np.clip(1.0 - field.outside / (FADE * field.rim(i)), 0.0, 1.0)
        * np.minimum(1.0, 2.0 * share)
        for i, share in enumerate(field.shares)
    )
    beside = np.maximum(falling(field.across, -0.06, 0.06), falling(-field.across, -1.0, -0.88))
    return np.minimum(upper, 1.0 - (1.0 - _GLINT) * beside), lower


def _dilated(plane: Floats) -> Floats:
    return np.asarray(cv2.dilate(plane, np.ones((3, 3), np.uint8)), np.float32)


def lash_colour(own: Floats, field: LidField) -> Floats:
    """Return (3,), the colour of the line in which lids meet: that of the darkest lashes.

    Args:
        own: (h, w, 3), the portrait.
        field: Where the lids are.
    """
    is_lash = (np.abs(field.outside) < max(1.5, 0.4 * field.rim(0))) & (field.shares[0] > 0.5)
    is_lash &= np.abs(field.across - 0.5) < 0.35
    colours = own[is_lash] if is_lash.any() else own.reshape(-1, 3)
    light = colours.mean(axis=1)
    return colours[light <= np.percentile(light, 20)].mean(axis=0)


def lid_skin(own: Floats, field: LidField) -> Floats:
    """Return (h, w, 3), eye, rims and lashes painted over with skin from above and below.

    Dark pixels give nothing to it: they are lashes, brows, the shadow in the fold of the lid.
    """
    light = own.mean(axis=2)
    filled, taken = np.zeros_like(own), np.zeros_like(field.outside)
    for i, share in enumerate(field.shares):
        rim = field.rim(i)
        seen = (1.0 - falling(field.outside, rim, rim + 1.0)) * (share > 0.5)
        if (seen > 0.5).any():
            dark, bright = np.percentile(light[seen > 0.5], (10, 40))
            seen *= np.maximum(1.0 - falling(light, dark, max(bright, dark + 1.0)), 0.02)
        filled += share[..., None] * spread(own, seen.astype(np.float32), field.width)
        taken += share * falling(field.outside, 0.3 * rim, rim)
    return own + taken[..., None] * (filled - own)
