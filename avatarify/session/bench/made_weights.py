"""Weights of no use but of sensible sizes, the same on every machine: what speed is measured with.

The rule is that of the project's parity vectors: each tensor is drawn from a stream that its
published name seeds, so anybody with the published code can make the same network.
"""

import re
import zlib

import numpy as np
import torch
from torch import Tensor, nn

from avatarify.animation.backends.probe import draw_face
from avatarify.animation.torch_engine import to_tensor
from avatarify.networks.config import ModelConfig
from avatarify.networks.motion_model import MotionModel, build

_CALIBRATION_PAIRS = 3

# Our name to the published one; what the published models lack keeps its name.
_PUBLISHED = tuple(
    (re.compile(own), published)
    for own, published in (
        (r"^keypoint_detector\.heatmap_head\.", "kp."),
        (r"^keypoint_detector\.jacobian_head\.", "jacobian."),
        (r"^keypoint_detector\.hourglass\.", "predictor."),
        (r"^dense_motion\.hourglass\.", "dense_motion_network.hourglass."),
        (r"^dense_motion\.mask_head\.", "dense_motion_network.mask."),
        (r"^dense_motion\.occlusion_head\.", "dense_motion_network.occlusion."),
        (r"^generator\.bottleneck\.(\d+)\.", r"bottleneck.r\1."),
        (r"^generator\.", ""),
    )
)


def made_model(config: ModelConfig) -> MotionModel:
    """Make a model whose weights depend on nothing but their names.

    Its batch norms are calibrated on drawn faces, so that activations have the sizes of a trained
    network's: a network without would overflow half precision, or vanish.
    """
    model = build(config).eval().requires_grad_(False)
    draw_weights(model)
    _calibrate(model)
    return model


def draw_weights(model: MotionModel) -> None:
    """Fill a model, but for its fixed blurs, with numbers that its tensors' names decide."""
    for name, tensor in model.state_dict().items():
        if not name.endswith((".kernel", ".num_batches_tracked")):
            tensor.copy_(drawn(published_name(name), tuple(tensor.shape)))


def published_name(own: str) -> str:
    """Return what a first-order model's tensor is called in the published checkpoints.

    Args:
        own: Its name in the whole model.

    Returns:
        The name within its network there, without "kp_detector." or "generator." in front.
    """
    for pattern, published in _PUBLISHED:
        if pattern.search(own):
            return pattern.sub(published, own)
    return own


def drawn(name: str, shape: tuple[int, ...], seed: int = 0) -> Tensor:
    """Draw one tensor from its name.

    Args:
        name: Within its network, as in the published checkpoints.
        shape: Of the tensor.
        seed: Another one gives other weights.

    Returns:
        float32.
    """
    # numpy keeps this old generator's stream as it is for ever.
    random = np.random.RandomState((zlib.crc32(name.encode()) ^ seed) & 0xFFFFFFFF)
    return torch.from_numpy(np.asarray(_values(random, name, shape), dtype=np.float32))


def _values(random: np.random.RandomState, name: str, shape: tuple[int, ...]) -> object:
    if name.endswith("running_mean"):
        return 0.1 * random.standard_normal(shape)
    if name.endswith("running_var"):
        return random.uniform(0.5, 1.5, shape)
    if name.endswith("bias"):
        identity = np.tile([1.0, 0.0, 0.0, 1.0], shape[0] // 4) if "jacobian" in name else 0.0
        return 0.1 * random.standard_normal(shape) + identity
    if len(shape) == 1:  # of a batch norm
        return random.uniform(0.8, 1.2, shape)
    gain = 0.1 if "jacobian" in name else 1.4
    return gain / np.sqrt(np.prod(shape[1:])) * random.standard_normal(shape)


def _calibrate(model: MotionModel) -> None:
    norms = [module for module in model.modules() if isinstance(module, nn.BatchNorm2d)]
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None  # torch's word for the plain average of all pairs
        norm.train()
    config = model.config
    with torch.no_grad():
        for pair in range(_CALIBRATION_PAIRS):
            portrait = draw_face(config.output_size, mouth=0.01 + 0.01 * pair)
            driver = draw_face(config.image_size, 0.03 * (pair - 1), 0.02 + 0.02 * pair)
            model(to_tensor(portrait, torch.device("cpu")), to_tensor(driver, torch.device("cpu")))
    model.eval()
