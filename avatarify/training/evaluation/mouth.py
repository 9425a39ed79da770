"""Inside the true mouth's box: how wrong, how sharp, and whether teeth come and go.

What people look at first is small: over the whole picture a smear in it weighs nothing, and a
face tracker takes the smear for a mouth. So the box is compared for itself, and so are error and
fine detail: a painter of means wins one and loses the other.
"""

from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from avatarify.frames import Image
from avatarify.tracking.face import Face
from avatarify.training.evaluation.expression import correlation
from avatarify.training.evaluation.measures import COMPARED_SIZE, INNER_LIPS, LIPS, SEEN_SIZE

_MARGIN = 0.2
"""Around the lips, over the mouth's width."""

_SMALLEST_BOX = (6, 8)
"""(height, width) in pixels at 256²: a smaller one holds nothing to compare."""

_SMALLEST_OPENING = 0.0006
"""Of the picture: through a smaller one no teeth are seen."""

_TEETH_SATURATION, _TEETH_BRIGHTNESS, _DARKEST_SKIN = 95, 0.55, 90
"""Teeth are at most so colourful (of 255), and at least so bright, over the picture's median."""

_FEWEST_FRAMES, _LEAST_TEETH_SPREAD = 9, 0.02


class MouthScores(NamedTuple):
    """What a method made of the mouth; None is "not measured here"."""

    l1: float | None = None
    """Mean absolute difference to the true frame inside the box, 0 to 1."""

    l1_still: float | None = None
    """The same for the portrait that does not move."""

    sharpness: float | None = None
    """Fine detail over the truth's: below 0.6 a smear, above 1.4 noise."""

    teeth: float | None = None
    """Correlation over time of the share of the opening that looks like teeth."""

    teeth_true: float | None = None
    """That share, mean over the true frames with an open mouth."""

    teeth_output: float | None = None
    """The same in the method's frames."""


class Moment(NamedTuple):
    """A true frame and what a method made of it, both (256, 256, 3)."""

    true: Image
    output: Image

    true_face: Face
    """In pixels at 512², like all faces here."""

    output_face: Face


def mouth_scores(moments: Sequence[Moment], still: Image) -> MouthScores:
    """Compare the mouths of a performance with the true ones.

    Args:
        moments: The frames in which both show a face.
        still: The portrait at rest, (256, 256, 3).
    """
    boxes = [(moment, mouth_box(moment.true_face)) for moment in moments]
    seen = [(moment, box) for moment, box in boxes if box is not None]
    if not seen:
        return MouthScores()
    errors = [_difference(moment.true[box], moment.output[box]) for moment, box in seen]
    still_errors = [_difference(moment.true[box], still[box]) for moment, box in seen]
    sharpness = [
        detail(moment.output[box]) / max(detail(moment.true[box]), 1e-3) for moment, box in seen
    ]
    return MouthScores(
        float(np.mean(errors)),
        float(np.mean(still_errors)),
        float(np.mean(sharpness)),
        *_teeth([moment for moment, _ in seen]),
    )


def mouth_box(face: Face) -> tuple[slice, slice] | None:
    """Return the rows and columns around the lips in the picture at 256²; None if tiny."""
    points = _at_compared_size(face, LIPS)
    low, high = points.min(axis=0), points.max(axis=0)
    margin = _MARGIN * (high[0] - low[0])
    left, top = (int(edge) for edge in np.clip(low - margin, 0, COMPARED_SIZE))
    right, bottom = (int(edge) for edge in np.clip(high + margin, 0, COMPARED_SIZE))
    if bottom - top < _SMALLEST_BOX[0] or right - left < _SMALLEST_BOX[1]:
        return None
    return slice(top, bottom), slice(left, right)


def detail(picture: Image) -> float:
    """Return the mean of |Laplacian| of the grey picture, in grey levels."""
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).astype(np.float32)
    return float(np.abs(cv2.Laplacian(grey, cv2.CV_32F)).mean())


def teeth_share(picture: Image, face: Face) -> float | None:
    """Return which share of the mouth's opening is bright and nearly grey.

    Args:
        picture: (256, 256, 3).
        face: In it.

    Returns:
        0 to 1; None where the mouth is as good as shut.
    """
    opening = np.zeros(picture.shape[:2], np.uint8)
    outline = np.round(_at_compared_size(face, INNER_LIPS)).astype(np.int32)
    cv2.fillPoly(opening, [outline], 1)
    if opening.sum() < _SMALLEST_OPENING * opening.size:
        return None
    colours = np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2HSV))
    saturation, value = (colours[..., channel][opening > 0] for channel in (1, 2))
    bright = _TEETH_BRIGHTNESS * max(float(np.median(colours[..., 2])), _DARKEST_SKIN)
    return float(((saturation < _TEETH_SATURATION) & (value > bright)).mean())


def _teeth(moments: Sequence[Moment]) -> tuple[float | None, float | None, float | None]:
    """Return the correlation and both mean shares; nothing for a driver who shows few teeth."""
    pairs = [
        (true, output)
        for moment in moments
        if (true := teeth_share(moment.true, moment.true_face)) is not None
        and (output := teeth_share(moment.output, moment.output_face)) is not None
    ]
    shares = np.array(pairs, dtype=np.float64).reshape(-1, 2)
    if len(shares) < _FEWEST_FRAMES or shares[:, 0].std() <= _LEAST_TEETH_SPREAD:
        return None, None, None
    mean_true, mean_output = shares.mean(axis=0).tolist()
    return correlation(shares[:, 0], shares[:, 1]), mean_true, mean_output


def _difference(left: Image, right: Image) -> float:
    return float(np.abs(left.astype(np.float64) - right).mean()) / 255.0


def _at_compared_size(face: Face, landmarks: tuple[int, ...]) -> NDArray[np.float32]:
    return face.landmarks[list(landmarks), :2] * (COMPARED_SIZE / SEEN_SIZE)
