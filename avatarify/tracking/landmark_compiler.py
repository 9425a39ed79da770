"""Compiles the landmark networks: for OpenVINO where it is installed and agrees, else for torch."""

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from avatarify.errors import TrackerError
from avatarify.networks.expression_net import ExpressionNet
from avatarify.networks.landmark_net import LandmarkNet
from avatarify.networks.landmark_points import LANDMARKS
from avatarify.networks.openvino_export import export
from avatarify.tracking.landmark_engine import (
    Array,
    LandmarkEngine,
    RunnerMaker,
    agree,
    by_openvino,
    example,
)

if TYPE_CHECKING:
    from openvino import Model

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, eq=False)
class CompiledLandmarks:
    """An engine, and what it was made of."""

    engine: LandmarkEngine
    """Runs the networks."""

    graphs: "list[Model]"
    """For OpenVINO, in the engine's order; none where torch runs the networks."""

    answers: list[tuple[Array, ...]]
    """What torch answers to `example`, for each network."""


def compile_landmarks(net: LandmarkNet, expression: ExpressionNet) -> CompiledLandmarks:
    """Compile networks in eval mode.

    Raises:
        TrackerError: The networks do not give finite numbers.
    """
    size = net.config
    faces, mouths, eyes = ((1, s, s, 3) for s in (size.face_size, size.mouth_size, size.eye_size))
    parts = (
        (_Coarse(net), torch.zeros(faces, dtype=torch.uint8)),
        (_Close(net.mouth), torch.zeros(mouths, dtype=torch.uint8)),
        (_Close(net.eye), torch.zeros((2, *eyes[1:]), dtype=torch.uint8)),
        (expression, torch.zeros(1, LANDMARKS, 3)),
    )
    examples = [example(t.shape, is_picture=t.dtype is torch.uint8) for _, t in parts]
    slow = [_by_torch(module) for module, _ in parts]
    answers = [make()(array) for make, array in zip(slow, examples, strict=True)]
    if not all(np.isfinite(array).all() for arrays in answers for array in arrays):
        raise TrackerError("The landmark model gives numbers that are not finite.")
    spread = net.spread.weight.detach().numpy()
    try:
        graphs = [export(module, (tensor,)) for module, tensor in parts]
        fast = [by_openvino(graph) for graph in graphs]
        for make, array, wanted in zip(fast, examples, answers, strict=True):
            if not agree(make()(array), wanted):
                raise RuntimeError("it computes something else")
    except (ImportError, RuntimeError) as error:
        logger.info("OpenVINO does not run the landmark model: %s", error)
        return CompiledLandmarks(LandmarkEngine(slow, "torch", spread), [], answers)
    return CompiledLandmarks(LandmarkEngine(fast, "OpenVINO", spread), graphs, answers)


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


def _by_torch(module: nn.Module) -> RunnerMaker:
    def run(array: NDArray[np.generic]) -> tuple[Array, ...]:
        with torch.inference_mode():
            found = module(torch.from_numpy(array))
        arrays = found if isinstance(found, tuple) else (found,)
        return tuple(tensor.numpy() for tensor in arrays)

    return lambda: run
