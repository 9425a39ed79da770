"""The landmark model's file: safetensors, with the networks' sizes inside."""

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from avatarify.errors import TrackerError
from avatarify.file_names import is_file, shown, text_path
from avatarify.networks.expression_net import ExpressionNet
from avatarify.networks.landmark_net import LandmarkNet
from avatarify.networks.landmark_points import LANDMARKS, LandmarkConfig
from avatarify.tracking.landmark_crops import Points
from avatarify.zoo.whole_file import whole_model_file

_VERSION_KEY, _CONFIG_KEY, _VERSION = "avatarify_landmarks", "config", "1"

_LARGEST = 1000.0
"""No training makes such numbers: the largest that ships is 12. One alone drowns every face."""


@dataclass(frozen=True, slots=True, eq=False)
class LandmarkModel:
    """All that finds a face's points, expression and pose."""

    net: LandmarkNet
    """Points."""

    expression: ExpressionNet
    """Blendshapes."""

    head: Points
    """(478, 3), the average head in centimetres, y up, the face towards +z."""


def save_landmark_model(
    model: LandmarkModel, path: Path, facts: Mapping[str, str] | None = None
) -> None:
    """Write a model in half precision; it appears under its name only when complete.

    Args:
        model: The networks.
        path: The file; replaced if it exists.
        facts: More to keep in the file: its origin, its licence.

    Raises:
        OutputError: The file could not be written.
    """
    tensors = {f"net.{name}": value for name, value in _weights(model.net).items()}
    tensors |= {f"expression.{name}": value for name, value in _weights(model.expression).items()}
    tensors["head"] = torch.from_numpy(model.head).half()
    config = json.dumps(dataclasses.asdict(model.net.config))
    header = {**(facts or {}), _VERSION_KEY: _VERSION, _CONFIG_KEY: config}
    with whole_model_file(path) as part:
        save_file(tensors, part, header)


def load_landmark_model(path: Path) -> LandmarkModel:
    """Read a model; every tensor must be there, of its shape, and hold sane numbers.

    Raises:
        TrackerError: The file is missing, damaged or foreign.
    """
    if not is_file(path):
        raise TrackerError(
            f"The landmark model {shown(path)} is missing. Install the program again."
        )
    try:
        with text_path(path) as named, safe_open(named, framework="pt") as file:
            config = _config(path, file.metadata() or {})
            tensors = {name: file.get_tensor(name).float() for name in file.keys()}  # noqa: SIM118 - no iterator
    except (SafetensorError, OSError) as error:
        raise TrackerError(
            f"The landmark model {path} is damaged ({error}). Install the program again."
        ) from error
    head = tensors.pop("head", torch.zeros(0))
    net, expression = LandmarkNet(config), ExpressionNet()
    if head.shape != (LANDMARKS, 3) or not _is_sane("head", head):
        raise _foreign(path, "head")
    _fill(net, "net.", tensors, path)
    _fill(expression, "expression.", tensors, path)
    if tensors:
        raise _foreign(path, next(iter(tensors)))
    return LandmarkModel(net.eval(), expression.eval(), head.numpy().astype(np.float32))


def _weights(module: nn.Module) -> dict[str, Tensor]:
    state = module.state_dict().items()
    return {name: t.detach().half().contiguous() for name, t in state if not _counts(name)}


def _counts(name: str) -> bool:
    """Whether a tensor only counts training steps."""
    return name.endswith("num_batches_tracked")


def _config(path: Path, header: Mapping[str, str]) -> LandmarkConfig:
    if header.get(_VERSION_KEY) != _VERSION:
        raise TrackerError(
            f"{path} is not a landmark model that this program reads. Install the program again."
        )
    try:
        return _parsed(json.loads(header[_CONFIG_KEY]))
    except (KeyError, TypeError, ValueError, RecursionError, AttributeError) as error:
        raise TrackerError(
            f"The landmark model {path} has a broken configuration ({error}). "
            "Install the program again."
        ) from error


def _parsed(values: Mapping[str, Any]) -> LandmarkConfig:
    known: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value for key, value in values.items()
    }
    return LandmarkConfig(**known)


def _fill(module: nn.Module, prefix: str, tensors: dict[str, Tensor], path: Path) -> None:
    """Move the tensors that begin with a prefix into a module."""
    state = module.state_dict()
    for name, own in state.items():
        if _counts(name):
            continue
        tensor = tensors.pop(prefix + name, None)
        if tensor is None or tensor.shape != own.shape or not _is_sane(name, tensor):
            raise _foreign(path, prefix + name)
        state[name] = tensor
    module.load_state_dict(state)


def _is_sane(name: str, tensor: Tensor) -> bool:
    """Whether numbers can be what a training made; those that are none are not."""
    lowest = 0.0 if name.endswith("running_var") else -_LARGEST
    return bool(((tensor >= lowest) & (tensor <= _LARGEST)).all())


def _foreign(path: Path, name: str) -> TrackerError:
    return TrackerError(
        f"The landmark model {path} is broken: {name} is missing, unknown, of another shape or "
        "holds numbers that no training makes. Install the program again."
    )
