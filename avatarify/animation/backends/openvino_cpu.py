"""OpenVINO on the CPU: each part of a frame compiled in the precision that it needs."""

import logging
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from copy import copy
from io import BytesIO
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor, nn

from avatarify.animation.backends.fast_engine import FastEngine
from avatarify.animation.backends.kept_graphs import kept_for
from avatarify.animation.backends.openvino_int8 import int8_painting
from avatarify.animation.engine import Engine, EngineDescription
from avatarify.animation.rewriting.moving import (
    KEYPOINTS_BEGIN,
    KEYPOINTS_END,
    Move,
    MoveFirstOrder,
)
from avatarify.animation.rewriting.parts import PaintFull, Parts, Still, inputs_of, split
from avatarify.animation.rewriting.tiled_bottleneck import TiledBottleneck
from avatarify.frames import Image
from avatarify.networks.motion_model import MotionModel
from avatarify.networks.openvino_export import export
from avatarify.networks.silent_openvino import openvino

if TYPE_CHECKING:
    from openvino import InferRequest, Model
    from openvino import Tensor as Shared

_LOG = logging.getLogger(__name__)

_HINTS = {"fp32": "f32", "bf16": "bf16", "int8": "f32"}
"""What is left of an int8 graph in floating point is little."""

_VALUE, _MATRIX = 4, 5
"""Which of `Move`'s inputs change with every frame."""


class OpenVinoEngine(FastEngine):
    """Keypoints and coordinates in float32; judging the motion and painting as asked."""

    def __init__(
        self,
        model: MotionModel,
        precision: str = "fp32",
        note: str = "",
        judging: str = "fp32",
        lanes: int = 1,
        *,
        winograd: bool = False,
        keeps: bool = False,
    ) -> None:
        """Convert and compile a model, or take up again what was compiled and checked before.

        Args:
            model: In eval mode; it stays as it is.
            precision: Of the part that paints: "fp32", "bf16" or "int8".
            note: Said in `description`.
            judging: Of the network between the coordinates of the flow: "fp32" or "bf16".
            lanes: How many frames are worked on at once, see `Engine.lanes`; they share the
                processor's threads, so that each frame takes longer and all together less.
            winograd: Whether the residual blocks are Winograd's; see `can_be_tiled`.
            keeps: Whether compiled graphs are kept on the disk; see `KeptGraphs`.

        Raises:
            ImportError: OpenVINO is not installed, or NNCF, which int8 needs once.
            RuntimeError: It cannot convert or run this model, or lacks the precision here.
            ValueError: `judging` is not float32, but the model's flow has no such network.
        """
        self._held: Still | None = None
        self._streams = max(1, min(lanes, _threads()))
        settings = (precision, judging, winograd, self._streams, _threads())
        self._kept = kept_for(model, *settings) if keeps else None
        with ThreadPoolExecutor(1, "avatarify-compile") as compiler:
            revived = compiler.submit(self._revived, ("fp32", *_flow_hints(judging), precision))
            parts = split(model)
            description = EngineDescription("openvino", "cpu", _name(precision, judging), note)
            super().__init__(model, parts, description)
            requests = revived.result()
            self._was_accepted = requests is not None
            if requests is None:
                begun = self._begin(compiler, precision, judging, winograd=winograd)
                requests = [one.result() for one in begun]
        self._use(requests[0], _flow(requests[1:-1]), requests[-1])

    def _begin(
        self, compiler: ThreadPoolExecutor, precision: str, judging: str, *, winograd: bool
    ) -> "list[Future[InferRequest]]":
        """Trace the parts and have them compiled: keypoints, flow, painting."""
        parts = self._parts
        pixels, inputs = self._examples(parts)

        def begin(graph: "Model", precision: str) -> "Future[InferRequest]":
            return compiler.submit(_compiled, graph, precision, self._streams)

        # The next graph is traced while the last one is compiled.
        detect = begin(export(parts.detect, (pixels,)), "fp32")
        flow = [begin(*made) for made in _flow_graphs(parts.move, inputs, judging)]
        with torch.no_grad():
            moved = parts.move(*inputs)[parts.move.bypassing :]
        if winograd:
            _tile(parts.paint, moved[0], precision)
        paint = export(parts.paint, moved)
        if precision == "int8":
            paint = int8_painting(parts, paint)
        return [detect, *flow, begin(paint, precision)]

    def _revived(self, precisions: Sequence[str]) -> "list[InferRequest] | None":
        """Take up kept graphs, or return None where there are none that work."""
        graphs = None if self._kept is None else self._kept.read()
        if self._kept is None or graphs is None:
            return None
        try:
            pairs = zip(graphs, precisions, strict=True)
            return [_imported(graph, precision, self._streams) for graph, precision in pairs]
        except (RuntimeError, ValueError) as error:
            self._kept.distrust(error)
            return None

    @property
    def was_accepted(self) -> bool:
        """Whether the graphs were kept by an earlier process that had checked them."""
        return self._was_accepted

    def accept(self) -> None:
        """Keep the graphs, if that is wanted."""
        if self._kept is None:
            return
        requests = (self._detect, *self._flow.requests, self._paint)
        try:
            self._kept.write([_exported(request) for request in requests])
        except RuntimeError as error:
            _LOG.info("Compiled graphs cannot be kept: %s", error)

    def detect(self, pixels: Image) -> tuple[Tensor, Tensor]:
        """Run `Detect`."""
        self._detect.get_input_tensor(0).data[0] = pixels
        self._detect.infer()
        value, matrix = _results(self._detect)
        return value, matrix

    def paint(self, still: Still, value: Tensor, matrix: Tensor) -> tuple[Tensor, ...]:
        """Run `Move` and `Paint`."""
        if self._held is not still:
            self._flow.hold(inputs_of(still, still.value, still.matrix))
            self._held = still
        self._flow(value, matrix)
        self._paint.infer()
        bypassing = self._parts.move.bypassing
        return (*_results(self._flow.request)[:bypassing], *_results(self._paint))

    def lanes(self) -> Sequence[Engine]:
        """Return this engine and others with the same graphs.

        There is one more than graphs run at once: it composes meanwhile, so that none of the
        processor's threads waits for Python.
        """
        more = self._streams if self._streams > 1 else 0
        return (self, *(self._twin() for _ in range(more)))

    def _twin(self) -> "OpenVinoEngine":
        twin = copy(self)
        twin._use(_another(self._detect), self._flow.another(), _another(self._paint))
        return twin

    def _use(self, detect: "InferRequest", flow: "_WholeFlow", paint: "InferRequest") -> None:
        self._detect, self._flow, self._paint = detect, flow, paint
        self._held = None
        for index in range(len(paint.input_tensors)):
            made = flow.request.get_output_tensor(self._parts.move.bypassing + index)
            paint.set_input_tensor(index, made)

    def _examples(self, parts: Parts) -> tuple[Tensor, tuple[Tensor, ...]]:
        """Return a picture for `Detect`, and what `Move` takes."""
        side, output = self.config.image_size, self.config.output_size
        pixels = torch.zeros(1, side, side, self.config.channels, dtype=torch.uint8)
        with torch.no_grad():
            still = parts.encode(torch.zeros(1, self.config.channels, output, output))
        return pixels, inputs_of(still, still.value, still.matrix)


class _WholeFlow:
    """`Move` as one graph."""

    def __init__(self, request: "InferRequest") -> None:
        self.request = request
        self._value = self._matrix = np.empty(0, np.float32)

    def __call__(self, value: Tensor, matrix: Tensor) -> None:
        self._value[:], self._matrix[:] = value.numpy(), matrix.numpy()
        self._infer()

    def hold(self, inputs: tuple[Tensor, ...]) -> None:
        """Hand the portrait over, once for all its frames, which overwrite the keypoints."""
        held = [openvino().Tensor(tensor.contiguous().numpy()) for tensor in inputs]  # copies
        self._value, self._matrix = held[_VALUE].data, held[_MATRIX].data
        self._connect(held)

    @property
    def requests(self) -> "tuple[InferRequest, ...]":
        """What runs, in order."""
        return (self.request,)

    def another(self) -> "_WholeFlow":
        """Return the same graph, to be run beside this one."""
        return _WholeFlow(_another(self.request))

    def _infer(self) -> None:
        self.request.infer()

    def _connect(self, inputs: "list[Shared]") -> None:
        _give(self.request, inputs)


class _CutFlow(_WholeFlow):
    """`Move` as three graphs, the one between the coordinates in a precision of its own."""

    def __init__(self, draw: "InferRequest", judge: "InferRequest", carry: "InferRequest") -> None:
        super().__init__(carry)
        self._draw, self._judge = draw, judge
        judge.set_input_tensor(0, draw.get_output_tensor(0))

    @property
    def requests(self) -> "tuple[InferRequest, ...]":
        """What runs, in order."""
        return (self._draw, self._judge, self.request)

    def another(self) -> "_CutFlow":
        """Return the same graphs, to be run beside these."""
        return _CutFlow(_another(self._draw), _another(self._judge), _another(self.request))

    def _infer(self) -> None:
        for request in self.requests:
            request.infer()

    def _connect(self, inputs: "list[Shared]") -> None:
        _give(self._draw, inputs[:KEYPOINTS_END])
        keypoints, features = inputs[KEYPOINTS_BEGIN:KEYPOINTS_END], inputs[KEYPOINTS_END:]
        _give(self.request, [*keypoints, *self._judge.output_tensors, *features])


def _flow_hints(judging: str) -> tuple[str, ...]:
    """Return the precisions of the graphs that `_flow_graphs` yields."""
    return ("fp32",) if judging == "fp32" else ("fp32", judging, "fp32")


def _flow_graphs(
    move: Move, inputs: tuple[Tensor, ...], judging: str
) -> "Iterator[tuple[Model, str]]":
    """Yield the graphs of the flow with their precisions; see `_flow`."""
    if judging == "fp32":
        yield export(move, inputs), "fp32"
        return
    if not isinstance(move, MoveFirstOrder):
        raise ValueError("only the first-order models' flow can be cut")
    with torch.no_grad():
        drawn = move.draw(*inputs[:KEYPOINTS_END])
        judged = move.judge(drawn)
    carried = (*inputs[KEYPOINTS_BEGIN:KEYPOINTS_END], *judged, *inputs[KEYPOINTS_END:])
    yield export(move.draw, inputs[:KEYPOINTS_END]), "fp32"
    yield export(move.judge, (drawn,)), judging
    yield export(move.carry, carried), "fp32"


def _flow(requests: "list[InferRequest]") -> _WholeFlow:
    return _WholeFlow(*requests) if len(requests) == 1 else _CutFlow(*requests)


def _tile(paint: nn.Module, moved: Tensor, precision: str) -> None:
    """Let Winograd's convolutions compute the residual blocks.

    In bf16 not the first: all others carry its errors on. Without it a vox-256 of random weights
    gains 2.4 dB, and each further block that is left out brings less.
    """
    assert isinstance(paint, PaintFull)
    kept, dtype = (0, torch.float32) if precision == "fp32" else (1, torch.bfloat16)
    blocks = list(paint.bottleneck.children())
    size = (moved.shape[2], moved.shape[3])
    tiled = TiledBottleneck(nn.Sequential(*blocks[kept:]), size, dtype)
    paint.bottleneck = nn.Sequential(*blocks[:kept], tiled)


def _give(request: "InferRequest", tensors: "list[Shared]") -> None:
    for index, tensor in enumerate(tensors):
        request.set_input_tensor(index, tensor)


def _name(precision: str, judging: str) -> str:
    if precision == judging == "fp32":
        return "fp32"
    if precision == judging:
        return f"fp32, flow and painting {precision}"
    flow = "" if judging == "fp32" else f"flow {judging}, "
    return f"fp32, {flow}painting {precision}"


def _another(request: "InferRequest") -> "InferRequest":
    return request.get_compiled_model().create_infer_request()


def _compiled(graph: "Model", precision: str, lanes: int) -> "InferRequest":
    core = openvino().Core()
    return core.compile_model(graph, "CPU", _options(precision, lanes)).create_infer_request()


def _imported(graph: bytes, precision: str, lanes: int) -> "InferRequest":
    core = openvino().Core()
    return core.import_model(graph, "CPU", _options(precision, lanes)).create_infer_request()


def _exported(request: "InferRequest") -> bytes:
    stream = BytesIO()
    request.get_compiled_model().export_model(stream)
    return stream.getvalue()


def _options(precision: str, lanes: int) -> dict[str, str]:
    return {
        "PERFORMANCE_HINT": "LATENCY",
        "NUM_STREAMS": str(lanes),
        "INFERENCE_PRECISION_HINT": _HINTS[precision],
        "INFERENCE_NUM_THREADS": str(_threads()),
        # A pinned thread waits for its own core while others are free: ten times slower beside a
        # browser, or a second program that does the same.
        "ENABLE_CPU_PINNING": "NO",
    }


def _threads() -> int:
    """Return as many threads as torch would use, so that OMP_NUM_THREADS counts here too."""
    return max(1, min(torch.get_num_threads(), os.cpu_count() or 1))


def _results(request: "InferRequest") -> Sequence[Tensor]:
    return [torch.from_numpy(np.asarray(tensor.data)) for tensor in request.output_tensors]
