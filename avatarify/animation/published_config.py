"""The published YAML files: `model_params` of FOMM and Monkey-Net to a `ModelConfig`.

Both projects give one dictionary for each network, with `common_params` added to all of them, and
leave out what equals their code's defaults. Every key is either translated, known to change
nothing here, or refused: a silently ignored setting would give a wrong picture.
"""

import reprlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from avatarify.animation.yaml_file import YamlFileError, read_yaml
from avatarify.errors import CheckpointError
from avatarify.networks.config import (
    DenseMotionConfig,
    GeneratorConfig,
    HourglassConfig,
    KeypointConfig,
    ModelConfig,
)

_DEFAULT_IMAGE_SIZE = 256
_VARIANCE_OF_GAUSSIANS = 0.01
_LARGEST = 1e9
_TRAINING_ONLY = {"discriminator_params"}


def read_published_config(path: Path) -> ModelConfig:
    """Read a published YAML file.

    Args:
        path: For example vox-256.yaml.

    Raises:
        CheckpointError: The file is missing, is no YAML, or describes networks that this program
            does not have; the message names the key.
    """
    try:
        document = read_yaml(path)
    except OSError as error:
        raise CheckpointError(
            f"The configuration {path} cannot be read: {error.strerror}."
        ) from error
    except YamlFileError as error:
        raise CheckpointError(f"The configuration {path} is not a YAML file: {error}.") from error
    try:
        return config_from_published(document)
    except CheckpointError as error:
        raise CheckpointError(f"The configuration {path} cannot be used: {error}") from error


def config_from_published(document: object) -> ModelConfig:
    """Translate the content of a published YAML file.

    Args:
        document: A dictionary with `model_params`, or `model_params` itself.

    Raises:
        CheckpointError: It describes networks that this program does not have.
    """
    whole = _Parameters("the file", document)
    size = _image_size(whole)
    params = whole.section("model_params") if "model_params" in whole.values else whole
    common = params.section("common_params")
    detector = params.section("kp_detector_params")
    generator = params.section("generator_params")
    try:
        if "kp_variance" in common.values:
            config = _monkey_net(common, detector, generator, size)
        else:
            config = _first_order(common, detector, generator, size)
    except ValueError as error:
        raise CheckpointError(f"{error}.") from error
    for section in (common, detector, generator):
        section.refuse_rest()
    if params is not whole:
        params.refuse_rest(_TRAINING_ONLY)
    return config


class _Parameters:
    """One dictionary of a published file; remembers which keys were asked for."""

    def __init__(self, name: str, values: object) -> None:
        if not isinstance(values, Mapping):
            raise CheckpointError(f"{name} must hold keys and values, not {reprlib.repr(values)}.")
        self.name = name
        self.values: Mapping[str, Any] = values
        self._known: set[str] = set()

    def section(self, key: str) -> "_Parameters":
        return _Parameters(key, self.take(key))

    def take(self, key: str, default: Any = None) -> Any:
        self._known.add(key)
        if key in self.values:
            return self.values[key]
        if default is None:
            raise CheckpointError(f"the key {key} is missing from {self.name}.")
        return default

    def count(self, key: str, default: int | None = None) -> int:
        value = self.take(key, default)
        if isinstance(value, bool) or not isinstance(value, int):
            raise CheckpointError(f"{key} must be a whole number, not {reprlib.repr(value)}.")
        return value

    def number(self, key: str, default: float | None = None) -> float:
        value = self.take(key, default)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise CheckpointError(f"{key} must be a number, not {reprlib.repr(value)}.")
        if not -_LARGEST <= value <= _LARGEST:
            raise CheckpointError(f"{key} must be a number, not {reprlib.repr(value)}.")
        return float(value)

    def flag(self, key: str) -> bool:
        value = self.take(key, False)
        if not isinstance(value, bool):
            raise CheckpointError(f"{key} must be true or false, not {reprlib.repr(value)}.")
        return value

    def require(self, key: str, only: object, default: object) -> None:
        value = self.take(key, default)
        if value != only:
            raise CheckpointError(
                f"{key} of {self.name} is {reprlib.repr(value)}; only {only!r} is supported."
            )

    def hourglass(self, blocks: str = "num_blocks") -> HourglassConfig:
        return HourglassConfig(
            self.count("block_expansion"), self.count("max_features"), self.count(blocks)
        )

    def refuse_rest(self, ignored: set[str] | None = None) -> None:
        unknown = sorted(map(str, set(self.values) - self._known - (ignored or set())))
        if unknown:
            raise CheckpointError(f"{self.name} has the unknown key {unknown[0]}.")


def _image_size(whole: _Parameters) -> int:
    dataset = whole.values.get("dataset_params")
    shape = None
    if isinstance(dataset, Mapping):
        shape = dataset.get("frame_shape") or dataset.get("image_shape") or _training_crop(dataset)
    if shape is None:
        return _DEFAULT_IMAGE_SIZE
    if not isinstance(shape, list | tuple) or len(shape) < 2 or shape[0] != shape[1]:
        raise CheckpointError(f"the image size {reprlib.repr(shape)} is not square.")
    if type(shape[0]) is not int:
        raise CheckpointError(f"the image size {reprlib.repr(shape)} is no whole number.")
    return shape[0]


def _training_crop(dataset: Mapping[str, Any]) -> Any:
    values: Any = dataset
    for key in ("augmentation_params", "crop_param", "size"):
        values = values.get(key) if isinstance(values, Mapping) else None
    return values


def _first_order(
    common: _Parameters, detector: _Parameters, generator: _Parameters, size: int
) -> ModelConfig:
    common.require("estimate_jacobian", only=True, default=False)
    dense_motion = generator.section("dense_motion_params")
    config = ModelConfig(
        "fomm",
        KeypointConfig(
            detector.hourglass(),
            common.count("num_kp"),
            detector.number("temperature"),
            detector.number("scale_factor", 1.0),
            shared_jacobian_map=detector.flag("single_jacobian_map"),
            head_padding=detector.count("pad", 0),
        ),
        DenseMotionConfig(
            dense_motion.hourglass(),
            dense_motion.number("scale_factor", 1.0),
            dense_motion.number("kp_variance", _VARIANCE_OF_GAUSSIANS),
            generator.flag("estimate_occlusion_map"),
        ),
        GeneratorConfig(
            generator.count("block_expansion"),
            generator.count("max_features"),
            generator.count("num_down_blocks"),
            generator.count("num_bottleneck_blocks"),
        ),
        size,
        size,
        common.count("num_channels", 3),
    )
    dense_motion.refuse_rest()
    return config


def _monkey_net(
    common: _Parameters, detector: _Parameters, generator: _Parameters, size: int
) -> ModelConfig:
    covariance: Literal["none", "matrix", "single"] = "none"
    variance: Any = common.take("kp_variance")
    if variance in ("matrix", "single"):
        covariance = variance
    elif isinstance(variance, bool) or not isinstance(variance, int | float):
        raise CheckpointError(f"kp_variance must be matrix, single or a number, not {variance!r}.")
    smallest = detector.number("clip_variance") if "clip_variance" in detector.values else None
    generator.require("interpolation_mode", only="trilinear", default="nearest")
    embedding_scale, embedding_divisor = _embedding(
        generator.section("kp_embedding_params"), shows_source=False
    )
    return ModelConfig(
        "monkey-net",
        KeypointConfig(
            detector.hourglass(),
            common.count("num_kp"),
            detector.number("temperature"),
            detector.number("scale_factor", 1.0),
            jacobian=False,
            covariance=covariance,
            smallest_variance=smallest,
        ),
        _zero_order_motion(
            generator.section("dense_motion_params"),
            _VARIANCE_OF_GAUSSIANS if covariance != "none" else common.number("kp_variance"),
        ),
        GeneratorConfig(
            generator.count("block_expansion"),
            generator.count("max_features"),
            generator.count("num_blocks"),
            generator.count("num_refinement_blocks"),
            embedding_scale,
            embedding_divisor,
        ),
        size,
        size,
        common.count("num_channels", 3),
    )


def _zero_order_motion(dense_motion: _Parameters, variance: float) -> DenseMotionConfig:
    _, divisor = _embedding(dense_motion.section("mask_embedding_params"), shows_source=True)
    dense_motion.require("use_mask", only=True, default=False)
    config = DenseMotionConfig(
        dense_motion.hourglass(),
        dense_motion.number("scale_factor", 1.0),
        variance,
        occlusion_map=False,
        group_blocks=dense_motion.count("num_group_blocks", 0),
        correction=dense_motion.flag("use_correction"),
        heatmap_divisor=divisor,
    )
    dense_motion.take("bg_init", 0)  # how training starts; the weights have long left it
    dense_motion.refuse_rest()
    return config


def _embedding(embedding: _Parameters, shows_source: bool) -> tuple[float, float]:
    """Return the scale and the divisor of Gaussians drawn for the network."""
    embedding.require("use_heatmap", only=True, default=True)
    embedding.require("heatmap_type", only="difference", default="gaussian")
    embedding.require("use_difference", only=False, default=False)
    embedding.require("use_deformed_source_image", only=shows_source, default=False)
    scale = embedding.number("scale_factor", 1.0)
    divisor = embedding.number("norm_const")
    embedding.refuse_rest()
    return scale, divisor
