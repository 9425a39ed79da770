"""What the tracking stage hands to the animating one."""

from dataclasses import dataclass

from avatarify.frames import Image


@dataclass(frozen=True, slots=True, eq=False)
class CalibrationFrame:
    """A driving square to calibrate with.

    It travels with every later sighting, so that a dropped frame cannot lose it.
    """

    number: int
    """Rises by one with each calibration."""

    driving: Image
    """RGB (S, S, 3), framed around the face exactly."""


@dataclass(frozen=True, slots=True, eq=False)
class Sighting:
    """One camera frame, tracked and cut."""

    driving: Image
    """RGB (S, S, 3): the square around the driver's face."""

    time_s: float
    """Capture time."""

    index: int
    """Index of the camera frame."""

    has_face: bool
    """The driver is seen (or assumed, without a tracker)."""

    calibration: CalibrationFrame | None = None
    """The latest frame to calibrate with, if any."""
