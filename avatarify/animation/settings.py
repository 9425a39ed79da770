"""How a driver's motion becomes the portrait's."""

from dataclasses import dataclass
from typing import Literal

Motion = Literal["relative", "absolute"]


@dataclass(frozen=True, slots=True)
class MotionSettings:
    """The defaults are the published method, without anything added."""

    motion: Motion = "relative"
    """"relative": the portrait moves by what the driver has moved since the driving reference, so
    the faces need not be alike. "absolute": it takes the driver's pose and shape."""

    adapt_scale: bool = True
    """Relative motion is scaled by how much larger the portrait's face is than the driver's."""

    gain: float = 1.0
    """0 leaves the portrait still, 1 is the driver's motion, up to 2 exaggerates it."""

    smoothing: float = 0.0
    """One-Euro smoothing of the driver's keypoints: 0 off, 0.5 for a common webcam, 1 strongest."""

    soft_limits: bool = False
    """Extreme poses bend the portrait less and less instead of tearing it."""

    first_frame_is_reference: bool = True
    """Without calibration the first driving frame becomes the driving reference; otherwise the
    portrait stays still until it is calibrated."""

    def __post_init__(self) -> None:
        if self.motion not in ("relative", "absolute"):
            raise ValueError(f"motion is relative or absolute, not {self.motion!r}")
        if not 0.0 <= self.gain <= 2.0:
            raise ValueError(f"gain lies between 0 and 2, not {self.gain}")
        if not 0.0 <= self.smoothing <= 1.0:
            raise ValueError(f"smoothing lies between 0 and 1, not {self.smoothing}")
