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

_RIMS = (0.06, 0.045)
"""Upper and lower: how much skin beyond a margin belongs to its rim and lashes, in widths."""

_SHADOWS = ((0.035, 0.085), (0.015, 0.05))
"""Upper and lower: how deep inside of a margin lid and shadow still lie on the eye, in widths."""


@dataclass(frozen=True, slots=True, eq=False)
class LidField:
    """Where the pixels of a patch are in relation to an eye's lids."""

    width: float
    """Of the eye, in pixels."""
    outside: Floats
    """(h, w), pixels from the opening's outline, negative inside."""
    shares: tuple[Floats, Floats]
    """(h, w) each: how much a pixel belongs to the upper and to the lower lid, together 1."""
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
    return LidField(
        width=width,
        outside=_distance_outside(lines, corner, size),
        shares=(upper, 1.0 - upper),
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
    return cv2.resize((out - inside) / fine, size[::-1], interpolation=cv2.INTER_AREA)


def bare_eyeball(field: LidField) -> Floats:
    """Return (h, w): 1 where a pixel shows the eyeball alone, without lid, lashes and shadow."""
    bare = (field.outside < 0).astype(np.float32)
    for share, (start, end) in zip(field.shares, _SHADOWS, strict=True):
        deep = falling(field.outside, -end * field.width, -start * field.width)
        bare = np.minimum(bare, np.maximum(deep, 1.0 - share))
    return bare


def lid_edges(unlike: Floats, field: LidField) -> tuple[Floats, Floats]:
    """Return how much of the picture (h, w) goes with the upper and with the lower lid.

    Args:
        unlike: (h, w), how far its colours are from any shaded eyeball: glints, skin.
        field: Where the lids are.
    """
    inner = falling(-field.outside, 0.01 * field.width + 0.4, 0.03 * field.width + 1.0)
    inner = np.maximum(inner, 1.0 - falling(cv2.dilate(unlike, np.ones((3, 3))), 0.5, 2.5))
    upper, lower = (
        inner
        * falling(field.outside, field.rim(i), 2 * field.rim(i))
        * np.minimum(1.0, 2.0 * share)
        for i, share in enumerate(field.shares)
    )
    return upper, lower


def lid_skin(own: Floats, field: LidField) -> Floats:
    """Return (h, w, 3), eye, rims and lashes painted over with skin from above and below."""
    filled, taken = np.zeros_like(own), np.zeros_like(field.outside)
    for i, share in enumerate(field.shares):
        rim = field.rim(i)
        seen = (1.0 - falling(field.outside, rim, rim + 1.0)) * (share > 0.5)
        filled += share[..., None] * spread(own, seen.astype(np.float32), field.width)
        taken += share * falling(field.outside, 0.4 * rim, rim)
    return own + taken[..., None] * (filled - own)
