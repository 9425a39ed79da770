"""The models that are measured, and the textbook loop that they are measured against."""

from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from avatarify.animation.checkpoint import load_model
from avatarify.animation.torch_engine import to_image, to_tensor
from avatarify.frames import Image
from avatarify.geometry import transfer
from avatarify.networks.config import (
    DenseMotionConfig,
    GeneratorConfig,
    HourglassConfig,
    KeypointConfig,
    ModelConfig,
)
from avatarify.networks.motion_model import MotionModel
from avatarify.session.bench.made_weights import made_model
from avatarify.zoo import store

COMPACT, VOX = "compact", "vox-256"
"""The shipped network; a model of the published one's size with weights of no use."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A model to measure."""

    name: str
    """For the tables."""

    model: MotionModel
    """In eval mode, on the CPU."""


def open_subject(name: str) -> Subject:
    """Load or make a model.

    Args:
        name: A model's name or file; "vox-256" is made up where it is not installed, and so is
            "compact".

    Raises:
        CheckpointError: The named model is not there or broken.
    """
    installed = store.find(name + store.MODEL_SUFFIX)
    if installed is not None:
        return Subject(name, load_model(installed))
    sizes = {VOX: vox_config, COMPACT: compact_config}
    if name in sizes:
        return Subject(f"{name} (random weights)", made_model(sizes[name]()))
    return Subject(Path(name).stem, load_model(store.locate(name)))


def vox_config() -> ModelConfig:
    """Return the sizes of the published vox-256: 59.8 million parameters."""
    return ModelConfig(
        "fomm",
        KeypointConfig(HourglassConfig(32, 1024, 5), num_keypoints=10),
        DenseMotionConfig(HourglassConfig(64, 1024, 5)),
        GeneratorConfig(64, 512, num_down_blocks=2, num_residual_blocks=6),
    )


def compact_config() -> ModelConfig:
    """Return the sizes of the shipped model."""
    return ModelConfig(
        "compact",
        KeypointConfig(
            HourglassConfig(16, 256, 4), 15, head_kernel=3, head_padding=1, stem_features=32
        ),
        DenseMotionConfig(HourglassConfig(24, 256, 4), variance=0.005, head_kernel=3),
        GeneratorConfig(48, 96, num_down_blocks=1, num_residual_blocks=4, fold=4),
        image_size=256,
        output_size=512,
    )


class Textbook:
    """The loop as the paper's code has it: eager float32, the source encoded for every frame."""

    def __init__(self, model: MotionModel, source: Image, device: torch.device) -> None:
        """Prepare the loop.

        Args:
            model: In eval mode; it stays where it is.
            source: RGB uint8 (S, S, 3), S the configuration's `output_size`.
            device: Where it runs.
        """
        self._model = deepcopy(model).to(device)
        self._device = device
        self._source = to_tensor(source, device)
        with torch.no_grad():
            self._at_source = model.detect(model.at_image_size(self._source))
        self._reference = self._at_source

    @torch.no_grad()
    def __call__(self, driving: Image) -> Image:
        """Animate one frame, RGB uint8 (s, s, 3), relative to the portrait's own pose."""
        found = self._model.detect(to_tensor(driving, self._device))
        moved = transfer.relative(self._at_source, found, self._reference)
        picture: Tensor = self._model.animate(self._model.encode(self._source), moved).picture
        return to_image(picture)
