"""Other rooms and other cameras: what happens to the colours of a crop before a network sees it."""

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

Pictures = NDArray[np.uint8]


def spoil(picture: Pictures, random: np.random.Generator, occluded: float) -> Pictures:
    """Do what is done to single pictures: blur, blocks of a codec, something in front.

    Args:
        picture: (S, S, 3).
        random: Decides.
        occluded: Probability that something lies in front.
    """
    size = picture.shape[0]
    if random.random() < occluded:
        picture = _cover(picture, random)
    if random.random() < 0.3:
        small = max(8, round(size * random.uniform(0.3, 0.85)))
        shrunk = cv2.resize(picture, (small, small), interpolation=cv2.INTER_AREA)
        picture = _bytes(cv2.resize(shrunk, (size, size), interpolation=cv2.INTER_LINEAR))
    elif random.random() < 0.15:
        length = int(random.integers(3, 6))
        kernel = np.zeros((length, length), np.float32)
        kernel[length // 2] = 1.0 / length
        picture = _bytes(cv2.filter2D(picture, -1, kernel if random.random() < 0.5 else kernel.T))
    if random.random() < 0.3:
        quality = int(random.integers(12, 70))
        coded = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
        picture = _bytes(cv2.imdecode(coded, cv2.IMREAD_COLOR))
    return picture


def _bytes(picture: object) -> Pictures:
    return np.asarray(picture, dtype=np.uint8)


def _cover(picture: Pictures, random: np.random.Generator) -> Pictures:
    """Draw a hand-sized blob or bar of one colour over a part of the picture."""
    size = picture.shape[0]
    covered = picture.copy()
    colour = tuple(int(c) for c in random.integers(0, 256, 3))
    if random.random() < 0.5:  # skin of this very picture
        y, x = random.integers(size // 4, 3 * size // 4, 2)
        colour = tuple(int(c) for c in picture[y, x])
    centre = tuple(int(c) for c in random.integers(0, size, 2))
    axes = tuple(int(size * random.uniform(0.08, 0.3)) for _ in range(2))
    cv2.ellipse(
        covered, centre, axes, float(random.uniform(0, 180)), 0, 360, colour, -1, cv2.LINE_AA
    )
    return covered


def relight(batch: Tensor, random: torch.Generator) -> Tensor:
    """Change colours, contrast, gamma and light of whole pictures, and add noise.

    Args:
        batch: (B, 3, H, W), in [0, 1].
        random: Decides, for each picture apart.

    Returns:
        (B, 3, H, W), in [0, 1].
    """
    count, _, height, width = batch.shape

    def uniform(low: float, high: float, *shape: int) -> Tensor:
        return low + (high - low) * torch.rand(count, *shape, generator=random)

    matrix = torch.eye(3) + 0.1 * torch.randn(count, 3, 3, generator=random)
    grey = (torch.rand(count, 1, 1, generator=random) < 0.12).float()
    matrix = matrix * (1.0 - grey) + grey / 3.0
    mixed = (matrix @ batch.flatten(2)).view_as(batch)
    gain, lift = uniform(0.65, 1.35, 1, 1, 1), uniform(-0.15, 0.15, 1, 1, 1)
    dark = torch.where(uniform(0, 1, 1, 1, 1) < 0.12, uniform(0.2, 0.6, 1, 1, 1), torch.ones(()))
    ramp = uniform(-0.35, 0.35, 1, 1, 1) * torch.linspace(-1, 1, width)
    ramp = ramp + uniform(-0.35, 0.35, 1, 1, 1) * torch.linspace(-1, 1, height)[:, None]
    lit = ((mixed - 0.5) * gain + 0.5 + lift).clamp(1e-3, 1.0)
    lit = lit ** torch.exp(uniform(-0.45, 0.45, 1, 1, 1)) * dark * (1.0 + ramp)
    strength = 0.06 * uniform(0, 1, 1, 1, 1) ** 3 + 0.004
    return (lit + strength * torch.randn(batch.shape, generator=random)).clamp(0.0, 1.0)
