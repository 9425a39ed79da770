"""The program's own model file: safetensors, with the networks' configuration inside.

One file is one whole model: nothing beside it can be lost, nothing in it can be run, and it opens
without a copy in memory.
"""

import json
from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from avatarify.animation.weights import is_counter
from avatarify.errors import CheckpointError
from avatarify.file_names import text_path
from avatarify.networks.config import ModelConfig
from avatarify.networks.motion_model import MotionModel
from avatarify.zoo.whole_file import whole_model_file

FORMAT_VERSION = 1
"""Raised when a reader of the older version would misread a file."""

_VERSION_KEY, _CONFIG_KEY = "avatarify_format", "config"
_RESERVED = {_VERSION_KEY, _CONFIG_KEY}


def save_model(
    model: MotionModel,
    path: Path,
    metadata: Mapping[str, str] | None = None,
    *,
    half: bool = False,
) -> None:
    """Write a model as one safetensors file; it appears under its name only when complete.

    Args:
        model: Any architecture, on any device.
        path: The file; replaced if it exists.
        metadata: More facts to keep in the file: its origin, its licence.
        half: Store the weights in half precision. They become float32 again when loaded.

    Raises:
        OutputError: The file could not be written.
        ValueError: `metadata` uses a reserved key.
    """
    extra = dict(metadata or {})
    if _RESERVED & extra.keys():
        raise ValueError(f"the metadata keys {sorted(_RESERVED)} are reserved")
    dtype = torch.float16 if half else torch.float32
    tensors = {
        name: tensor.detach().to("cpu", dtype).contiguous()
        for name, tensor in model.state_dict().items()
        if not is_counter(name)
    }
    header = {
        **extra,
        _VERSION_KEY: str(FORMAT_VERSION),
        _CONFIG_KEY: json.dumps(model.config.to_dict()),
    }
    with whole_model_file(path) as part:
        save_file(tensors, part, header)


def is_portable(start: bytes) -> bool:
    """Tell whether a file that starts like this is a safetensors file: a length, then JSON."""
    return len(start) > 8 and start[8:9] == b"{"


def read_portable(path: Path) -> tuple[ModelConfig, dict[str, Tensor]]:
    """Read what `save_model` wrote.

    Returns:
        The configuration and the weights as stored.

    Raises:
        CheckpointError: The file is cut off, foreign, or made by a newer version.
    """
    try:
        with text_path(path) as named, safe_open(named, framework="pt") as file:
            config = _config(path, file.metadata() or {})
            return config, {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - no iterator
    except (SafetensorError, OSError) as error:
        raise CheckpointError(
            f"{path} ({path.stat().st_size:,} bytes) is damaged or cut off: {error}. "
            "Copy or download it again."
        ) from error


def _config(path: Path, header: Mapping[str, str]) -> ModelConfig:
    if not header.keys() >= _RESERVED:
        raise CheckpointError(
            f"{path} is a safetensors file of another program: its metadata lack "
            f"{' and '.join(sorted(_RESERVED - header.keys()))}."
        )
    if header[_VERSION_KEY] != str(FORMAT_VERSION):
        raise CheckpointError(
            f"{path} has format version {header[_VERSION_KEY]}; this program reads version "
            f"{FORMAT_VERSION}. Update avatarify."
        )
    try:
        return ModelConfig.from_dict(json.loads(header[_CONFIG_KEY]))
    except (ValueError, RecursionError) as error:
        raise CheckpointError(f"The configuration inside {path} is broken: {error}.") from error
