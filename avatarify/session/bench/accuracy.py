"""How near a back end comes to the readable networks over a clip, keypoints found by itself."""

from copy import deepcopy
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from avatarify.animation.backends.acceptance import (
    APPROXIMATE,
    EXACT,
    Bound,
    peak_signal_to_noise,
)
from avatarify.animation.backends.fast_engine import FastEngine
from avatarify.animation.backends.probe import draw_face
from avatarify.animation.engine import Engine, Portrait
from avatarify.animation.torch_engine import TorchEngine, to_tensor
from avatarify.frames import Image
from avatarify.geometry import transfer
from avatarify.geometry.keypoints import Keypoints
from avatarify.networks.motion_model import MotionModel

CHECKED_FRAMES = 20
"""Of which the worst counts."""

LARGEST_MOTION = 0.15
"""A trained detector's keypoints move about this far in the clip, in [-1, 1] units. One of random
weights leaps across the picture, where dense flows are so steep that float32 itself is coarse;
its motion is scaled down to this."""

_Levels = NDArray[np.float32]


class Accuracy(NamedTuple):
    """Of one back end over a clip."""

    largest_difference: float
    """Of a colour in [0, 1]."""

    worst_psnr_db: float
    """Of the worst frame."""

    def keeps(self, bound: Bound) -> bool:
        """Tell whether every frame is within a bound."""
        return (bound.picture is None or self.largest_difference <= bound.picture) and (
            bound.psnr_db is None or self.worst_psnr_db >= bound.psnr_db
        )


class CheckedClip:
    """A clip, and what the readable networks in float32 make of it."""

    def __init__(self, model: MotionModel, source: Image, frames: list[Image]) -> None:
        """Animate the clip with the readable networks.

        Args:
            model: In eval mode, on the CPU.
            source: RGB (S, S, 3), S the configuration's `output_size`.
            frames: RGB (s, s, 3), s its `image_size`; the first is the driving reference.
        """
        self.source, self.frames = source, frames
        self._model = model
        reference = TorchEngine(model)
        portrait = reference.encode(source)
        found = [reference.keypoints(frame) for frame in frames]
        first = found[0].value
        motion = max(float((keypoints.value - first).abs().max()) for keypoints in found)
        self.gain = min(1.0, LARGEST_MOTION / max(motion, 1e-6))
        self._source_keypoints = portrait.keypoints
        self._targets = self._moved(portrait, found)
        self._expected = [levels_of(reference, portrait, target) for target in self._targets]

    def accuracy(self, engine: Engine) -> Accuracy:
        """Animate the clip with a back end, from its own keypoints."""
        if isinstance(engine, TorchEngine) and bound_of(engine) == EXACT:
            return Accuracy(0.0, 120.0)  # it is what all are compared with
        portrait = engine.encode(self.source)
        targets = self._moved(portrait, [engine.keypoints(frame) for frame in self.frames])
        return compare([levels_of(engine, portrait, target) for target in targets], self._expected)

    def float32_noise(self, step: int = 10) -> float:
        """Return how far the readable networks are from themselves in float64.

        Args:
            step: Looks at every n-th frame only: float64 is slow.

        Returns:
            The largest difference of a colour in [0, 1], with the same keypoints.
        """
        precise = deepcopy(self._model).double()
        largest = 0.0
        with torch.inference_mode():
            source = to_tensor(self.source, torch.device("cpu")).double()
            encoded = precise.encode(source, _double(self._source_keypoints))
            for target, expected in list(zip(self._targets, self._expected, strict=True))[1::step]:
                picture = precise.animate(encoded, _double(target)).picture
                levels = 255.0 * picture[0].permute(1, 2, 0).numpy()
                largest = max(largest, float(np.abs(levels - expected).max()) / 255.0)
        return largest

    def _moved(self, portrait: Portrait, found: list[Keypoints]) -> list[Keypoints]:
        source, first = portrait.keypoints, found[0]
        return [
            transfer.amplify(source, transfer.relative(source, keypoints, first), self.gain)
            for keypoints in found
        ]


def compare(found: list[_Levels], expected: list[_Levels]) -> Accuracy:
    """Compare pictures of 0 to 255; the worst of them counts."""
    pairs = list(zip(found, expected, strict=True))
    return Accuracy(
        max(float(np.abs(one - other).max()) for one, other in pairs) / 255.0,
        min(peak_signal_to_noise(one, other) for one, other in pairs),
    )


def bound_of(engine: Engine) -> Bound:
    """Return what is asked of a back end, as when it is loaded."""
    description = engine.description
    is_exact = description.precision == "fp32" and description.device == "cpu"
    return EXACT if is_exact else APPROXIMATE


def levels_of(engine: Engine, portrait: Portrait, driving: Keypoints) -> _Levels:
    """Paint a frame, float32 (S, S, 3) of 0 to 255; not rounded where the engine can leave it."""
    if isinstance(engine, FastEngine):
        # Composed in memory that the next frame may use again.
        return engine.levels(portrait, driving).copy()
    if isinstance(engine, TorchEngine):
        picture = engine.decompose(portrait, driving).picture[0]
        return picture.permute(1, 2, 0).mul(255.0).numpy()
    return engine.render(portrait, driving).astype(np.float32)


def talking_face(side: int) -> list[Image]:
    """Draw a face that moves to and fro while it speaks.

    Args:
        side: Of the pictures, in pixels.
    """
    phases = [2.0 * np.pi * index / CHECKED_FRAMES for index in range(CHECKED_FRAMES)]
    return [
        draw_face(side, 0.04 * float(np.sin(phase)), 0.04 + 0.03 * float(np.sin(3.0 * phase)))
        for phase in phases
    ]


def _double(keypoints: Keypoints) -> Keypoints:
    return Keypoints(*(None if field is None else field.double() for field in keypoints))  # type: ignore[arg-type]  # the value is there
