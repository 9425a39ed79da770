"""OpenVINO on the CPU: each part of a frame compiled in the precision that it needs."""

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from avatarify.animation.backends.fast_engine import FastEngine
from avatarify.animation.backends.openvino_export import export
from avatarify.animation.backends.openvino_int8 import int8_painting
from avatarify.animation.backends.parts import Parts, Still, inputs_of, split
from avatarify.animation.engine import EngineDescription
from avatarify.frames import Image
from avatarify.networks.motion_model import MotionModel

if TYPE_CHECKING:
    from openvino import InferRequest, Model

_HINTS = {"fp32": "f32", "bf16": "bf16", "int8": "f32"}
"""What is left of an int8 graph in floating point is little."""

_VALUE, _MATRIX = 4, 5
"""Which of `Move`'s inputs change with every frame."""


class OpenVinoEngine(FastEngine):
    """Keypoints and flow in float32, painting as asked."""

    def __init__(self, model: MotionModel, precision: str = "fp32", note: str = "") -> None:
        """Convert and compile a model.

        Args:
            model: In eval mode; it stays as it is.
            precision: Of the part that paints: "fp32", "bf16" or "int8".
            note: Said in `description`.

        Raises:
            ImportError: OpenVINO is not installed, or NNCF, which int8 needs once.
            RuntimeError: It cannot convert or run this model, or lacks the precision here.
        """
        parts = split(model)
        name = "fp32" if precision == "fp32" else f"fp32, painting {precision}"
        super().__init__(model, parts, EngineDescription("openvino", "cpu", name, note))
        detect, move, paint = self._graphs(parts)
        if precision == "int8":
            paint = int8_painting(parts, paint)
        self._detect = _compiled(detect, "fp32")
        self._move = _compiled(move, "fp32")
        self._paint = _compiled(paint, precision)
        for index in range(len(paint.inputs)):
            made = self._move.get_output_tensor(parts.move.bypassing + index)
            self._paint.set_input_tensor(index, made)
        self._held: Still | None = None

    def detect(self, pixels: Image) -> tuple[Tensor, Tensor]:
        """Run `Detect`."""
        self._detect.get_input_tensor(0).data[0] = pixels
        self._detect.infer()
        value, matrix = _results(self._detect)
        return value, matrix

    def paint(self, still: Still, value: Tensor, matrix: Tensor) -> tuple[Tensor, ...]:
        """Run `Move` and `Paint`."""
        if self._held is not still:
            self._hold(still)
        self._move.get_input_tensor(_VALUE).data[:] = value.numpy()
        self._move.get_input_tensor(_MATRIX).data[:] = matrix.numpy()
        self._move.infer()
        self._paint.infer()
        return (*_results(self._move)[: self._parts.move.bypassing], *_results(self._paint))

    def _hold(self, still: Still) -> None:
        """Hand the portrait over, once for all its frames."""
        from openvino import Tensor as Shared

        # The driving keypoints have buffers of their own, which every frame overwrites.
        inputs = inputs_of(still, still.value.clone(), still.matrix.clone())
        for index, tensor in enumerate(inputs):
            self._move.set_input_tensor(index, Shared(tensor.contiguous().numpy()))
        self._held = still

    def _graphs(self, parts: Parts) -> tuple["Model", "Model", "Model"]:
        side, output = self.config.image_size, self.config.output_size
        pixels = torch.zeros(1, side, side, self.config.channels, dtype=torch.uint8)
        with torch.no_grad():
            still = parts.encode(torch.zeros(1, self.config.channels, output, output))
            inputs = inputs_of(still, still.value, still.matrix)
            moved = parts.move(*inputs)[parts.move.bypassing :]
        return (
            export(parts.detect, (pixels,)),
            export(parts.move, inputs),
            export(parts.paint, moved),
        )


def _compiled(graph: "Model", precision: str) -> "InferRequest":
    from openvino import Core

    options = {
        "PERFORMANCE_HINT": "LATENCY",
        "NUM_STREAMS": "1",
        "INFERENCE_PRECISION_HINT": _HINTS[precision],
        "INFERENCE_NUM_THREADS": str(_threads()),
        # A pinned thread waits for its own core while others are free: ten times slower beside a
        # browser, or a second program that does the same.
        "ENABLE_CPU_PINNING": "NO",
    }
    return Core().compile_model(graph, "CPU", options).create_infer_request()


def _threads() -> int:
    """Return as many threads as torch would use, so that OMP_NUM_THREADS counts here too."""
    return max(1, min(torch.get_num_threads(), os.cpu_count() or 1))


def _results(request: "InferRequest") -> Sequence[Tensor]:
    return [torch.from_numpy(np.asarray(tensor.data)) for tensor in request.output_tensors]
