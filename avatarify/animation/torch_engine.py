"""The reference engine: the readable networks, as they are, on any device that torch knows."""

from collections.abc import Sequence
from typing import cast

import numpy as np
import torch
from torch import Tensor

from avatarify.animation.devices import DTYPES, Precision, name_of
from avatarify.animation.engine import Engine, EngineDescription, Portrait
from avatarify.frames import Image
from avatarify.geometry.keypoints import Keypoints
from avatarify.networks.config import ModelConfig
from avatarify.networks.dense_motion import DenseMotion
from avatarify.networks.motion_model import Animation, MotionModel, SourceEncoding


def to_tensor(image: Image, device: torch.device) -> Tensor:
    """Return an RGB picture (H, W, 3) as (1, 3, H, W) float32 in [0, 1]."""
    pixels = torch.from_numpy(np.ascontiguousarray(image)).to(device)
    return pixels.permute(2, 0, 1)[None].float() / 255.0


def to_image(picture: Tensor) -> Image:
    """Return a picture (1, 3, H, W) in [0, 1] as RGB uint8 (H, W, 3)."""
    pixels = picture[0].float().clamp(0.0, 1.0).mul(255.0).round().to(torch.uint8)
    return pixels.permute(1, 2, 0).contiguous().cpu().numpy()


class TorchEngine:
    """Runs a `MotionModel`; keypoints always in float32, the rest in the chosen precision."""

    def __init__(
        self,
        model: MotionModel,
        device: torch.device | None = None,
        precision: Precision = "fp32",
        note: str = "",
    ) -> None:
        """Move the model to its device.

        Args:
            model: In eval mode. It belongs to the engine from now on.
            device: From `devices.choose_device`; the CPU when left out.
            precision: From `devices.choose_precision`.
            note: Said in `description`.
        """
        self._device = device or torch.device("cpu")
        self._model = model.to(self._device)
        self._precision = precision
        self._note = note

    @property
    def config(self) -> ModelConfig:
        """Sizes of pictures, number of keypoints."""
        return self._model.config

    @property
    def description(self) -> EngineDescription:
        """What runs the model."""
        return EngineDescription("reference", name_of(self._device), self._precision, self._note)

    @torch.inference_mode()
    def encode(self, source: Image) -> Portrait:
        """Do everything that does not depend on the driver."""
        picture = to_tensor(source, self._device)
        with self._autocast():
            encoding = self._model.encode(picture)
        # In float32 like every other keypoint, or a still driver would move the portrait.
        keypoints = self._model.detect(self._model.at_image_size(picture))
        encoding = encoding._replace(keypoints=keypoints)
        return Portrait(encoding.keypoints, encoding)

    @torch.inference_mode()
    def keypoints(self, driving: Image) -> Keypoints:
        """Find the keypoints."""
        return self._model.detect(to_tensor(driving, self._device))

    @torch.inference_mode()
    def render(self, portrait: Portrait, driving: Keypoints) -> Image:
        """Paint the portrait in the pose of the keypoints."""
        return to_image(self._animate(portrait, driving).picture)

    @torch.inference_mode()
    def decompose(self, portrait: Portrait, driving: Keypoints) -> Animation:
        """Like `render`, with every intermediate result, on the CPU."""
        animation = self._animate(portrait, driving)
        motion = animation.motion
        return Animation(
            animation.picture.float().cpu(),
            animation.warped_source.float().cpu(),
            DenseMotion(
                motion.grid.cpu(),
                motion.mask.cpu(),
                motion.sparse_motion.cpu(),
                motion.warped_source.float().cpu(),
                _to_cpu(motion.occlusion_map),
                _to_cpu(motion.non_rigid),
            ),
            _to_cpu(animation.blend),
        )

    def lanes(self) -> Sequence[Engine]:
        """Return this engine alone."""
        return (self,)

    def close(self) -> None:
        """Leave the device's memory."""
        self._model = self._model.to("cpu")

    def _animate(self, portrait: Portrait, driving: Keypoints) -> Animation:
        encoding = cast(SourceEncoding, portrait.encoding)
        with self._autocast():
            return self._model.animate(encoding, driving.to(self._device))

    def _autocast(self) -> torch.autocast:
        is_half = self._precision != "fp32"
        dtype = DTYPES[self._precision] if is_half else None
        return torch.autocast(self._device.type, dtype=dtype, enabled=is_half)


def _to_cpu(tensor: Tensor | None) -> Tensor | None:
    return None if tensor is None else tensor.float().cpu()
