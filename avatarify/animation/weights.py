"""Puts tensors of unknown origin into a model, or says which one does not fit."""

from collections.abc import Mapping

import torch
from torch import Tensor

from avatarify.errors import CheckpointError
from avatarify.networks.motion_model import MotionModel

_BLUR_TOLERANCE = 1e-3
"""Half-precision files round the fixed kernels."""


def is_counter(name: str) -> bool:
    """Tell whether a tensor only counts training steps; old files lack them."""
    return name.endswith(".num_batches_tracked")


def fit_weights(
    model: MotionModel,
    tensors: Mapping[str, Tensor],
    origin: str,
    published_names: Mapping[str, str] | None = None,
) -> None:
    """Copy the tensors into the model, as float32.

    Fixed blur kernels follow from the configuration: they may be absent and must not differ.

    Args:
        model: Just built.
        tensors: By their names in the model.
        origin: The file, for messages.
        published_names: What each tensor is called in the file, where that differs.

    Raises:
        CheckpointError: A tensor is missing, foreign, has another shape, is no floating-point
            tensor, or holds values that are not finite.
    """
    names = published_names or {}
    expected = {name: own for name, own in model.state_dict().items() if not is_counter(name)}
    offered = {name: tensor for name, tensor in tensors.items() if not is_counter(name)}
    _check_names(expected, offered, origin, names)
    for name, tensor in offered.items():
        _check_tensor(names.get(name, name), tensor, expected[name], origin)
        if _is_blur(name) and not torch.allclose(
            tensor.float(), expected[name], rtol=0.0, atol=_BLUR_TOLERANCE
        ):
            raise CheckpointError(
                f"{origin}: {names.get(name, name)} is not the blur that belongs to the "
                "configuration's scale_factor. The configuration belongs to another file."
            )
    model.load_state_dict({**model.state_dict(), **offered})


def _is_blur(name: str) -> bool:
    return name.endswith(".downscale.kernel")


def _check_names(
    expected: Mapping[str, Tensor],
    offered: Mapping[str, Tensor],
    origin: str,
    names: Mapping[str, str],
) -> None:
    missing = [name for name in expected if name not in offered and not _is_blur(name)]
    foreign = [names.get(name, name) for name in offered if name not in expected]
    if missing and foreign:
        raise CheckpointError(
            f"{origin} does not fit its configuration: the weight {missing[0]} is missing "
            f"({len(missing)} in all) and {foreign[0]} has no place ({len(foreign)} in all)."
        )
    if missing:
        raise CheckpointError(
            f"{origin} is incomplete: the weight {missing[0]} is missing ({len(missing)} in all)."
        )
    if foreign:
        raise CheckpointError(
            f"{origin} does not fit its configuration: the weight {foreign[0]} has no place in "
            f"these networks ({len(foreign)} in all)."
        )


def _check_tensor(name: str, tensor: Tensor, own: Tensor, origin: str) -> None:
    if tensor.shape != own.shape:
        raise CheckpointError(
            f"{origin} does not fit its configuration: {name} has the shape "
            f"{list(tensor.shape)}, expected {list(own.shape)}."
        )
    if not tensor.is_floating_point():
        raise CheckpointError(f"{origin}: {name} holds {tensor.dtype}, not floating-point numbers.")
    if not torch.isfinite(tensor).all():
        raise CheckpointError(
            f"{origin} is damaged: {name} holds values that are not finite. Get the file again."
        )
