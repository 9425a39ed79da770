"""A driver who does nothing must see a portrait that does nothing."""

import numpy as np

from avatarify.frames import Image
from avatarify.training.evaluation.measures import (
    mean_absolute_difference,
    peak_signal_to_noise_db,
    shrink,
)
from avatarify.training.evaluation.methods import Method

NOISE = 2.0
"""Standard deviation of a common webcam's noise, of 255."""

_FRAMES = 10
_SEED = 0


def rest_psnr_db(method: Method, reference: Image) -> float:
    """Return how well the portrait is kept while the driver is at the reference frame."""
    (picture,) = method.perform([reference])
    return peak_signal_to_noise_db(picture, method.still())


def flicker(method: Method, pose: Image) -> float:
    """Return the output's frame-to-frame difference over the input's.

    The driver sits still in one pose; only the webcam's noise changes.

    Args:
        method: Started.
        pose: A driving picture.
    """
    rng = np.random.default_rng(_SEED)
    clean = shrink(pose).astype(np.float64)
    noisy = [
        np.clip(np.round(clean + NOISE * rng.standard_normal(clean.shape)), 0, 255).astype(np.uint8)
        for _ in range(_FRAMES)
    ]
    output = [shrink(picture) for picture in method.perform(noisy)]
    return _restlessness(output) / _restlessness(noisy)


def _restlessness(pictures: list[Image]) -> float:
    pairs = zip(pictures[1:], pictures[:-1], strict=True)
    return float(np.mean([mean_absolute_difference(after, before) for after, before in pairs]))
