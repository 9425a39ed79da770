"""The painters' file: one safetensors with both networks and their sizes, read without torch."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from avatarify.errors import CheckpointError
from avatarify.file_names import text_path
from avatarify.networks.painter_config import PainterConfig
from avatarify.zoo.whole_file import whole_model_file

PARTS = ("mouth", "eyes")
"""The painters that a file may hold."""

KIND = "face-painters"
"""Stands in the file's metadata, so that another model file is not taken for one."""

_FORMAT = "1"


class PainterWeights(NamedTuple):
    """One painter as it lies in the file."""

    config: PainterConfig
    tensors: dict[str, NDArray[np.float32]]
    """By their names in `PainterConfig.shapes`."""


def save_painters(
    painters: Mapping[str, PainterWeights], path: Path, metadata: Mapping[str, str] | None = None
) -> None:
    """Write painters, in half precision; the file appears under its name only when complete.

    Args:
        painters: By their part of the face, see `PARTS`.
        path: The file; replaced if it exists.
        metadata: More facts to keep in the file: steps, licence.

    Raises:
        OutputError: The file could not be written.
        ValueError: A part has no such name.
    """
    if not painters or not set(painters) <= set(PARTS):
        raise ValueError(f"painters are named {' and '.join(PARTS)}")
    tensors = {
        f"{part}.{name}": np.ascontiguousarray(tensor, np.float16)
        for part, painter in painters.items()
        for name, tensor in painter.tensors.items()
    }
    configs = {part: painter.config.to_dict() for part, painter in painters.items()}
    header = {**(metadata or {}), "kind": KIND, "format": _FORMAT, "config": json.dumps(configs)}
    with whole_model_file(path) as part:
        save_file(tensors, part, header)


def read_painters(path: Path) -> dict[str, PainterWeights]:
    """Read what `save_painters` wrote, as float32.

    Raises:
        CheckpointError: The file is missing, cut off, foreign, made by a newer version, or its
            tensors do not fit its configuration or are not finite.
    """
    try:
        with text_path(path) as named, safe_open(named, framework="np") as file:
            configs = _configs(path, file.metadata() or {})
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - no iterator
    except (SafetensorError, OSError) as error:
        raise CheckpointError(f"{path} is damaged, cut off or missing: {error}.") from error
    expected = {f"{part}.{name}" for part, one in configs.items() for name in one.shapes()}
    if expected != set(tensors):
        odd = sorted(expected ^ set(tensors))[0]
        raise CheckpointError(f"{path}: the tensor {odd} is missing or unknown.")
    return {part: _fitted(path, part, config, tensors) for part, config in configs.items()}


def _configs(path: Path, header: Mapping[str, str]) -> dict[str, PainterConfig]:
    if header.get("kind") != KIND:
        raise CheckpointError(f"{path} is a safetensors file, but holds no painters.")
    if header.get("format") != _FORMAT:
        raise CheckpointError(f"{path} is of a newer format. Update avatarify.")
    try:
        values = json.loads(header.get("config", ""))
        if not isinstance(values, dict) or not values or not set(values) <= set(PARTS):
            raise ValueError(f"it names no painters of {' and '.join(PARTS)}")
        return {part: PainterConfig.from_dict(one) for part, one in values.items()}
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        raise CheckpointError(f"The configuration inside {path} is broken: {error}.") from error


def _fitted(
    path: Path, part: str, config: PainterConfig, tensors: Mapping[str, NDArray[np.floating]]
) -> PainterWeights:
    fitted = {}
    for name, shape in config.shapes().items():
        tensor = tensors[f"{part}.{name}"]
        if tensor.shape != shape or tensor.dtype not in (np.float16, np.float32):
            raise CheckpointError(f"{path}: {part}.{name} is {tensor.shape}, not {shape}.")
        fitted[name] = tensor.astype(np.float32)
        if not np.isfinite(fitted[name]).all():
            raise CheckpointError(f"{path}: {part}.{name} holds numbers that are not finite.")
    return PainterWeights(config, fitted)
