"""Runs the compiled landmark networks; needs no torch, so that a start need not wait for it."""

import copy
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Self

import numpy as np
from numpy.typing import NDArray

from avatarify.frames import Image
from avatarify.networks.landmark_points import LANDMARKS
from avatarify.networks.silent_openvino import openvino
from avatarify.tracking.network_call import NetworkCall

if TYPE_CHECKING:
    from openvino import Model

Array = NDArray[np.float32]
Runner = Callable[[NDArray[np.generic]], tuple[Array, ...]]
RunnerMaker = Callable[[], Runner]
"""Makes what runs a compiled network, with memory of its own for what lies between its layers."""

_TOLERANCE = 0.03
"""Largest difference of a faster engine's outputs from torch's; points are in [-1, 1]. In bfloat16,
which takes a third of the time off, points of faces differ by 0.07 % of the irises' distance."""


class LandmarkEngine:
    """The networks behind numpy arrays. Use each engine from one thread at a time."""

    def __init__(self, makers: Sequence[RunnerMaker], name: str, spread: Array) -> None:
        """Take compiled networks.

        Args:
            makers: Of the coarse network, the mouth's, the eyes' and the expression's.
            name: What runs them.
            spread: (956, 204), see `spread`.
        """
        self._makers, self.name, self._spread = makers, name, spread
        self._runners = [make() for make in makers]

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


def by_openvino(graph: "Model") -> RunnerMaker:
    """Compile a network for one processor.

    Raises:
        RuntimeError: OpenVINO cannot.
        ImportError: It is not installed.
    """
    core = openvino().Core()
    has_bfloat = "BF16" in core.get_property("CPU", "OPTIMIZATION_CAPABILITIES")
    options = {
        "INFERENCE_PRECISION_HINT": "bf16" if has_bfloat else "f32",
        "PERFORMANCE_HINT": "LATENCY",
        "INFERENCE_NUM_THREADS": 1,
        "NUM_STREAMS": 1,
    }
    compiled = core.compile_model(graph, "CPU", options)

    def make() -> Runner:
        call = NetworkCall(compiled)

        def run(array: NDArray[np.generic]) -> tuple[Array, ...]:
            call.given[...] = array
            return call()

        return run

    return make


def agree(arrays: Sequence[Array], wanted: Sequence[Array]) -> bool:
    """Whether a faster engine answers as torch does."""
    return all(
        np.abs(array - other).max() <= _TOLERANCE * max(1.0, np.abs(other).max())
        for array, other in zip(arrays, wanted, strict=True)
    )


def example(shape: Sequence[int], *, is_picture: bool) -> NDArray[np.generic]:
    """Return an input that is neither black nor flat, to ask two engines the same."""
    wave = np.sin(np.arange(np.prod(shape))).reshape(shape)
    return (127 + 120 * wave).astype(np.uint8) if is_picture else (0.1 * wave).astype(np.float32)
