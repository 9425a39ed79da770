"""What one clip shows of its person's folds: how cells of the face brighten as landmarks move."""

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from avatarify.geometry.face_mesh import MESH_COUNT, counterparts
from avatarify.geometry.face_motion import MotionReader, face_unit
from avatarify.geometry.skin_folds import CELL, FoldMap, fold_map
from avatarify.training.clip_cache import Clip
from avatarify.training.rare_frames import calm_frames

Points = NDArray[np.floating]

LEAST_FRAMES = 30
"""Clips of fewer are left out: head motion could explain anything."""

_DARKEST = 6.0
"""No brightness is taken for less, in levels of 255."""

_SEEN = 0.5
"""Brightness is seen through a blur of this standard deviation, in cells of the map."""


class Observed(NamedTuple):
    """One clip, or its mirror image; what the head's motion explains is taken out of both."""

    moved: Points
    """(N, 1404), where the landmarks went, in distances of the outer eye corners."""
    shade: Points
    """(N, P), logarithm of the brightness of the map's cells."""


def observe(clip: Clip, frames: int, band: float) -> tuple[Observed, Observed] | None:
    """Look at a clip and at its mirror image.

    Args:
        clip: Prepared, with depth.
        frames: How many at most.
        band: See `FoldSettings`.

    Returns:
        None if the clip is too short.
    """
    if len(clip.frames) < LEAST_FRAMES:
        return None
    faces = np.concatenate([clip.landmarks, clip.depth[..., None]], axis=2).astype(np.float64)
    reader = MotionReader(faces[calm_frames(clip.landmarks)[0]])
    rows = np.linspace(0, len(faces) - 1, min(frames, len(faces))).astype(int)
    motions = [reader(faces[row]) for row in rows]
    moved = np.stack([motion.expression.reshape(-1) for motion in motions])
    seen = np.stack([_brightness(clip.frames[row], faces[row]) for row in rows])
    narrow = _without_broad(seen, fold_map(), band / CELL)
    head = np.stack([np.r_[motion.turn, motion.shift, motion.growth] for motion in motions])
    pairs = ((moved, narrow, head), (mirrored(moved), narrow[:, _mirrored_cells()], _mirror(head)))
    first, second = (_apart_from_head(*pair) for pair in pairs)
    return first, second


def mirrored(moved: Points) -> Points:
    """Return motion (N, 1404) of landmarks as the mirror image of the person shows it."""
    ways = moved.reshape(-1, MESH_COUNT, 3)[:, counterparts()[:MESH_COUNT]]
    return (ways * (-1.0, 1.0, 1.0)).reshape(len(moved), -1)


def _brightness(frame: NDArray[np.uint8], face: Points) -> Points:
    """Return (P,), logarithm of the brightness at the map's cells."""
    grey = cv2.cvtColor(np.ascontiguousarray(frame), cv2.COLOR_RGB2GRAY)
    sigma = max(0.5, _SEEN * CELL * face_unit(face))
    soft = cv2.GaussianBlur(grey.astype(np.float32), (0, 0), sigma)
    places = fold_map().places(face).astype(np.float32)
    flags, border = cv2.INTER_LINEAR, cv2.BORDER_REPLICATE
    level = cv2.remap(soft, places[None, :, 0], places[None, :, 1], flags, borderMode=border)
    return np.log(np.maximum(level[0], _DARKEST))


def _without_broad(seen: Points, cells: FoldMap, sigma: float) -> Points:
    """Take out of (N, P) what changes more broadly than a Gaussian of so many cells."""
    column, row = (cells.cells - cells.cells.min(axis=0)).T
    size = int(row.max()) + 1, int(column.max()) + 1
    share = np.zeros(size, np.float32)
    share[row, column] = 1.0
    blurred_share = cv2.GaussianBlur(share, (0, 0), sigma, borderType=cv2.BORDER_CONSTANT)
    narrow = []
    for levels in seen:
        image = np.zeros(size, np.float32)
        image[row, column] = levels
        broad = cv2.GaussianBlur(image, (0, 0), sigma, borderType=cv2.BORDER_CONSTANT)
        narrow.append(levels - (broad / np.maximum(blurred_share, 1e-3))[row, column])
    return np.stack(narrow)


def _mirrored_cells() -> NDArray[np.intp]:
    """Return (P,), the cell on the other side of the face for each cell."""
    numbers = {cell: number for number, cell in enumerate(map(tuple, fold_map().cells.tolist()))}
    return np.array([numbers[-x, y] for x, y in fold_map().cells.tolist()])


def _mirror(head: Points) -> Points:
    """Return the head's motion (N, 6), turn, shift and growth, as a mirror shows it."""
    return head * (1.0, -1.0, -1.0, -1.0, 1.0, 1.0)


def _apart_from_head(moved: Points, shade: Points, head: Points) -> Observed:
    known = np.column_stack([np.ones(len(head)), head, head[:, :3] ** 2])
    basis, _ = np.linalg.qr(known)
    left = (values - basis @ (basis.T @ values) for values in (moved, shade))
    return Observed(*left)
