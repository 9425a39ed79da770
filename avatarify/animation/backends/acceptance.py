"""Does a fast engine compute what the readable networks compute? Asked before each use."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from avatarify.animation.backends.fast_engine import FastEngine
from avatarify.animation.backends.probe import draw_face, moved
from avatarify.animation.engine import Engine, Portrait
from avatarify.geometry.keypoints import Keypoints

_BLACK, _NOT_BLACK = 1.0, 4.0
"""Mean levels: what is called black, and what a reference must have for that to be a fault."""


@dataclass(frozen=True, slots=True)
class Bound:
    """How far an engine may be from the readable networks."""

    keypoints: float
    """Largest difference of a keypoint, in [-1, 1] units."""

    picture: float | None = None
    """Largest difference of a colour, in [0, 1]; None does not ask."""

    psnr_db: float | None = None
    """Least peak signal-to-noise ratio; None does not ask."""


EXACT = Bound(1e-3, picture=1e-3)
"""For float32: the same picture."""

APPROXIMATE = Bound(2e-3, psnr_db=40.0)
"""For half precision and int8: differences that nobody sees."""

SPARE = Bound(2e-3, psnr_db=42.0)
"""For painting that is expected near 40 dB, with something to spare for frames that are not tried:
the worst of 20 was 1 dB worse."""

CLOSE = Bound(2e-3, psnr_db=55.0)
"""For a flow in half precision, whose errors grow with the motion. The shipped model loses 17 dB
more in the worst of 20 frames than in the one that is tried."""


def complaint(engine: Engine, reference: Engine, bound: Bound) -> str | None:
    """Try an engine on one frame.

    Args:
        engine: The one in question.
        reference: The readable networks in float32, of the same model.
        bound: What is asked.

    Returns:
        Why it must not be used, as the end of a sentence, or None.
    """
    config = reference.config
    face, driver = draw_face(config.output_size), draw_face(config.image_size, 0.03, 0.06)
    own, expected = engine.encode(face), reference.encode(face)
    for name, one, other in (
        ("portrait", own.keypoints, expected.keypoints),
        ("driver", engine.keypoints(driver), reference.keypoints(driver)),
    ):
        fault = _keypoint_fault(one, other, bound)
        if fault is not None:
            return f"the {name}'s keypoints {fault}"
    target = moved(expected.keypoints)
    painted = _levels(engine, own, target.to(own.keypoints.value.device))
    return _picture_fault(painted, _exact_levels(reference, expected, target), bound)


def _keypoint_fault(found: Keypoints, expected: Keypoints, bound: Bound) -> str | None:
    value = found.value.float().cpu()
    if not bool(value.isfinite().all()):
        return "are no numbers"
    distance = float((value - expected.value.float().cpu()).abs().max())
    if distance > bound.keypoints:
        return f"are {distance:.1g} off; {bound.keypoints:.0e} is allowed"
    return None


def _picture_fault(
    levels: NDArray[np.float32], expected: NDArray[np.float32], bound: Bound
) -> str | None:
    if not np.isfinite(levels).all():
        return "the picture holds values that are no numbers"
    if levels.mean() < _BLACK and expected.mean() > _NOT_BLACK:
        return "the picture is black"
    difference = float(np.abs(levels - expected).max()) / 255.0
    if bound.picture is not None and difference > bound.picture:
        return f"the picture is {difference:.1g} off; {bound.picture:.0e} is allowed"
    psnr_db = peak_signal_to_noise(levels, expected)
    if bound.psnr_db is not None and psnr_db < bound.psnr_db:
        return f"the picture has only {psnr_db:.0f} dB; {bound.psnr_db:.0f} dB are needed"
    return None


def peak_signal_to_noise(levels: NDArray[np.float32], expected: NDArray[np.float32]) -> float:
    """Return the peak signal-to-noise ratio of two pictures of 0 to 255, in dB, at most 120."""
    error = float(np.mean((levels.astype(np.float64) - expected) ** 2))
    return 10.0 * float(np.log10(255.0**2 / max(error, 255.0**2 * 1e-12)))


def _levels(engine: Engine, portrait: Portrait, driving: Keypoints) -> NDArray[np.float32]:
    if isinstance(engine, FastEngine):
        return engine.levels(portrait, driving)
    return engine.render(portrait, driving).astype(np.float32)


def _exact_levels(reference: Engine, portrait: Portrait, driving: Keypoints) -> NDArray[np.float32]:
    picture = reference.decompose(portrait, driving).picture[0]
    return picture.permute(1, 2, 0).mul(255.0).numpy()
