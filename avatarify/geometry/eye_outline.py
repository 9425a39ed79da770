"""The outline of an eye's opening as smooth lines, and weights for what goes with its lids."""

from functools import lru_cache
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from avatarify.geometry.face_mesh import EyeIndices

Points = NDArray[np.floating]

LOOP_BITS = 4
"""Bits behind the point of an outline that is to be drawn."""


class EyeLines(NamedTuple):
    """Both lids' margins, from the outer corner to the inner one."""

    upper: Points
    """(N, 2), (x, y) in pixels."""
    lower: Points
    """(N, 2); the first and the last point are those of `upper`."""


def eye_lines(landmarks: Points, eye: EyeIndices) -> EyeLines:
    """Return the landmarks of an eye's two margins, corners included.

    Args:
        landmarks: (478, 2) or (478, 3).
        eye: Which eye.
    """
    upper, lower = landmarks[margin_indices(eye), :2]
    return EyeLines(upper, lower)


@lru_cache(maxsize=4)
def margin_indices(eye: EyeIndices) -> NDArray[np.intp]:
    """Return (2, 9), the numbers of the landmarks of both margins, not to be written to."""
    margins = np.array([[eye.outer, *lid, eye.inner] for lid in (eye.upper, eye.lower)])
    margins.setflags(write=False)
    return margins


def smoothing_matrix(count: int, pieces: int) -> NDArray[np.float64]:
    """Return ((count − 1) · pieces + 1, count): a Catmull-Rom spline through points, as weights.

    The line passes through its points; beyond its ends they are mirrored, so that it ends straight.

    Args:
        count: How many points, 2 at least.
        pieces: How many parts of the line between two of them.
    """
    points = np.eye(count)
    padded = np.vstack([2 * points[0] - points[1], points, 2 * points[-1] - points[-2]])
    t = (np.arange(pieces) / pieces)[:, None]
    rows = []
    for i in range(count - 1):
        a, b, c, d = padded[i : i + 4]
        rows.append(
            b
            + t * (c - a) / 2
            + t**2 * (2 * a - 5 * b + 4 * c - d) / 2
            + t**3 * (3 * b - a - 3 * c + d) / 2
        )
    return np.vstack([*rows, points[-1:]])


def hat_weights(at: Points, knots: Points) -> NDArray[np.float64]:
    """Return (N, K), the weights of linear interpolation between knots; constant beyond the ends.

    Args:
        at: (N,), where to interpolate.
        knots: (K,), in ascending order.
    """
    knots = ascending_knots(knots)
    inside = np.clip(at, knots[0], knots[-1])
    right = np.clip(np.searchsorted(knots, inside, side="right"), 1, len(knots) - 1)
    share = (inside - knots[right - 1]) / (knots[right] - knots[right - 1])
    weights = np.zeros((len(at), len(knots)))
    rows = np.arange(len(at))
    weights[rows, right - 1] = 1.0 - share
    weights[rows, right] = share
    return weights


def ascending_knots(knots: Points) -> NDArray[np.float64]:
    """Return knots (..., K) such that none is before the last one, or in its place."""
    return np.maximum.accumulate(knots, axis=-1) + 1e-6 * np.arange(knots.shape[-1])


class MarginsAtRest:
    """Both margins in the portrait, to which they are compared when they have moved.

    Points slide along a margin when lids shut; what lies beside the margin does not slide with
    them. So heights are compared at equal parts of the way between the corners.
    """

    def __init__(self, lines: EyeLines) -> None:
        """Take margins of N points that begin and end in the same corners."""
        line = lines.upper
        self.start = line[0]
        """(2,), the outer corner."""
        self.width = max(float(np.linalg.norm(line[-1] - line[0])), 1e-9)
        """Distance of the corners."""
        axis = (line[-1] - line[0]) / self.width
        self.axes = np.stack([axis, [-axis[1], axis[0]]], axis=1)
        """(2, 2): the direction of the inner corner, and across it, one beside the other."""
        placed = (np.stack(lines) - self.start) @ self.axes
        self.parts = ascending_knots(placed[..., 0] / self.width)
        """(2, N), where along the way between the corners the margins' points are."""
        self.heights = placed[..., 1]
        """(2, N), how far across it."""

    def ways(self, moved: Points) -> NDArray[np.float64]:
        """Return (2, N, 2), how far the margins went at the places of their points.

        Args:
            moved: (2, N, 2), where the points of the upper and of the lower margin went.
        """
        placed = (moved - self.start) @ self.axes
        along, height = placed[..., 0], placed[..., 1]
        slide = float(along[0, 0])
        span = max(float(along[0, -1]) - slide, 1e-9)
        parts = ascending_knots((along - slide) / span)
        steps = np.empty(placed.shape)
        steps[..., 0] = slide + self.parts * (span - self.width)
        for lid in range(2):
            steps[lid, :, 1] = np.interp(self.parts[lid], parts[lid], height[lid])
        steps[..., 1] -= self.heights
        return steps @ self.axes.T


def opening_mask(
    loop: NDArray[np.int32], size: tuple[int, int], thickness: int
) -> NDArray[np.uint8]:
    """Return (height, width), 255 inside an eye's opening.

    Args:
        loop: (2 N, 2), the upper margin and back along the lower one, in parts of a pixel of
            which there are `1 << LOOP_BITS`.
        size: (height, width).
        thickness: Of a line along the upper margin, in pixels; the outline alone if not above 1.
    """
    mask = np.zeros(size, np.uint8)
    cv2.fillPoly(mask, [loop], 255, cv2.LINE_AA, LOOP_BITS)
    if thickness > 1:
        line = loop[: len(loop) // 2]
        cv2.polylines(mask, [line], False, 255, thickness, cv2.LINE_AA, LOOP_BITS)
    return mask


def falling(values: Points, start: float, end: float) -> NDArray[np.float32]:
    """Return 1 up to `start`, 0 from `end` on, and a smooth step between (3 t² − 2 t³ down)."""
    t = np.clip((values - start) / (end - start), 0.0, 1.0)
    return (1.0 - t * t * (3.0 - 2.0 * t)).astype(np.float32)
