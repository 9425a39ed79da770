"""Mending an outline: one piece, no holes in the person, no notches in the hair."""

import cv2
import numpy as np
from numpy.typing import NDArray

Plane = NDArray[np.float32]
Mask = NDArray[np.uint8]

_NOTCH = 0.07
_SPUR = 0.02
_HOLE = 0.3
"""What is narrower than a notch is filled, narrower than a spur cut off; in heights of the face.
Holes are filled up to the area of a square of this side."""


def one_piece(cut: Plane, is_face: NDArray[np.bool_], face_height: float) -> Plane:
    """Make a cut one smooth blob around the face.

    Args:
        cut: (H, W) in [0, 1], at least 0.5 where the person is.
        is_face: (H, W), what surely belongs to it.
        face_height: In pixels.

    Returns:
        (H, W) in [0, 1], the cut where it is sound already.
    """
    whole = ((cut >= 0.5) | is_face).astype(np.uint8)
    whole = _padded(whole, cv2.MORPH_OPEN, _SPUR * face_height)
    whole = _blob(whole | is_face.astype(np.uint8), is_face)
    whole = _padded(whole, cv2.MORPH_CLOSE, _NOTCH * face_height)
    whole = _without_holes(whole, (_HOLE * face_height) ** 2)
    kept = np.where(whole > 0, np.maximum(cut, 0.5), np.minimum(cut, 0.49))
    kept = np.where((whole > 0) & (cut < 0.5), 1.0, kept)
    return np.where((whole == 0) & (cut >= 0.5), 0.0, kept).astype(np.float32)


def with_enclosed(whole: Plane, fine: Plane, face_height: float) -> Plane:
    """Add what strands of hair enclose: a lock of another colour than the rest of the hair.

    Args:
        whole: (H, W) in [0, 1], a cut in one piece.
        fine: (H, W) in [0, 1], its matte with single strands.
        face_height: In pixels.
    """
    before = (whole >= 0.5).astype(np.uint8)
    seen = before | (fine >= 0.35).astype(np.uint8)
    closed = _padded(seen, cv2.MORPH_CLOSE, _NOTCH * face_height)
    closed = _without_holes(closed, (_HOLE * face_height) ** 2)
    thick = _padded(closed, cv2.MORPH_OPEN, 2.0 * _SPUR * face_height)
    return np.where((thick > 0) & (before == 0), np.float32(1), whole)


def signed_distance(cut: Plane) -> Plane:
    """Return (H, W), the distance in pixels to where `cut` is 0.5, positive where it is more."""
    mask = (cut >= 0.5).astype(np.uint8)
    within = cv2.distanceTransform(mask, cv2.DIST_L2, cv2.DIST_MASK_5)
    beyond = cv2.distanceTransform(1 - mask, cv2.DIST_L2, cv2.DIST_MASK_5)
    return np.where(mask > 0, within - 0.5, 0.5 - beyond).astype(np.float32)


def _padded(mask: Mask, operation: int, radius: float) -> Mask:
    """Open or close as if the picture's border rows went on beyond it."""
    reach = max(1, round(radius))
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    margin = 2 * reach
    wide = cv2.copyMakeBorder(mask, margin, margin, margin, margin, cv2.BORDER_REPLICATE)
    done = cv2.morphologyEx(wide, operation, disc)
    return done[margin:-margin, margin:-margin].astype(np.uint8)


def _blob(mask: Mask, is_face: NDArray[np.bool_]) -> Mask:
    _, labels = cv2.connectedComponents(mask, connectivity=4)
    if not is_face.any():
        return mask
    return (labels == np.bincount(labels[is_face]).argmax()).astype(np.uint8)


def _without_holes(mask: Mask, most: float) -> Mask:
    count, labels, stats, _ = cv2.connectedComponentsWithStats(1 - mask, connectivity=4)
    filled = mask.copy()
    height, width = mask.shape
    for label in range(1, count):
        x, y, w, h, area = stats[label]
        touches = x == 0 or y == 0 or x + w == width or y + h == height
        if area <= most and not touches and mask.any():
            filled[labels == label] = 1
    return filled
