"""A painter's network as an OpenVINO graph, built from its weights without torch.

The same network as `networks/face_painter.py`, which is what it is tested against: torch takes a
second and 200 MB to load, and a live session needs it for nothing else.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from avatarify.animation.face.painter_file import PainterWeights
from avatarify.networks.painter_config import INPUTS
from avatarify.networks.silent_openvino import openvino

Patches = NDArray[np.float32]
RunPainter = Callable[[Patches], Patches]
"""From (B, 8, H, W) to (B, 6, H, W), as `FacePainter`; overwritten by the next call."""

MakeRunner = Callable[[], RunPainter]
"""Makes another way to run the same network, for another portrait or thread."""

_COARSE = 8


def painter_on_openvino(weights: PainterWeights, batch: int) -> MakeRunner:
    """Compile a painter for one thread.

    Args:
        weights: The painter.
        batch: Patches at a time.

    Raises:
        ImportError: OpenVINO is not installed.
        RuntimeError: It cannot run the graph here.
    """
    library = openvino()
    core = library.Core()
    has_bf16 = "BF16" in core.get_property("CPU", "OPTIMIZATION_CAPABILITIES")
    options = {
        "PERFORMANCE_HINT": "LATENCY",
        "NUM_STREAMS": "1",
        "INFERENCE_NUM_THREADS": "1",
        # Half the time; a correction is rounded to a 250th of its limits.
        "INFERENCE_PRECISION_HINT": "bf16" if has_bf16 else "f32",
        "ENABLE_CPU_PINNING": "NO",
    }
    graph = _Graph(weights).build(batch)
    compiled = core.compile_model(graph, "CPU", options)

    def make() -> RunPainter:
        request = compiled.create_infer_request()
        given, made = request.get_input_tensor(0).data, request.get_output_tensor(0).data

        def run(patches: Patches) -> Patches:
            given[:] = patches
            request.infer()
            return np.asarray(made)

        return run

    return make


class _Graph:
    """Builds the graph, layer by layer."""

    def __init__(self, weights: PainterWeights) -> None:
        openvino()
        from openvino import opset13

        self._ops: Any = opset13
        self._config, self._tensors = weights

    def build(self, batch: int) -> Any:
        ops, config = self._ops, self._config
        patch = ops.parameter([batch, INPUTS, *config.size], np.float32)
        half = self._run("stem", ops.space_to_depth(patch, "depth_first", 2))
        quarter = self._mix(1, self._run("down1", half))
        eighth = self._mix(2, self._run("down2", quarter))
        deep = self._mix(3, self._run("down3", eighth))
        eighth = self._join(2, deep, eighth)
        quarter = self._join(1, eighth, quarter)
        half = self._join(0, quarter, half)
        move = ops.tanh(self._raised(self._layer("move", half), 2))
        mask = self._channels(patch, 6, 7)
        inside = ops.multiply(mask, np.float32(config.kept))
        held = ops.multiply(mask, np.float32(1.0 - config.moved))
        flow, gain = self._channels(move, 0, 2), self._channels(move, 2, 3)
        flow = ops.multiply(flow, ops.subtract(np.float32(1.0), held))
        lit = ops.multiply(self._coarse(gain), np.float32(config.lit))
        gain = ops.add(gain, ops.multiply(inside, ops.subtract(lit, gain)))
        colour = ops.tanh(ops.depth_to_space(self._layer("colour", half), "depth_first", 2))
        colour = ops.multiply(colour, ops.subtract(np.float32(1.0), inside))
        limits = [config.farthest] * 2 + [config.strongest] + [config.loudest] * 3
        limit = np.array(limits, np.float32).reshape(1, -1, 1, 1)
        fields = ops.multiply(ops.concat([flow, gain, colour], 1), limit)
        return openvino().Model([fields], [patch], "painter")

    def _channels(self, features: Any, start: int, stop: int) -> Any:
        return self._ops.slice(features, [start], [stop], [1], [1])

    def _coarse(self, field: Any) -> Any:
        sides, none = [_COARSE, _COARSE], [0, 0]
        pooled = self._ops.avg_pool(field, sides, none, none, sides, True, "floor", "explicit")
        return self._raised(pooled, _COARSE)

    def _layer(self, name: str, features: Any) -> Any:
        ops, weight = self._ops, self._tensors[f"{name}.weight"]
        step = 2 if name.startswith("down") else 1
        border = weight.shape[2] // 2
        made = ops.convolution(
            features, weight, [step, step], [border, border], [border, border], [1, 1]
        )
        return ops.add(made, self._tensors[f"{name}.bias"].reshape(1, -1, 1, 1))

    def _run(self, name: str, features: Any) -> Any:
        return self._ops.relu(self._layer(name, features))

    def _mix(self, level: int, features: Any) -> Any:
        mixed = self._layer(f"mix{level}b", self._run(f"mix{level}a", features))
        return self._ops.relu(self._ops.add(features, mixed))

    def _join(self, level: int, deep: Any, skip: Any) -> Any:
        ops = self._ops
        raised = self._raised(self._layer(f"up{level}", deep), 2, "nearest")
        joined = ops.relu(ops.add(raised, skip))
        return ops.relu(ops.add(joined, self._layer(f"join{level}", joined)))

    def _raised(self, features: Any, factor: int, mode: str = "linear_onnx") -> Any:
        place = "half_pixel" if mode == "linear_onnx" else "asymmetric"
        return self._ops.interpolate(
            features,
            np.array([factor, factor], np.float32),
            mode,
            "scales",
            axes=np.array([2, 3], np.int64),
            coordinate_transformation_mode=place,
            nearest_mode="floor",
        )
