"""What the user settled for one avatar, kept with it: crop, gain, mirror, driving reference."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class DrivingReference:
    """The calibrated pose as the model sees it: never a photograph of the user.

    Only numbers that no face can be drawn from are kept on disk.
    """

    model: str
    """Name of the model whose keypoints these are; another model cannot use them."""

    arrays: tuple[tuple[str, NDArray[np.float32]], ...] = field(compare=False)
    """(name, values), as the animator gives them: keypoints (K, 2), jacobians (K, 2, 2)."""


@dataclass(frozen=True, slots=True)
class AvatarProfile:
    """Settings that belong to one avatar."""

    zoom: float = 1.0
    """Manual zoom on the driver: above 1 is closer."""

    pan_x: float = 0.0
    """Manual shift of the crop to the right, in crop sides."""

    pan_y: float = 0.0
    """Manual shift of the crop downwards, in crop sides."""

    gain: float = 1.0
    """Motion gain, 0 to 2."""

    mirror: bool = False
    """Mirror the output."""

    reference: DrivingReference | None = None
    """The driving reference, or None while never calibrated."""

    def __post_init__(self) -> None:
        if not 0.25 <= self.zoom <= 4.0:
            raise ValueError("The zoom lies between 0.25 and 4.")
        if not (abs(self.pan_x) <= 1.0 and abs(self.pan_y) <= 1.0):
            raise ValueError("The crop moves by at most one side.")
        if not 0.0 <= self.gain <= 2.0:
            raise ValueError("The motion gain lies between 0 and 2.")
