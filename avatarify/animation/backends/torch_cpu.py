"""torch on the CPU without anything that a frame does not need: always there."""

import torch
from torch import Tensor

from avatarify.animation.backends.fast_engine import FastEngine
from avatarify.animation.devices import DTYPES, Precision
from avatarify.animation.engine import EngineDescription
from avatarify.animation.rewriting.parts import Still, inputs_of, split
from avatarify.animation.rewriting.winograd import use_winograd
from avatarify.frames import Image
from avatarify.networks.motion_model import MotionModel


class TorchCpuEngine(FastEngine):
    """Streamlined networks in inference mode, channels last; only colours below float32.

    In float32 the wide convolutions are Winograd's.
    """

    def __init__(self, model: MotionModel, precision: Precision = "fp32", note: str = "") -> None:
        """Prepare a model.

        Args:
            model: In eval mode; it stays as it is.
            precision: "fp32", or "bf16" for the part that paints.
            note: Said in `description`.
        """
        parts = split(model)
        for part in (parts.model, parts.paint):
            part.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # torch's stub lacks it
        if precision == "fp32":
            use_winograd(parts.paint)
        name = "fp32" if precision == "fp32" else f"fp32, painting {precision}"
        super().__init__(model, parts, EngineDescription("torch", "cpu", name, note))
        self._precision = precision

    def detect(self, pixels: Image) -> tuple[Tensor, Tensor]:
        """Run `Detect`."""
        return self._parts.detect(torch.from_numpy(pixels)[None])

    def paint(self, still: Still, value: Tensor, matrix: Tensor) -> tuple[Tensor, ...]:
        """Run `Move` and `Paint`."""
        moved = self._parts.move(*inputs_of(still, value, matrix))
        bypassing = self._parts.move.bypassing
        with torch.autocast("cpu", DTYPES["bf16"], enabled=self._precision != "fp32"):
            made = self._parts.paint(*moved[bypassing:])
        return (*moved[:bypassing], *(tensor.float() for tensor in made))
