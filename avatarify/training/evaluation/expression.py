"""Whether the driver's expression and pose arrive in the output, over time."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from avatarify.tracking.face import Face


class Trait(NamedTuple):
    """One thing a face does."""

    measure: Callable[[Face], float]
    """Of one face."""

    least_range: float
    """A driver who moves less than this shows nothing to follow: then it is not measured."""


def _gaze(face: Face) -> float:
    """Return how far both eyes look to the person's right, -1 to 1; to the left is below 0."""
    left = face.blendshape("eyeLookInLeft") - face.blendshape("eyeLookOutLeft")
    right = face.blendshape("eyeLookOutRight") - face.blendshape("eyeLookInRight")
    return (left + right) / 2.0


TRAITS: dict[str, Trait] = {
    "jaw": Trait(lambda face: face.jaw_open, 0.12),
    "lips": Trait(lambda face: face.lips_apart, 0.03),
    "smile": Trait(lambda face: face.smile, 0.25),
    "blink": Trait(lambda face: (face.blink_left + face.blink_right) / 2.0, 0.25),
    "gaze": Trait(_gaze, 0.12),
    "yaw": Trait(lambda face: face.yaw_deg, 5.0),
    "pitch": Trait(lambda face: face.pitch_deg, 5.0),
    "roll": Trait(lambda face: face.roll_deg, 4.0),
}
"""What is compared; blendshapes 0 to 1, the lips' gap over the face's height, degrees."""

_FEWEST_FRAMES = 8

_LEAST_SHAPE_SPREAD = 0.03
"""Standard deviation over time of a blendshape that the driver uses."""


class Arrival(NamedTuple):
    """How one trait arrives."""

    correlation: float | None
    """Pearson's, over the frames; None where the driver does too little."""

    gain: float | None
    """Change of the output per change of the driver; 1 is all of it."""


def arrivals(driving: Sequence[Face | None], output: Sequence[Face | None]) -> dict[str, Arrival]:
    """Compare every trait of driver and output over time.

    Args:
        driving: One face per frame.
        output: One per frame; frames without a face in either are left out.
    """
    pairs = [(a, b) for a, b in zip(driving, output, strict=True) if a and b]
    return {
        name: _arrival(
            np.array([trait.measure(face) for face, _ in pairs]),
            np.array([trait.measure(face) for _, face in pairs]),
            trait.least_range,
        )
        for name, trait in TRAITS.items()
    }


def shapes_correlation(
    driving: Sequence[Face | None], output: Sequence[Face | None]
) -> float | None:
    """Return the mean correlation over time of all blendshapes that the driver uses.

    It sees what no trait above does: asymmetry, pursed lips, brows, sneers.

    Args:
        driving: One face per frame.
        output: One per frame; frames without a face in either are left out.

    Returns:
        None where there are too few frames, or the driver does nothing.
    """
    pairs = [
        (a.blendshapes, b.blendshapes) for a, b in zip(driving, output, strict=True) if a and b
    ]
    if len(pairs) < _FEWEST_FRAMES:
        return None
    true, shown = np.array(pairs, dtype=np.float64).transpose(1, 2, 0)  # each (52, frames)
    used = np.flatnonzero(true.std(axis=1) > _LEAST_SHAPE_SPREAD)
    if not len(used):
        return None
    return float(np.mean([correlation(true[index], shown[index]) for index in used]))


def correlation(driving: NDArray[np.floating], output: NDArray[np.floating]) -> float:
    """Return Pearson's correlation; 0 where one of the two never changes."""
    deviations = float(driving.std() * output.std())
    if deviations < 1e-9:
        return 0.0
    return float(((driving - driving.mean()) * (output - output.mean())).mean()) / deviations


def gain(driving: NDArray[np.floating], output: NDArray[np.floating]) -> float:
    """Return the median slope between frames that are far apart in the driver, 0 without any.

    Least squares would answer a trembling input with too small a slope and follow single wrong
    frames; the median of the slopes between frames at least half the range apart does neither.
    """
    run = driving[:, None] - driving[None, :]
    rise = output[:, None] - output[None, :]
    far = run >= max(1e-9, 0.5 * float(np.ptp(driving)))
    return float(np.median(rise[far] / run[far])) if far.any() else 0.0


def _arrival(
    driving: NDArray[np.float64], output: NDArray[np.float64], least_range: float
) -> Arrival:
    if len(driving) < _FEWEST_FRAMES:
        return Arrival(None, None)
    low, high = np.percentile(driving, (1, 99))
    if high - low < least_range:
        return Arrival(None, None)
    return Arrival(correlation(driving, output), gain(driving, output))
