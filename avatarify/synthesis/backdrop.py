"""What is behind the person: blurred rooms, gradients and walls."""

import functools

import torch
import torch.nn.functional as F  # noqa: N812 - the field's own name for it
from torch import Tensor

from avatarify.synthesis.brush import noise
from avatarify.synthesis.identity import Identity


@functools.lru_cache(maxsize=4)
def _cached(key: tuple[object, ...], size: int) -> Tensor:
    seed, kind, base, accent = key
    assert isinstance(seed, int)
    generator = torch.Generator().manual_seed(seed + 2)
    first = torch.tensor(base)[:, None, None]
    second = torch.tensor(accent)[:, None, None]
    share = _PAINTERS[str(kind)](size, generator)
    return ((first + share * (second - first)).clamp(0.01, 1) ** 2.2)[None]


def backdrop(identity: Identity, size: int) -> Tensor:
    """(1, 3, size, size), linear light."""
    key = (identity.seed, identity.background, identity.backdrop, identity.backdrop_accent)
    return _cached(key, size)


def _plain(size: int, generator: torch.Generator) -> Tensor:
    return 0.15 * noise(size, 3, generator)[None]


def _gradient(size: int, generator: torch.Generator) -> Tensor:
    y, x = torch.meshgrid(torch.linspace(-1, 1, size), torch.linspace(-1, 1, size), indexing="ij")
    center = torch.rand(2, generator=generator) - 0.5
    glow = torch.exp(-((x - center[0]).square() + (y - center[1] * 0.6).square()) / 0.9)
    return (1 - glow)[None]


def _room(size: int, generator: torch.Generator) -> Tensor:
    """Boxes and lamps out of focus."""
    small = 96
    share = 0.2 * noise(small, 4, generator)
    y, x = torch.meshgrid(torch.linspace(0, 1, small), torch.linspace(0, 1, small), indexing="ij")
    for _ in range(7):
        left, top, width, height, tone = torch.rand(5, generator=generator).tolist()
        inside = ((x - left).abs() < 0.05 + 0.2 * width) & ((y - top).abs() < 0.05 + 0.3 * height)
        share = torch.where(inside, torch.tensor(tone), share)
    kernel = torch.ones(1, 1, 5, 5) / 25
    for _ in range(2):
        share = F.conv2d(F.pad(share[None, None], (2, 2, 2, 2), mode="replicate"), kernel)[0, 0]
    return F.interpolate(share[None, None], (size, size), mode="bicubic")[0].clamp(0, 1)


def _blobs(size: int, generator: torch.Generator) -> Tensor:
    return noise(size, 6, generator)[None]


_PAINTERS = {"plain": _plain, "gradient": _gradient, "room": _room, "blobs": _blobs}
