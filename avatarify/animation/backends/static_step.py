"""A function of tensors with fixed buffers: on a GPU one graph launch instead of hundreds."""

from collections.abc import Callable

import torch
from torch import Tensor

_WARM_UP_RUNS = 3
"""Before the capture, so that libraries choose their kernels and allocate outside of it."""


class StaticStep:
    """Runs a function on buffers that never move; their content changes, their shapes do not."""

    def __init__(
        self, function: Callable[..., tuple[Tensor, ...]], example: tuple[Tensor, ...]
    ) -> None:
        """Prepare the buffers, and on a CUDA device capture the function in a graph.

        Args:
            function: Of tensors, without side effects and branches on values.
            example: One input of each shape and dtype, on the device.
        """
        self._function = function
        self.inputs = tuple(tensor.clone() for tensor in example)
        self._graph: torch.cuda.CUDAGraph | None = None
        if example[0].is_cuda:
            self._capture()
        else:
            self.outputs = function(*self.inputs)

    def run(self) -> tuple[Tensor, ...]:
        """Compute the outputs from what the inputs hold now.

        Returns:
            `outputs`, the same tensors at each run; a GPU may not have finished them yet.
        """
        if self._graph is not None:
            self._graph.replay()
            return self.outputs
        for kept, made in zip(self.outputs, self._function(*self.inputs), strict=True):
            kept.copy_(made)
        return self.outputs

    def release(self) -> None:
        """Free the graph and the buffers; there is no running afterwards."""
        self._graph = None
        self.inputs = self.outputs = ()

    def _capture(self) -> None:
        beside = new_stream()
        beside.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(beside):
            for _ in range(_WARM_UP_RUNS):
                self._function(*self.inputs)
        torch.cuda.current_stream().wait_stream(beside)
        self._graph = torch.cuda.CUDAGraph()
        # Other threads may use the card meanwhile, as when a model is opened beside a running one.
        with torch.cuda.graph(self._graph, capture_error_mode="thread_local"):
            self.outputs = self._function(*self.inputs)


def new_stream() -> torch.cuda.Stream:
    """Return a CUDA stream beside the current one."""
    return torch.cuda.Stream()  # type: ignore[no-untyped-call]  # untyped in torch
