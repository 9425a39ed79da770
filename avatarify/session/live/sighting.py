"""What the tracking stage hands to the animating one."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from avatarify.frames import Image


@dataclass(frozen=True, slots=True, eq=False)
class Driving:
    """What an engine sees of the driver.

    Motion models look at the square, the face engine at the landmarks.
    """

    square: Image | None
    """RGB (S, S, 3): the square around the driver's face; None where nobody looks at it."""

    landmarks: NDArray[np.float32] | None = None
    """(478, 3) in pixels of the camera's frame; None where no tracker saw a face."""


@dataclass(frozen=True, slots=True, eq=False)
class CalibrationFrame:
    """What to calibrate with.

    It travels with every later sighting, so that a dropped frame cannot lose it.
    """

    number: int
    """Rises by one with each calibration."""

    driving: Driving
    """It has a square, which is framed around the face exactly."""


@dataclass(frozen=True, slots=True, eq=False)
class Sighting:
    """One camera frame, tracked and cut."""

    driving: Driving
    """The driver."""

    time_s: float
    """Capture time."""

    index: int
    """Index of the camera frame."""

    has_face: bool
    """The driver is seen (or assumed, without a tracker)."""

    calibration: CalibrationFrame | None = None
    """The latest frame to calibrate with, if any."""
