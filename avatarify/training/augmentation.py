"""Random colours and degradations: other rooms, other cameras, drawings and paintings."""

import torch
from torch import Tensor
from torch.nn import functional

from avatarify.training.pair_random import PairRandom


def random_colours(
    source: Tensor, driving: Tensor, strength: float, random: PairRandom
) -> tuple[Tensor, Tensor]:
    """Recolour each pair, source and driving alike.

    A random matrix mixes the channels, a random gamma and contrast follow, and a few pairs are
    inverted or posterised, so that the networks cannot lean on the colour of skin.

    Args:
        source: (B, 3, H, W), in [0, 1].
        driving: (B, 3, H, W), in [0, 1].
        strength: 0 leaves the pairs unchanged, 1 is the full range.
        random: One generator for each pair.

    Returns:
        Both, in [0, 1].
    """
    if strength == 0.0:
        return source, driving
    batch = source.shape[0]
    draw = _Draws(random, source)
    matrix = torch.eye(3, device=source.device).repeat(batch, 1, 1)
    matrix = matrix + strength * 0.12 * draw.normal(3, 3)
    gain = 1.0 + strength * 0.25 * draw.uniform(1, 1)
    lift = strength * 0.1 * draw.uniform(3, 1)
    gamma = torch.exp(strength * 0.4 * draw.uniform(1, 1))
    inverted = (draw.chance(1, 1) < 0.06 * strength).float()
    steps = torch.where(draw.chance(1, 1) < 0.06 * strength, 6.0, 255.0)

    def recolour(image: Tensor) -> Tensor:
        flat = image.flatten(2)
        mixed = (gain * (matrix @ flat - 0.5) + 0.5 + lift).clamp(0.0, 1.0)
        mixed = mixed.clamp_min(1e-4) ** gamma
        mixed = inverted * (1.0 - mixed) + (1.0 - inverted) * mixed
        return (torch.round(mixed * steps) / steps).view_as(image)

    return recolour(source), recolour(driving)


def degrade(image: Tensor, strength: float, random: PairRandom) -> Tensor:
    """Make an image what a poor webcam would make of it; only the detector sees it.

    Args:
        image: (B, 3, H, W), in [0, 1].
        strength: 0 leaves it unchanged, 1 is the full range.
        random: One generator for each pair.

    Returns:
        (B, 3, H, W), in [0, 1].
    """
    if strength == 0.0:
        return image
    draw = _Draws(random, image)
    brightness = 1.0 + strength * 0.3 * draw.uniform(1, 1, 1)
    tint = strength * 0.06 * draw.uniform(3, 1, 1)
    ramp = torch.linspace(-1.0, 1.0, image.shape[3], device=image.device)
    light = 1.0 + strength * 0.3 * draw.uniform(1, 1, 1) * ramp
    noise = strength * 0.04 * draw.chance(1, 1, 1) ** 2 * random.noise(image)
    blurred = functional.avg_pool2d(
        functional.pad(image, (1, 1, 1, 1), mode="replicate"), 3, stride=1
    )
    soft = torch.where(draw.chance(1, 1, 1) < 0.4 * strength, draw.chance(1, 1, 1), 0.0)
    mixed = image + soft * (blurred - image)
    return (mixed * brightness * light + tint + noise).clamp(0.0, 1.0)


class _Draws:
    """The pairs' random tensors, moved to the pictures' device."""

    def __init__(self, random: PairRandom, like: Tensor) -> None:
        self._random = random
        self._device = like.device

    def chance(self, *shape: int) -> Tensor:
        return self._random.chance(*shape).to(self._device)

    def uniform(self, *shape: int) -> Tensor:
        return self._random.uniform(*shape).to(self._device)

    def normal(self, *shape: int) -> Tensor:
        return self._random.normal(*shape).to(self._device)
