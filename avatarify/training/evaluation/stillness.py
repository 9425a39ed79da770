"""A driver who does nothing must see a portrait that does nothing."""

import numpy as np

from avatarify.frames import Image
from avatarify.training.evaluation.measures import (
    COMPARED_SIZE,
    mean_absolute_difference,
    peak_signal_to_noise_db,
    shrink,
)
from avatarify.training.evaluation.methods import Method
from avatarify.training.evaluation.sight import FindFace, Sight

NOISE = 2.0
"""Standard deviation of a common webcam's noise, of 255."""

_FRAMES = 10
_FPS = 30.0
_SEED = 0


def rest_psnr_db(method: Method, reference: Sight) -> float:
    """Return how well the portrait is kept while the driver is at the reference frame."""
    (picture,) = method.perform([reference])
    return peak_signal_to_noise_db(picture, method.still())


def flicker(method: Method, pose: Sight, find_face: FindFace) -> float:
    """Return the output's frame-to-frame difference over the input's.

    The driver sits still in one pose; only the webcam's noise changes, and with it what the
    tracker sees.

    Args:
        method: Started.
        pose: A driving frame.
        find_face: The tracker.
    """
    rng = np.random.default_rng(_SEED)
    noisy = [_noisy(pose.picture, rng) for _ in range(_FRAMES)]
    seen = [
        pose.again(picture, find_face)._replace(time_s=pose.time_s + index / _FPS)
        for index, picture in enumerate(noisy)
    ]
    output = [shrink(picture) for picture in method.perform(seen)]
    return _restlessness(output) / _restlessness([shrink(picture) for picture in noisy])


def _noisy(picture: Image, rng: np.random.Generator) -> Image:
    """Add noise whose grains are pixels at 256²: webcams show faces no larger."""
    height, width, _ = picture.shape
    grain = max(1, height // COMPARED_SIZE)
    noise = NOISE * rng.standard_normal((height // grain, width // grain, 3))
    grains = noise.repeat(grain, axis=0).repeat(grain, axis=1)
    return np.clip(np.round(picture + grains), 0, 255).astype(np.uint8)


def _restlessness(pictures: list[Image]) -> float:
    pairs = zip(pictures[1:], pictures[:-1], strict=True)
    return float(np.mean([mean_absolute_difference(after, before) for after, before in pairs]))
