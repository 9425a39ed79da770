"""From a coarse backward flow to one for every pixel, whole at silhouettes."""

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from avatarify.geometry.silhouette import Surfaces

TEAR = 9.0
"""Pixels between the places that neighbours of the flow's grid look at: more is a silhouette."""

SMOOTH = (3, 0.8)
"""Size and sigma, in grid points, of the blur that takes the steps out of a flow."""

BESIDE = np.ones((2, 2), np.uint8)
"""What is beside a tear, of the grid points whose right or lower neighbour is torn off."""

NEAR = np.ones((3, 3), np.uint8)
"""How far beside a tear a silhouette may run; and what is beside cells that it runs through."""

AROUND = np.ones((5, 5), np.uint8)
"""As far as blur and interpolation reach."""


EDGE_BLUR = (5, 1.1)
"""Size and sigma of the blur along silhouettes, in pixels of the picture that was warped."""


class FineFlow(NamedTuple):
    """A flow for every pixel."""

    source: NDArray[np.float32]
    """(H, W, 2), where to look, (x, y) in pixels, at the pixels' centres."""
    edges: NDArray[np.uint8] | None
    """(H, W), 1 beside the edges at which one thing covers another; None where there are none."""


def enlarged_flow(
    source: NDArray[np.float32], step: int, surfaces: Surfaces | None = None
) -> FineFlow:
    """Return a flow for every pixel: smooth, but for where one thing covers another.

    What lies between two far places of the portrait belongs to neither of them.

    Args:
        source: (h, w, 2), where to look, (x, y) in pixels, at the centres of the grid's cells.
        step: Pixels of the picture across a cell.
        surfaces: What the flow was made from, so that silhouettes do not follow the grid's cells;
            without it pixels beside them look where their cell does.

    Returns:
        H = step h, W = step w.
    """
    height, width = source.shape[:2]
    size = (width * step, height * step)
    size_of_blur, sigma = SMOOTH
    smooth = cv2.GaussianBlur(
        source, (size_of_blur, size_of_blur), sigma, borderType=cv2.BORDER_REPLICATE
    )
    flow = cv2.resize(smooth, size, interpolation=cv2.INTER_LINEAR)
    torn = _tears(source)
    places = cv2.findNonZero(cv2.dilate(torn, AROUND))
    if places is None:
        return FineFlow(np.asarray(flow, np.float32), None)
    columns, rows = places.reshape(-1, 2).T.astype(np.intp)
    cells = flow.reshape(height, step, width, step, 2)
    own = source[rows, columns][:, None, None]
    narrow = cv2.dilate(torn, BESIDE)
    if surfaces is None:
        cells[rows, :, columns] = own
    else:
        near = cv2.dilate(torn, NEAR)[rows, columns] > 0
        found = surfaces.places((rows, columns), step, near)
        found = np.where(np.isnan(found), own, found)
        cells[rows, :, columns] = found
        crosses = np.zeros_like(torn)
        crosses[rows, columns] = (np.abs(found - own) > TEAR).any(axis=(1, 2, 3))
        narrow = cv2.bitwise_or(narrow, cv2.dilate(crosses, NEAR))
    edges = cv2.resize(narrow, size, interpolation=cv2.INTER_NEAREST)
    return FineFlow(np.asarray(flow, np.float32), np.asarray(edges, np.uint8))


def _tears(source: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Return (h, w), 1 at grid points whose right or lower neighbour looks far away."""
    height, width = source.shape[:2]
    torn = np.zeros((height, width), np.uint8)
    torn[:, :-1] = _is_far(source[:, 1:], source[:, :-1])
    torn[:-1] |= _is_far(source[1:], source[:-1])
    return torn


def _is_far(places: NDArray[np.float32], others: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Return (h, w), whether x or y differ by more than a tear."""
    if places.size == 0:  # a grid of one row or column; OpenCV answers None
        return np.zeros(places.shape[:2], np.bool_)
    is_far = cv2.absdiff(places, others) > TEAR
    return np.asarray(is_far.view(np.uint16)[..., 0] > 0)  # both bytes at once
