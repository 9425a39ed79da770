"""torch on an NVIDIA card: CUDA graphs over static buffers, pinned transfers, one wait per frame.

A frame is: its pixels to the card on a stream of their own, a graph that finds the keypoints, the
motion transfer (a few small kernels; its smoothing depends on the clock, so no graph can hold it),
a graph that renders to uint8 on the card, the way back, and the only wait.
"""

from collections.abc import Sequence
from typing import NamedTuple, cast

import numpy as np
import torch
from torch import Tensor

from avatarify.animation.backends.device_step import Render, full_float32
from avatarify.animation.backends.static_step import StaticStep, new_stream
from avatarify.animation.devices import DTYPES, Precision, name_of
from avatarify.animation.engine import Engine, EngineDescription, Portrait
from avatarify.animation.rewriting.parts import Still, inputs_of, matrix_of, split
from avatarify.animation.torch_engine import TorchEngine, to_tensor
from avatarify.frames import Image
from avatarify.geometry.keypoints import Keypoints
from avatarify.networks.config import ModelConfig
from avatarify.networks.motion_model import Animation, MotionModel


class _Encoding(NamedTuple):
    still: Still
    portrait: Tensor
    picture: Image


class TorchCudaEngine:
    """Streamlined networks in two CUDA graphs; on a CPU, for tests, the same without graphs."""

    def __init__(
        self,
        model: MotionModel,
        precision: Precision = "fp16",
        note: str = "",
        device: torch.device | None = None,
    ) -> None:
        """Prepare a model and capture the graphs.

        Args:
            model: In eval mode, on the CPU; it stays as it is.
            precision: Of the part that paints; coordinates are always float32.
            note: Said in `description`.
            device: The current CUDA device when left out.

        Raises:
            RuntimeError: The card or its driver does not take part.
        """
        self._device = device or torch.device("cuda")
        self._is_cuda = self._device.type == "cuda"
        self._model = model
        parts = split(model)
        for module in (parts.model, parts.detect, parts.move, parts.paint):
            module.to(self._device)
        parts.paint.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # torch's stub lacks it
        self._parts = parts
        self._render = Render(parts, DTYPES[precision])
        self._held: _Encoding | None = None
        name = precision if precision == "fp32" else f"fp32, painting {precision}"
        self._description = EngineDescription("torch", name_of(self._device), name, note)
        with torch.inference_mode(), full_float32():
            self._prepare()

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
        portrait = to_tensor(source, self._device)
        with full_float32():
            still = self._parts.encode(portrait)
        encoding = _Encoding(still, portrait, source.copy())
        return Portrait(Keypoints(still.value, *self._fields(still.matrix)), encoding)

    @torch.inference_mode()
    def keypoints(self, driving: Image) -> Keypoints:
        """Find the keypoints; they may still be on their way when this returns."""
        self._upload(driving)
        value, matrix = self._detecting.run()
        return Keypoints(value.clone(), *self._fields(matrix.clone()))

    @torch.inference_mode()
    def render(self, portrait: Portrait, driving: Keypoints) -> Image:
        """Paint the portrait in the pose of the keypoints."""
        encoding = cast(_Encoding, portrait.encoding)
        if self._held is not encoding:
            self._hold(encoding)
        on_device = driving.to(self._device)
        self._rendering.inputs[_VALUE].copy_(on_device.value)
        self._rendering.inputs[_MATRIX].copy_(matrix_of(on_device))
        (picture,) = self._rendering.run()
        self._landing.copy_(picture, non_blocking=True)
        if self._is_cuda:
            torch.cuda.current_stream().synchronize()
        return np.array(self._landing[0].numpy())

    def decompose(self, portrait: Portrait, driving: Keypoints) -> Animation:
        """Like `render`, with every intermediate result, by the readable networks on the CPU."""
        encoding = cast(_Encoding, portrait.encoding)
        readable = TorchEngine(self._model)
        return readable.decompose(readable.encode(encoding.picture), driving)

    def lanes(self) -> Sequence[Engine]:
        """Return this engine alone: the card is busy with one."""
        return (self,)

    def close(self) -> None:
        """Leave the card's memory; a second call does nothing."""
        self._held = None
        for step in (self._detecting, self._rendering):
            step.release()
        for module in (self._parts.model, self._render):
            module.to("cpu")

    def _prepare(self) -> None:
        config = self.config
        side, output = config.image_size, config.output_size
        self._takeoff = self._host(1, side, side, config.channels)
        self._landing = self._host(1, output, output, config.channels)
        self._uploads = new_stream() if self._is_cuda else None
        portrait = torch.zeros(1, config.channels, output, output, device=self._device)
        still = self._parts.encode(portrait)
        self._detecting = StaticStep(self._parts.detect, (self._takeoff.to(self._device),))
        self._rendering = StaticStep(
            lambda *inputs: (self._render(*inputs),),
            (portrait, *inputs_of(still, still.value, still.matrix)),
        )

    def _host(self, *shape: int) -> Tensor:
        return torch.zeros(*shape, dtype=torch.uint8, pin_memory=self._is_cuda)

    def _upload(self, driving: Image) -> None:
        if self._uploads is None:
            self._detecting.inputs[0].copy_(torch.from_numpy(driving)[None])
            return
        self._uploads.synchronize()  # the last picture has left the buffer, usually long ago
        self._takeoff[0].copy_(torch.from_numpy(driving))
        self._uploads.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(self._uploads):
            self._detecting.inputs[0].copy_(self._takeoff, non_blocking=True)
        torch.cuda.current_stream().wait_stream(self._uploads)

    def _hold(self, encoding: _Encoding) -> None:
        still = encoding.still
        inputs = (encoding.portrait, *inputs_of(still, still.value, still.matrix))
        for kept, tensor in zip(self._rendering.inputs, inputs, strict=True):
            kept.copy_(tensor)
        self._held = encoding

    def _fields(self, matrix: Tensor) -> tuple[Tensor | None, Tensor | None]:
        """Return the matrices as Jacobians or as covariances, whichever the model has."""
        if self.config.keypoints.jacobian:
            return matrix, None
        return None, matrix if self.config.keypoints.covariance != "none" else None


_VALUE, _MATRIX = 5, 6
"""Which of the rendering's inputs change with every frame."""
