"""Refuses configurations that no network can be built from, before one is built.

A configuration may come from a file that anybody made. A size of 10⁹, a text in the place of a
number, or sizes that cannot be halved as often as asked would end in the middle of torch, after all
memory was asked for.
"""

import math
from types import UnionType
from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin, get_type_hints

if TYPE_CHECKING:
    from avatarify.networks.config import HourglassConfig, ModelConfig

Bounds = tuple[float, float]

MOST_WEIGHTS = 150_000_000
"""No motion model is larger: the published ones have 60 million."""

_MOST_VALUES = 64_000_000
"""Of one tensor between two layers; 256 MB."""


def check_values(config: object, **bounds: Bounds) -> None:
    """Check every value of a configuration against its kind and its bounds.

    Args:
        config: A dataclass; what is a configuration in it has checked itself already.
        bounds: (smallest, largest) of each number in it.

    Raises:
        ValueError: A value is of another kind, or out of its bounds; the message names it.
    """
    for name, hint in get_type_hints(type(config)).items():
        value = getattr(config, name)
        if get_origin(hint) is tuple:
            if not isinstance(value, tuple):
                raise ValueError(f"{name} must be a list")
            for item in value:
                _check(name, get_args(hint)[0], item, bounds)
        else:
            _check(name, hint, value, bounds)


def _check(name: str, hint: Any, value: Any, bounds: dict[str, Bounds]) -> None:
    if isinstance(hint, UnionType):
        if value is None:
            return
        hint = get_args(hint)[0]
    if hint in (int, float):
        check_number(name, hint, value, bounds[name])
    elif get_origin(hint) is Literal:
        if not isinstance(value, str) or value not in get_args(hint):
            raise ValueError(f"{name} must be one of {', '.join(get_args(hint))}")
    elif hint is bool and not isinstance(value, bool):
        raise ValueError(f"{name} must be true or false")


def check_number(name: str, kind: type[int] | type[float], value: object, bounds: Bounds) -> None:
    """Check one number.

    Raises:
        ValueError: It is none, of another kind, or out of its bounds.
    """
    kinds = (int,) if kind is int else (int, float)
    smallest, largest = bounds
    if isinstance(value, bool) or not isinstance(value, kinds):
        raise ValueError(f"{name} must be a {'whole ' if kind is int else ''}number")
    if not smallest <= value <= largest:  # of what is not a number, this is false too
        raise ValueError(f"{name} must lie between {smallest:g} and {largest:g}")


def check_sizes(config: "ModelConfig") -> None:
    """Check that the sizes of a model fit each other, and that there is memory for it anywhere.

    Raises:
        ValueError: They do not; the message says which.
    """
    detector, motion, generator = config.keypoints, config.dense_motion, config.generator
    seen = _scaled("keypoints", config.image_size, detector.scale_factor)
    moved = _scaled("dense_motion", config.image_size, motion.scale_factor)
    _require_halving("keypoints", seen, detector.hourglass.num_blocks)
    _require_halving("dense_motion", moved, motion.hourglass.num_blocks)
    is_compact, is_first_order = config.architecture == "compact", _is_first_order(config)
    _require(detector.jacobian == is_first_order, "jacobian does not belong to the architecture")
    if is_first_order:
        head = seen + 2 * detector.head_padding - detector.head_kernel + 1
        _require(head >= 2, "the detector's head_kernel is larger than what it sees")
        _require(motion.head_kernel % 2 == 1, "the dense motion's head_kernel must be odd")
    if is_compact:
        _require(config.image_size % (2 * generator.fold) == 0, "fold does not divide image_size")
        _require(config.output_size >= config.image_size, "output_size is below image_size")
    else:
        _require(config.output_size == config.image_size, "output_size is not image_size")
        _require_halving("generator", config.image_size, generator.num_down_blocks)
    if not is_first_order:
        marks = int(config.image_size * generator.keypoint_scale_factor)
        _require(generator.num_down_blocks > 0 and marks > 0, "the generator has no steps")
    _require(_weights(config) <= MOST_WEIGHTS, "the networks have more weights than any model")
    _require(_most_values(config, seen, moved) <= _MOST_VALUES, "the networks need too much memory")


def _require(condition: bool, message: str) -> None:
    if not condition:
        raise ValueError(message)


def _is_first_order(config: "ModelConfig") -> bool:
    return config.architecture != "monkey-net"


def _scaled(name: str, side: int, scale_factor: float) -> int:
    stride = round(1.0 / scale_factor)
    _require(math.isclose(stride * scale_factor, 1.0, rel_tol=1e-6), f"{name}: odd scale_factor")
    _require(side % stride == 0, f"{name}: scale_factor does not divide image_size")
    return side // stride


def _require_halving(name: str, side: int, times: int) -> None:
    _require(side % 2**times == 0, f"{name}: {side} pixels cannot be halved {times} times")


def _unet(unet: "HourglassConfig", inputs: int, extra: int = 0) -> int:
    """Return the weights of a U-Net's convolutions."""
    total, before = 0, inputs
    for level in range(unet.num_blocks):
        after = unet.width(level + 1)
        joined = (1 if level == unet.num_blocks - 1 else 2) * after + extra
        total += 9 * (before * after + joined * unet.width(level))
        before = after
    return total


def _weights(config: "ModelConfig") -> int:
    """Return about how many weights the networks have."""
    from avatarify.networks.config import HourglassConfig

    detector, motion, generator = config.keypoints, config.dense_motion, config.generator
    count, channels = detector.num_keypoints, config.channels
    inputs = detector.stem_features or channels
    stem = 9 * channels * inputs / detector.scale_factor**2
    heads = 5 * count * detector.head_kernel**2 * (detector.hourglass.block_expansion + inputs)
    total = stem + heads + _unet(detector.hourglass, inputs)
    inputs = (count + 1) * (channels + 1)
    maps = count + 2 + motion.hint_features
    total += motion.head_kernel**2 * maps * (motion.hourglass.block_expansion + inputs)
    total += _unet(motion.hourglass, inputs) + motion.group_blocks * inputs**2
    steps = max(1, 1 if config.architecture == "compact" else generator.num_down_blocks)
    unet = HourglassConfig(generator.block_expansion, generator.max_features, steps)
    extra = 0 if _is_first_order(config) else count
    total += _unet(unet, channels * generator.fold**2, extra)
    bottom = generator.width(steps) if _is_first_order(config) else generator.width(0) + extra
    total += generator.num_residual_blocks * 18 * bottom**2
    return int(total + 49 * 2 * (channels + 1) * generator.fold**2 * generator.width(0))


def _most_values(config: "ModelConfig", seen: int, moved: int) -> int:
    """Return about how many values the largest tensor between two layers has."""
    detector, motion, generator = config.keypoints, config.dense_motion, config.generator
    painted = config.image_size // (generator.fold if config.architecture == "compact" else 1)
    extra = 0 if _is_first_order(config) else detector.num_keypoints
    return max(
        seen**2 * max(2 * detector.hourglass.width(0), 5 * detector.num_keypoints),
        moved**2 * (2 * motion.hourglass.width(0) + (detector.num_keypoints + 1) * 4),
        painted**2 * (2 * generator.width(0) + extra),
        config.output_size**2 * config.channels,
    )
