"""What is behind the person: blurred rooms, gradients and walls."""

import functools

import torch
import torch.nn.functional as F  # noqa: N812 - the field's own name for it
from torch import Tensor

from avatarify.synthesis.brush import noise
from avatarify.synthesis.identity import Identity
from avatarify.synthesis.interior import interior

_DRAFT = 96
"""Height at which what is out of focus is drawn."""


@functools.lru_cache(maxsize=4)
def _cached(key: tuple[object, ...], height: int, width: int) -> Tensor:
    seed, kind, base, accent = key
    assert isinstance(seed, int)
    generator = torch.Generator().manual_seed(seed + 2)
    first = torch.tensor(base)[:, None, None]
    second = torch.tensor(accent)[:, None, None]
    if kind == "interior":
        color = interior(first, second, (height, width), generator)
    else:
        color = first + _PAINTERS[str(kind)](height, width, generator) * (second - first)
    return (color.clamp(0.01, 1) ** 2.2)[None]


def backdrop(identity: Identity, height: int, width: int) -> Tensor:
    """(1, 3, height, width), linear light.

    A wide picture continues what a square of its height shows.
    """
    key = (identity.seed, identity.background, identity.backdrop, identity.backdrop_accent)
    return _cached(key, height, width)


def _plain(height: int, width: int, generator: torch.Generator) -> Tensor:
    return 0.15 * noise((3, 3), None, generator, (height, width))[None]


def _gradient(height: int, width: int, generator: torch.Generator) -> Tensor:
    side = width / height
    y, x = torch.meshgrid(
        torch.linspace(-1, 1, height), torch.linspace(-side, side, width), indexing="ij"
    )
    center = torch.rand(2, generator=generator) - 0.5
    glow = torch.exp(-((x - center[0]).square() + (y - center[1] * 0.6).square()) / 0.9)
    return (1 - glow)[None]


def _room(height: int, width: int, generator: torch.Generator) -> Tensor:
    """Boxes and lamps out of focus."""
    side = width / height
    across = round(_DRAFT * side)
    share = 0.2 * noise((4, 4), None, generator, (_DRAFT, across))
    y, x = torch.meshgrid(
        torch.linspace(0, 1, _DRAFT), torch.linspace(0, side, across), indexing="ij"
    )
    for _ in range(round(7 * side)):
        left, top, wide, high, tone = torch.rand(5, generator=generator).tolist()
        left *= side
        inside = ((x - left).abs() < 0.05 + 0.2 * wide) & ((y - top).abs() < 0.05 + 0.3 * high)
        share = torch.where(inside, torch.tensor(tone), share)
    kernel = torch.ones(1, 1, 5, 5) / 25
    for _ in range(2):
        share = F.conv2d(F.pad(share[None, None], (2, 2, 2, 2), mode="replicate"), kernel)[0, 0]
    return F.interpolate(share[None, None], (height, width), mode="bicubic")[0].clamp(0, 1)


def _blobs(height: int, width: int, generator: torch.Generator) -> Tensor:
    return noise((6, round(6 * width / height)), None, generator, (height, width))[None]


_PAINTERS = {"plain": _plain, "gradient": _gradient, "room": _room, "blobs": _blobs}
