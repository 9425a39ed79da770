"""Calls a compiled network without OpenVINO's Python around it.

Its `infer` looks at what kind of input it got, makes objects of all tensors and copies twice: 0.2
to 0.4 ms of processor time for each call, in a live loop as much as a small network takes.
"""

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from openvino import CompiledModel

Array = NDArray[np.float32]


class NetworkCall:
    """A network of one input and fixed shapes, with memory of its own; for one thread at a time."""

    def __init__(self, network: "CompiledModel") -> None:
        """Take a compiled network.

        Raises:
            RuntimeError: Its shapes are not fixed.
        """
        self._request = network.create_infer_request()
        count = len(network.outputs)
        self._tensors = [
            self._request.get_input_tensor(0),
            *(self._request.get_output_tensor(number) for number in range(count)),
        ]
        self.given: NDArray[Any] = self._tensors[0].data
        """The input: to be written to before each call."""
        self._made = [tensor.data for tensor in self._tensors[1:]]

    def __call__(self) -> tuple[Array, ...]:
        """Run the network; its outputs, in memory of their own."""
        self._request.infer(share_outputs=True)
        return tuple(np.array(output, np.float32) for output in self._made)
