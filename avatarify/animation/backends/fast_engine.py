"""An engine around the parts of a model; what runs `detect`, `move` and `paint` is its subject."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import NamedTuple, cast

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from avatarify.animation.backends.composition import Composition
from avatarify.animation.engine import Engine, EngineDescription, Portrait
from avatarify.animation.rewriting.parts import Parts, Still, matrix_of
from avatarify.animation.torch_engine import TorchEngine, to_tensor
from avatarify.frames import Image
from avatarify.geometry.keypoints import Keypoints
from avatarify.networks.config import ModelConfig
from avatarify.networks.motion_model import Animation, MotionModel


class FastEncoding(NamedTuple):
    """What a fast engine keeps of a portrait."""

    still: Still
    """For `Move`."""

    composition: Composition | None
    """For the compact model's last step."""

    picture: Image
    """For `decompose`, which the readable networks do."""


class FastEngine(ABC):
    """Encodes with torch, runs the three parts as its subclass says, composes with OpenCV.

    On the CPU only. `decompose` is left to the readable networks.
    """

    def __init__(self, model: MotionModel, parts: Parts, description: EngineDescription) -> None:
        """Take the parts of a model over.

        Args:
            model: The readable model that the parts were made of.
            parts: From `split`.
            description: What runs.
        """
        self._model = model
        self._parts = parts
        self._description = description

    @property
    def config(self) -> ModelConfig:
        """Sizes of pictures, number of keypoints."""
        return self._model.config

    @property
    def description(self) -> EngineDescription:
        """What runs the model."""
        return self._description

    @torch.inference_mode()
    def encode(self, source: Image) -> Portrait:
        """Do everything that does not depend on the driver."""
        still = self._parts.encode(to_tensor(source, torch.device("cpu")))
        is_compact = self.config.architecture == "compact"
        composition = Composition(source) if is_compact else None
        encoding = FastEncoding(still, composition, source.copy())
        return Portrait(self._keypoints(still.value, still.matrix), encoding)

    @torch.inference_mode()
    def keypoints(self, driving: Image) -> Keypoints:
        """Find the keypoints."""
        value, matrix = self.detect(np.ascontiguousarray(driving))
        return self._keypoints(value.clone(), matrix.clone())

    @torch.inference_mode()
    def render(self, portrait: Portrait, driving: Keypoints) -> Image:
        """Paint the portrait in the pose of the keypoints."""
        levels = self.levels(portrait, driving)
        return np.asarray(cv2.convertScaleAbs(levels), dtype=np.uint8)

    @torch.inference_mode()
    def levels(self, portrait: Portrait, driving: Keypoints) -> NDArray[np.float32]:
        """Like `render` before rounding: float32 (S, S, 3), 0 to 255."""
        encoding = cast(FastEncoding, portrait.encoding)
        made = self.paint(encoding.still, driving.value, matrix_of(driving))
        if encoding.composition is None:
            return made[0][0].permute(1, 2, 0).mul(255.0).contiguous().numpy()
        grid, gate, refinement, paint = made
        return encoding.composition.levels(grid, refinement, paint, float(gate))

    def decompose(self, portrait: Portrait, driving: Keypoints) -> Animation:
        """Like `render`, with every intermediate result, by the readable networks."""
        encoding = cast(FastEncoding, portrait.encoding)
        readable = TorchEngine(self._model)
        return readable.decompose(readable.encode(encoding.picture), driving)

    def lanes(self) -> Sequence[Engine]:
        """Return this engine alone."""
        return (self,)

    @property
    def was_accepted(self) -> bool:
        """Whether what runs here was checked by an earlier process, and needs no check again."""
        return False

    def accept(self) -> None:  # noqa: B027  # optional: most keep nothing
        """Note that the check was passed."""

    def close(self) -> None:  # noqa: B027  # optional: most hold nothing but plain memory
        """Free what the garbage collector does not; a second call does nothing."""

    @abstractmethod
    def detect(self, pixels: Image) -> tuple[Tensor, Tensor]:
        """Run `Detect` on an RGB picture (S, S, 3); the results may be overwritten later."""

    @abstractmethod
    def paint(self, still: Still, value: Tensor, matrix: Tensor) -> tuple[Tensor, ...]:
        """Run `Move` and `Paint`.

        Returns:
            The picture; of a compact model the grid, the gate, the refinement and the paint, see
            `MoveFirstOrder` and `PaintOver`. They may be overwritten by the next frame's.
        """

    def _keypoints(self, value: Tensor, matrix: Tensor) -> Keypoints:
        keypoints = self.config.keypoints
        if keypoints.jacobian:
            return Keypoints(value, matrix)
        return Keypoints(value, None, matrix if keypoints.covariance != "none" else None)
