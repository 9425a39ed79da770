"""The file of the network that tells a person from the room; read without torch."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from avatarify.errors import CheckpointError
from avatarify.file_names import text_path
from avatarify.zoo.whole_file import whole_model_file

Weights = dict[str, NDArray[np.float32]]
"""Filters (h, w, in, out) and biases (out,), by layer."""

KIND = "matte"
"""Stands in the file's metadata, so that another model file is not taken for it."""

_FORMAT = "1"
_MOST_WIDTH = 512


def save_matte_weights(
    weights: Weights, path: Path, metadata: Mapping[str, str] | None = None
) -> None:
    """Write the weights in half precision; the file appears under its name only when complete.

    Args:
        weights: As `networks/matte_net.py` folds them.
        path: The file; replaced if it exists.
        metadata: More facts to keep in the file: steps, licence.

    Raises:
        OutputError: The file could not be written.
    """
    tensors = {name: np.ascontiguousarray(value, np.float16) for name, value in weights.items()}
    header = {**(metadata or {}), "kind": KIND, "format": _FORMAT}
    with whole_model_file(path) as part:
        save_file(tensors, part, header)


def read_matte_weights(path: Path) -> Weights:
    """Read what `save_matte_weights` wrote, as float32.

    Raises:
        CheckpointError: The file is missing, cut off, foreign, made by a newer version, or its
            layers do not fit each other or are not finite.
    """
    try:
        with text_path(path) as named, safe_open(named, framework="np") as file:
            header = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - no iterator
    except (SafetensorError, OSError) as error:
        raise CheckpointError(f"{path} is damaged, cut off or missing: {error}.") from error
    if header.get("kind") != KIND:
        raise CheckpointError(f"{path} is a safetensors file, but holds no matte network.")
    if header.get("format") != _FORMAT:
        raise CheckpointError(f"{path} is of a newer format. Update avatarify.")
    expected = _shapes(tensors)
    for name in sorted(expected.keys() | tensors.keys()):
        if name not in expected or name not in tensors:
            raise CheckpointError(f"{path}: the tensor {name} is missing or unknown.")
        tensor = tensors[name]
        if tensor.shape != expected[name] or tensor.dtype not in (np.float16, np.float32):
            raise CheckpointError(f"{path}: {name} is {tensor.shape}, not {expected[name]}.")
        if not np.isfinite(tensor).all():
            raise CheckpointError(f"{path}: {name} holds numbers that are not finite.")
    return {name: tensor.astype(np.float32) for name, tensor in tensors.items()}


def levels_of(weights: Mapping[str, NDArray[np.generic]]) -> int:
    """Return how many sizes of features a network has."""
    return sum(name.startswith("down") and name.endswith("first.bias") for name in weights)


def _shapes(tensors: Mapping[str, NDArray[np.generic]]) -> dict[str, tuple[int, ...]]:
    """Return the shapes of all tensors, of as many levels and of such widths as there are."""
    widths = []
    for level in range(levels_of(tensors)):
        bias = tensors.get(f"down{level}.first.bias")
        widths.append(min(_MOST_WIDTH, bias.size) if bias is not None else 0)
    if not widths:
        return {"down0.first.bias": (0,)}
    layers = {"stem": (3, 24, widths[0]), "head": (3, widths[0], 4)}
    for level, width in enumerate(widths):
        given = widths[max(0, level - 1)]
        layers |= {
            f"down{level}.first": (3, given, width),
            f"down{level}.second": (3, width, width),
        }
        if level + 1 < len(widths):
            layers[f"up{level}"] = (1, widths[level + 1], width)
            layers |= {f"join{level}.{part}": (3, width, width) for part in ("first", "second")}
    shapes: dict[str, tuple[int, ...]] = {}
    for name, (side, given, made) in layers.items():
        shapes[f"{name}.weight"] = (side, side, given, made)
        shapes[f"{name}.bias"] = (made,)
    return shapes
