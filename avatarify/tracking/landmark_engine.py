"""Runs the landmark networks: by OpenVINO where it is installed, else by torch."""

import copy
import logging
from collections.abc import Callable
from typing import Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from avatarify.errors import TrackerError
from avatarify.frames import Image
from avatarify.networks.expression_net import ExpressionNet
from avatarify.networks.landmark_net import LANDMARKS, LandmarkNet
from avatarify.networks.openvino_export import export
from avatarify.networks.silent_openvino import openvino

logger = logging.getLogger(__name__)

Array = NDArray[np.float32]
Runner = Callable[[NDArray[np.generic]], tuple[Array, ...]]
RunnerMaker = Callable[[], Runner]
"""Makes what runs a compiled network, with memory of its own for what lies between its layers."""

_TOLERANCE = 0.03
"""Largest difference of a faster engine's outputs from torch's; points are in [-1, 1]. In bfloat16,
which takes a third of the time off, points of faces differ by 0.07 % of the irises' distance."""


class LandmarkEngine:
    """The networks behind numpy arrays. Use each engine from one thread at a time."""

    def __init__(self, net: LandmarkNet, expression: ExpressionNet) -> None:
        """Compile the networks; both must be in eval mode.

        Raises:
            TrackerError: The networks do not give finite numbers.
        """
        size = net.config
        faces, mouths, eyes = (
            (1, s, s, 3) for s in (size.face_size, size.mouth_size, size.eye_size)
        )
        parts = (
            (_Coarse(net), torch.zeros(faces, dtype=torch.uint8)),
            (_Close(net.mouth), torch.zeros(mouths, dtype=torch.uint8)),
            (_Close(net.eye), torch.zeros((2, *eyes[1:]), dtype=torch.uint8)),
            (expression, torch.zeros(1, LANDMARKS, 3)),
        )
        self._makers, self.name = _makers(parts)
        self._runners = [make() for make in self._makers]
        self._spread = net.spread.weight.detach().numpy()

    def sibling(self) -> Self:
        """Return an engine for another thread, of the same compiled networks."""
        other = copy.copy(self)
        other._runners = [make() for make in self._makers]
        return other

    def coarse(self, crop: Image) -> tuple[Array, float, float]:
        """See a face.

        Args:
            crop: (S, S, 3), uint8.

        Returns:
            (478, 3) points in [-1, 1], the logit of there being a face, the expected error.
        """
        points, verdict = self._runners[0](crop[None])
        return points[0], float(verdict[0, 0]), float(verdict[0, 1])

    def mouth(self, crop: Image) -> Array:
        """Find (40, 2) points in [-1, 1] in a mouth's (M, M, 3) crop."""
        return self._runners[1](crop[None])[0][0]

    def eyes(self, right: Image, left: Image) -> tuple[Array, Array]:
        """Find (31, 2) points in [-1, 1] in each eye's (Y, Y, 3) crop; the left one is mirrored."""
        found = self._runners[2](np.stack((right, left)))[0]
        return found[0], found[1]

    def spread(self, corrections: Array) -> Array:
        """Say how all points move with those that were looked at closely.

        Args:
            corrections: (102, 2), in the face's frame.

        Returns:
            (478, 2).
        """
        return (self._spread @ corrections.reshape(-1)).reshape(LANDMARKS, 2)

    def expression(self, points: Array) -> Array:
        """Return the (52,) blendshapes of (478, 3) points in the face's frame."""
        return self._runners[3](points[None])[0][0]


class _Coarse(nn.Module):
    def __init__(self, net: LandmarkNet) -> None:
        super().__init__()
        self._net = net.coarse

    def forward(self, crop: Tensor) -> tuple[Tensor, Tensor]:
        found = self._net(_picture(crop))
        return found.points, torch.stack((found.presence, found.error), dim=1)


class _Close(nn.Module):
    def __init__(self, net: nn.Module) -> None:
        super().__init__()
        self._net = net

    def forward(self, crops: Tensor) -> Tensor:
        found: Tensor = self._net(_picture(crops))
        return found


def _picture(crops: Tensor) -> Tensor:
    return crops.permute(0, 3, 1, 2).float() / 255.0


def _makers(parts: tuple[tuple[nn.Module, Tensor], ...]) -> tuple[list[RunnerMaker], str]:
    """Return what runs each part and the engine's name; the faster engine only if it agrees."""
    slow = [_by_torch(module) for module, _ in parts]
    wanted = [make()(_example(example)) for make, (_, example) in zip(slow, parts, strict=True)]
    if not all(np.isfinite(array).all() for arrays in wanted for array in arrays):
        raise TrackerError("The landmark model gives numbers that are not finite.")
    try:
        fast = [_by_openvino(module, example) for module, example in parts]
        for make, (_, example), arrays in zip(fast, parts, wanted, strict=True):
            for array, other in zip(make()(_example(example)), arrays, strict=True):
                if not np.abs(array - other).max() <= _TOLERANCE * max(1.0, np.abs(other).max()):
                    raise RuntimeError("it computes something else")
    except (ImportError, RuntimeError) as error:
        logger.info("OpenVINO does not run the landmark model: %s", error)
        return slow, "torch"
    return fast, "OpenVINO"


def _example(like: Tensor) -> NDArray[np.generic]:
    """Return an input that is neither black nor flat."""
    wave = np.sin(np.arange(like.numel())).reshape(like.shape)
    is_picture = like.dtype is torch.uint8
    return (127 + 120 * wave).astype(np.uint8) if is_picture else (0.1 * wave).astype(np.float32)


def _by_torch(module: nn.Module) -> RunnerMaker:
    def run(array: NDArray[np.generic]) -> tuple[Array, ...]:
        with torch.inference_mode():
            found = module(torch.from_numpy(array))
        arrays = found if isinstance(found, tuple) else (found,)
        return tuple(tensor.numpy() for tensor in arrays)

    return lambda: run


def _by_openvino(module: nn.Module, example: Tensor) -> RunnerMaker:
    core = openvino().Core()
    has_bfloat = "BF16" in core.get_property("CPU", "OPTIMIZATION_CAPABILITIES")
    options = {
        "INFERENCE_PRECISION_HINT": "bf16" if has_bfloat else "f32",
        "PERFORMANCE_HINT": "LATENCY",
        "INFERENCE_NUM_THREADS": 1,
        "NUM_STREAMS": 1,
    }
    graph = export(module, (example,))
    compiled = core.compile_model(graph, "CPU", options)

    def make() -> Runner:
        request = compiled.create_infer_request()

        def run(array: NDArray[np.generic]) -> tuple[Array, ...]:
            found = request.infer([array])
            return tuple(np.array(found[output]) for output in compiled.outputs)

        return run

    return make
