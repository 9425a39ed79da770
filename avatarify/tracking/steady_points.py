"""Takes the trembling out of a followed face's points.

The face's place and its expression are smoothed apart: points that ride on a moving head look fast,
and a filter that sees them so lets their noise through.
"""

import numpy as np
from numpy.typing import NDArray

from avatarify.geometry.one_euro import OneEuroFilter, OneEuroSettings
from avatarify.tracking.landmark_crops import FaceFrame
from avatarify.tracking.landmark_reader import Reading, in_frame, in_picture

_PLACE_NOISE = 0.004
"""Standard deviation of a resting face's place, size and tilt, in units of the face."""

_POINT_NOISE = 0.006
"""The same of its points in its frame."""


class SteadyPoints:
    """Smooths one face over time."""

    def __init__(self) -> None:
        """Start without a past."""
        self._place: OneEuroFilter[NDArray[np.float64]] = OneEuroFilter(
            OneEuroSettings.for_noise(_PLACE_NOISE)
        )
        self._points: OneEuroFilter[NDArray[np.float32]] = OneEuroFilter(
            OneEuroSettings.for_noise(_POINT_NOISE)
        )
        self._unit = 1.0

    def reset(self) -> None:
        """Forget the past: another face is coming."""
        self._place.reset()
        self._points.reset()
        self._unit = 0.0

    def smooth(self, reading: Reading, time_s: float) -> Reading:
        """Return the face with less noise.

        Args:
            reading: The newest one.
            time_s: When its frame was taken.
        """
        frame = reading.frame
        if not 0.5 * frame.unit < self._unit < 2.0 * frame.unit:
            self.reset()
            self._unit = frame.unit
        place = np.array([frame.x, frame.y, frame.unit, frame.angle * self._unit])
        x, y, unit, angle = self._place(place / self._unit, time_s).tolist()
        here = FaceFrame(x * self._unit, y * self._unit, unit * self._unit, angle)
        points = in_picture(self._points(in_frame(reading.points, frame), time_s), here)
        return Reading(points, here, reading.presence, reading.error)
