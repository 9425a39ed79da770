"""From a rendered picture to a camera's: lens blur, sensor noise, eight bits."""

from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812 - the field's own name for it
from numpy.typing import NDArray
from torch import Tensor

from avatarify.frames import Image
from avatarify.synthesis.identity import Identity
from avatarify.synthesis.renderer import Rendering


@dataclass(frozen=True, slots=True, eq=False)
class Shot:
    """A picture with everything that is known exactly about it."""

    image: Image
    """RGB, uint8, (H, W, 3)."""

    landmarks: NDArray[np.float32]
    """(478, 3), mediapipe's points: (x, y) in pixels, (0, 0) being the picture's corner, and the
    depth in the scale of x, less being nearer."""

    matte: NDArray[np.uint8]
    """(H, W): how much of each pixel the person covers, 0..255."""


def photograph(rendering: Rendering, generator: torch.Generator) -> list[Shot]:
    """Take pictures of a rendering with its identity's camera; `generator` draws the noise."""
    pictures = finish(rendering.image.cpu(), rendering.figure.identity, generator)
    mattes = (_seen(rendering.mask.cpu(), rendering.figure.identity)[:, 0] * 255).round().byte()
    points = rendering.landmarks.cpu().numpy().astype(np.float32)
    return [Shot(*shown) for shown in zip(pictures, points, mattes.numpy(), strict=True)]


def finish(images: Tensor, identity: Identity, generator: torch.Generator) -> list[Image]:
    """Photograph renderings with the identity's camera.

    Args:
        images: (B, 3, H, W), 0..1, on the CPU.
        identity: Whose blur and noise.
        generator: Draws the noise.

    Returns:
        B pictures, RGB, uint8, (H, W, 3).
    """
    images = _seen(images, identity)
    if identity.noise > 0:
        images = images + identity.noise * torch.randn(images.shape, generator=generator)
    pixels = (images.clamp(0, 1) * 255).round().byte().permute(0, 2, 3, 1).contiguous()
    return list(pixels.numpy())


def _seen(planes: Tensor, identity: Identity) -> Tensor:
    """Blur planes (B, C, H, W) as the identity's camera does."""
    sigma = identity.blur * planes.shape[-1] / 256
    return _blur(planes, sigma) if sigma > 0.2 else planes


def _blur(images: Tensor, sigma: float) -> Tensor:
    reach = max(1, round(3 * sigma))
    taps = torch.exp(-0.5 * (torch.arange(-reach, reach + 1) / sigma) ** 2)
    channels = images.shape[1]
    kernel = (taps / taps.sum()).expand(channels, 1, 1, -1)
    images = F.pad(images, (reach, reach, reach, reach), mode="replicate")
    return F.conv2d(
        F.conv2d(images, kernel, groups=channels), kernel.transpose(2, 3), groups=channels
    )
