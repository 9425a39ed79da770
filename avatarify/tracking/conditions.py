"""Is the driver well seen? What the camera's picture lacks, in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

import cv2
import numpy as np

from avatarify.frames import Image
from avatarify.tracking.face import Box, Face

_PATCH = 160
"""Pixels of the middle of the face that are looked at, at most, across and down."""

# Differences of two Laplacians: blind to planes and straight edges. White noise of standard
# deviation s comes out with 6 s (J. Immerkær, "Fast Noise Variance Estimation", 1996).
_NOISE_MASK = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], dtype=np.float32)
_COLOURLESS, _FLAT = 16.0, 3.0
_MEDIAN_OF_NORMAL = 0.6745  # of the absolute value, in standard deviations


class Condition(Enum):
    """One thing about the picture that costs quality; the value says what to do."""

    NO_FACE = "No face is seen. Face the camera."
    SEVERAL_FACES = "Several faces are seen. The one followed so far stays in control."
    CUT_OFF = "Your face leaves the picture. Move towards the middle."
    TOO_FAR = "You are far away. Come closer to the camera."
    TOO_NEAR = "You are very close. Move back a little."
    OFF_CENTER = "You are at the edge of the picture. Move towards the middle."
    TOO_DARK = "Your face is too dark. Turn a light on in front of you."
    TOO_BRIGHT = "Your face is too bright. Dim the light in front of you."
    NOISY = "The picture is noisy. More light helps."


@dataclass(frozen=True, slots=True)
class Light:
    """How well lit the face is."""

    brightness: float
    """Median of the grey values in the middle of the face, 0 to 255."""

    noise: float
    """Standard deviation of the grey values' noise, of 255."""


@dataclass(frozen=True, slots=True)
class ConditionLimits:
    """From where on a condition is worth a warning."""

    far: float = 96.0
    """Least size of the face in pixels (larger side of its box): the avatar's motion is read from
    256 pixels for 1.9 such sizes, so this is what is enlarged 1.4 times."""

    near: float = 0.85
    """Largest size of the face, over the picture's smaller side."""

    cut_off: float = 0.05
    """Part of the face's size that may be outside the picture."""

    off_center: float = 0.2
    """Least distance of the face's middle from the picture's edges, over the picture's size."""

    dark: float = 45.0
    """Least brightness; dark skin in good light has more than 60."""

    bright: float = 245.0
    """Largest brightness."""

    noise: float = 5.0
    """Largest noise; a webcam in good light has 0.5 to 2."""


@dataclass(frozen=True, slots=True)
class Observation:
    """What is known of one camera frame."""

    face: Face | None
    """The driver's face."""

    image_size: tuple[int, int]
    """(height, width) of the frame in pixels."""

    time_s: float
    """When the frame was taken."""

    light: Light | None = None
    """None without a face."""

    face_count: int = 1
    """How many faces were seen."""


def observe(image: Image, faces: Sequence[Face], time_s: float) -> Observation:
    """Collect what calibration and warnings need to know of a camera frame.

    Args:
        image: (H, W, 3) RGB uint8, the whole frame.
        faces: As `FaceLandmarker.find_all` returns them, the driver's first.
        time_s: When the frame was taken.
    """
    face = faces[0] if faces else None
    return Observation(
        face=face,
        image_size=(image.shape[0], image.shape[1]),
        time_s=time_s,
        light=measure_light(image, face.box) if face else None,
        face_count=len(faces),
    )


def is_blank(image: Image) -> bool:
    """Whether a picture is all black, grey or green, as the first ones of many cameras are.

    Args:
        image: (H, W, 3) RGB uint8.
    """
    small = cv2.resize(image, (16, 12), interpolation=cv2.INTER_AREA).astype(np.float32)
    red, green, blue = small.reshape(-1, 3).mean(axis=0).tolist()
    has_such_colour = abs(red - blue) < _COLOURLESS and green > red - _COLOURLESS
    return has_such_colour and float(small.std(axis=(0, 1)).max()) < _FLAT


def measure_light(image: Image, box: Box) -> Light | None:
    """Measure the middle of a face's box; None if less than 8 pixels of it are in the picture."""
    height, width = image.shape[:2]
    left, right = _middle(max(0, round(box.left)), min(width, round(box.right)))
    top, bottom = _middle(max(0, round(box.top)), min(height, round(box.bottom)))
    if right - left < 8 or bottom - top < 8:
        return None
    grey = cv2.cvtColor(image[top:bottom, left:right], cv2.COLOR_RGB2GRAY).astype(np.float32)
    residue = np.abs(cv2.filter2D(grey, -1, _NOISE_MASK)[1:-1, 1:-1])
    return Light(
        brightness=float(np.median(grey)), noise=float(np.median(residue)) / (6 * _MEDIAN_OF_NORMAL)
    )


def conditions(
    observation: Observation, limits: ConditionLimits | None = None
) -> tuple[Condition, ...]:
    """Return everything that should be better, the gravest first."""
    limits = limits or ConditionLimits()
    if observation.face is None:
        return (Condition.NO_FACE,)
    checks = {
        Condition.SEVERAL_FACES: observation.face_count > 1,
        **_place(observation.face, observation.image_size, limits),
        **_light(observation.light, limits),
    }
    return tuple(condition for condition, is_present in checks.items() if is_present)


def outside(box: Box, image_size: tuple[int, int]) -> tuple[float, float, float, float]:
    """How far a face's box reaches over the picture's edges.

    Returns:
        Left, top, right, bottom as parts of the box's larger side, at least 0.
    """
    height, width = image_size
    beyond = (-box.left, -box.top, box.right - width, box.bottom - height)
    left, top, right, bottom = (max(0.0, side / box.larger_side) for side in beyond)
    return left, top, right, bottom


def _place(
    face: Face, image_size: tuple[int, int], limits: ConditionLimits
) -> dict[Condition, bool]:
    height, width = image_size
    x, y = face.box.center
    to_edge = min(x / width, 1 - x / width, y / height, 1 - y / height)
    is_cut_off = max(outside(face.box, image_size)) > limits.cut_off
    return {
        Condition.CUT_OFF: is_cut_off,
        Condition.TOO_FAR: face.box.larger_side < limits.far,
        Condition.TOO_NEAR: face.box.larger_side > limits.near * min(height, width),
        Condition.OFF_CENTER: to_edge < limits.off_center and not is_cut_off,
    }


def _light(light: Light | None, limits: ConditionLimits) -> dict[Condition, bool]:
    if light is None:
        return {}
    return {
        Condition.TOO_DARK: light.brightness < limits.dark,
        Condition.TOO_BRIGHT: light.brightness > limits.bright,
        Condition.NOISY: light.noise > limits.noise,
    }


def _middle(low: int, high: int) -> tuple[int, int]:
    spare = max(0, high - low - _PATCH)
    return low + spare // 2, high - spare + spare // 2
