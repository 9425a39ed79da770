"""Motion models small enough for a test: 3 keypoints, 32 by 32 pixels, random weights."""

from dataclasses import replace

import numpy as np
import torch

from avatarify.frames import Image
from avatarify.geometry.transfer import Span
from avatarify.networks.config import (
    DenseMotionConfig,
    GeneratorConfig,
    HourglassConfig,
    KeypointConfig,
    ModelConfig,
)
from avatarify.networks.motion_model import MotionModel, build

NUM_KEYPOINTS = 3
_HOURGLASS = HourglassConfig(block_expansion=4, max_features=16, num_blocks=2)


def tiny_config(architecture: str) -> ModelConfig:
    """Return the configuration of a tiny "fomm", "monkey-net" or "compact" model."""
    generator = GeneratorConfig(4, 16, num_down_blocks=2, num_residual_blocks=1)
    if architecture == "monkey-net":
        return ModelConfig(
            "monkey-net",
            KeypointConfig(
                _HOURGLASS,
                NUM_KEYPOINTS,
                scale_factor=0.5,
                jacobian=False,
                covariance="matrix",
                smallest_variance=0.001,
            ),
            DenseMotionConfig(
                _HOURGLASS,
                scale_factor=0.5,
                occlusion_map=False,
                group_blocks=2,
                correction=True,
                heatmap_divisor=100.0,
            ),
            GeneratorConfig(4, 16, 3, 1, keypoint_scale_factor=0.5, keypoint_divisor=100.0),
            image_size=32,
            output_size=32,
        )
    keypoints = KeypointConfig(_HOURGLASS, NUM_KEYPOINTS, scale_factor=0.5, head_padding=3)
    if architecture == "compact":
        return ModelConfig(
            "compact",
            keypoints,
            DenseMotionConfig(_HOURGLASS, scale_factor=0.25, hint_features=2),
            replace(generator, fold=4, smooth_paint=True),
            image_size=32,
            output_size=64,
            spans=(Span(0, 2, 1.5),),
            jacobian_noise=0.05,
        )
    motion = DenseMotionConfig(_HOURGLASS, scale_factor=0.5)
    return ModelConfig("fomm", keypoints, motion, generator, image_size=32, output_size=32)


def tiny_model(architecture: str, seed: int = 0) -> MotionModel:
    """Return a tiny model in eval mode, the same for the same seed."""
    return random_model(tiny_config(architecture), seed)


def wide_model() -> MotionModel:
    """Return a tiny "fomm" model with a bottleneck wide enough for Winograd's convolutions."""
    generator = GeneratorConfig(64, 128, num_down_blocks=1, num_residual_blocks=2)
    return random_model(replace(tiny_config("fomm"), generator=generator))


def random_model(config: ModelConfig, seed: int = 0) -> MotionModel:
    """Return a model in eval mode, the same for the same seed."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = build(config)
        for module in model.modules():
            if isinstance(module, torch.nn.Conv2d):
                torch.nn.init.normal_(module.weight, std=1.4 / module.weight[0].numel() ** 0.5)
    return model.eval().requires_grad_(False)


def picture(seed: int, side: int) -> Image:
    """Return a smooth random RGB picture, so that resizing hardly changes it."""
    generator = torch.Generator().manual_seed(seed)
    coarse = torch.rand(1, 3, 6, 6, generator=generator)
    smooth = torch.nn.functional.interpolate(
        coarse, size=(side, side), mode="bicubic", align_corners=True
    )
    pixels = smooth[0].permute(1, 2, 0).clamp(0.0, 1.0).mul(255.0).round()
    return pixels.to(torch.uint8).numpy().astype(np.uint8)
