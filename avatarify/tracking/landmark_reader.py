"""Reads a face's points from a picture in which it is roughly known where the face is."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from avatarify.frames import Image
from avatarify.networks.landmark_points import (
    CLOSE_POINTS,
    LEFT_EYE_POINTS,
    MOUTH_POINTS,
    RIGHT_EYE_POINTS,
    LandmarkConfig,
)
from avatarify.tracking.landmark_crops import (
    FaceFrame,
    Points,
    Square,
    apply,
    cut,
    frame_of,
    inverse,
)
from avatarify.tracking.landmark_engine import LandmarkEngine

_CLOSE = np.array(CLOSE_POINTS)
_MOUTH, _RIGHT, _LEFT = (np.array(p) for p in (MOUTH_POINTS, RIGHT_EYE_POINTS, LEFT_EYE_POINTS))


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """What was read at one place of a picture."""

    points: Points
    """(478, 3), in pixels of the picture; depth in the same unit."""

    frame: FaceFrame
    """The frame of these points."""

    presence: float
    """Probability that there is a face."""

    error: float
    """Expected mean error of the coarse points, over the distance of the mean face's irises."""


class LandmarkReader:
    """The three networks and the squares that they look at."""

    def __init__(self, engine: LandmarkEngine, config: LandmarkConfig, mean: Points) -> None:
        """Take the compiled networks, their sizes and the (478, 3) mean face."""
        self._engine, self._config, self._mean = engine, config, mean

    def glance(self, image: Image, frame: FaceFrame) -> Reading:
        """Find all points roughly.

        Args:
            image: (H, W, 3) RGB uint8.
            frame: Where the face is thought to be.
        """
        square = frame.face_square()
        matrix = square.to_square()
        crop = cut(image, matrix, self._config.face_size)
        found, logit, error = self._engine.coarse(crop)
        half = square.side / 2.0
        points = np.empty((len(found), 3), np.float32)
        points[:, :2], points[:, 2] = apply(inverse(matrix), found), found[:, 2] * half
        presence = 1.0 / (1.0 + math.exp(-min(max(logit, -30.0), 30.0)))
        here = frame_of(points, self._mean)
        return Reading(points, here, presence, error * half / frame.unit)

    def recall(self, points: Points) -> Reading:
        """Return what was read when these points were found, as a place to look at again."""
        return Reading(points, frame_of(points, self._mean), 1.0, 0.0)

    def look(self, image: Image, frame: FaceFrame) -> Reading:
        """Find all points, then mouth and eyes closely; arguments as for `glance`."""
        rough = self.glance(image, frame)
        return self.look_closely(image, rough)

    def look_closely(self, image: Image, rough: Reading) -> Reading:
        """Correct the points of mouth, eyes and brows, and the others along with them."""
        here, points = rough.frame, rough.points.copy()
        mouth = here.mouth_square(points, self._config.mouth_side)
        right, left = here.eye_squares(points)
        close = np.concatenate((self._mouth(image, mouth), *self._eyes(image, right, left)))
        turn = _turn(here.angle)
        missed = (close - points[_CLOSE, :2]) @ turn / here.unit
        points[:, :2] += self._engine.spread(missed.astype(np.float32)) @ turn.T * here.unit
        points[_CLOSE, :2] = close
        return Reading(points, frame_of(points, self._mean), rough.presence, rough.error)

    def _mouth(self, image: Image, square: Square) -> Points:
        matrix = square.to_square()
        return apply(
            inverse(matrix), self._engine.mouth(cut(image, matrix, self._config.mouth_size))
        )

    def _eyes(self, image: Image, right: Square, left: Square) -> tuple[Points, Points]:
        matrices = right.to_square(), left.to_square(mirrored=True)
        crops = (cut(image, matrix, self._config.eye_size) for matrix in matrices)
        found = self._engine.eyes(*crops)
        return apply(inverse(matrices[0]), found[0]), apply(inverse(matrices[1]), found[1])


def in_frame(points: Points, frame: FaceFrame) -> Points:
    """Return (478, 3) points in a face's own frame: level, its unit as large as the face."""
    level = (points[:, :2] - (frame.x, frame.y)) @ _turn(frame.angle) / frame.unit
    return np.concatenate((level, points[:, 2:] / frame.unit), axis=1).astype(np.float32)


def _turn(angle: float) -> NDArray[np.float64]:
    """Return (2, 2); a row times it turns from the picture's axes to the face's."""
    cos, sin = np.cos(angle), np.sin(angle)
    return np.array([[cos, -sin], [sin, cos]])
