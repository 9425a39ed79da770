"""Networks to OpenVINO graphs, without its own converter; see `silent_openvino`."""

import warnings
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from avatarify.networks.silent_openvino import openvino

if TYPE_CHECKING:
    from openvino import Model


def export(part: nn.Module, example: tuple[Tensor, ...]) -> "Model":
    """Convert a network to a graph of fixed shapes.

    Args:
        part: Takes and returns tensors; in eval mode.
        example: One input of each shape.

    Raises:
        RuntimeError: OpenVINO does not know an operation of it.
        ImportError: OpenVINO is not installed.
    """
    openvino()
    from openvino.frontend import FrontEndManager
    from openvino.frontend.pytorch.ts_decoder import TorchScriptPythonDecoder

    with warnings.catch_warnings(), torch.no_grad():
        # torch advertises its other exporter, and remarks that shapes become constants: so they do.
        warnings.simplefilter("ignore")
        traced = torch.jit.trace(part, example, check_trace=False)  # type: ignore[no-untyped-call]  # untyped in torch
        frontend = FrontEndManager().load_by_framework("pytorch")
        decoder = TorchScriptPythonDecoder(traced)  # must outlive the conversion
        graph = frontend.convert(frontend.load(decoder))
    _fix_inputs(graph, example)
    return graph


def _fix_inputs(graph: Any, example: tuple[Tensor, ...]) -> None:
    library = openvino()
    types = {torch.float32: library.Type.f32, torch.uint8: library.Type.u8}
    for parameter, tensor in zip(graph.get_parameters(), example, strict=True):
        parameter.set_partial_shape(library.PartialShape(list(tensor.shape)))
        parameter.set_element_type(types[tensor.dtype])
    graph.validate_nodes_and_infer_types()
