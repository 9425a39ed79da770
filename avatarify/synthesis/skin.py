"""Paints skin: blood and pores, age, stubble, lids, lips, nostrils, scalp and brows."""

import functools
from typing import NamedTuple

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812 - the field's own name for it
from numpy.typing import NDArray
from torch import Tensor

from avatarify.synthesis.brush import blend, noise, soft, toward
from avatarify.synthesis.identity import Identity
from avatarify.synthesis.regions import (
    beard_area,
    lower_lip_edge,
    moustache_area,
    scalp_depth,
    upper_lip_edge,
)
from avatarify.synthesis.sculpture import SEAM_HEIGHT
from avatarify.synthesis.template import Template, template


class Canvas(NamedTuple):
    """Where every texel of the skin lies on the template, (S, S) each, centimetres."""

    x: Tensor
    y: Tensor
    z: Tensor


@functools.lru_cache(maxsize=2)
def canvas(size: int) -> Canvas:
    """The template's positions spread over the skin patch."""
    shape = template()
    grid = shape.vertices[shape.grid].permute(2, 0, 1)[None]
    spread = F.interpolate(grid, (size, size), mode="bilinear", align_corners=True)[0]
    return Canvas(spread[0], spread[1], spread[2])


def paint_skin(identity: Identity, size: int, generator: torch.Generator) -> Tensor:
    """Paint the skin patch: (5, size, size), see `paint`."""
    place = canvas(size)
    color = torch.tensor(identity.skin)[:, None, None].expand(3, size, size).clone()
    color = _mottle(color, identity, place, generator)
    color = _age(color, identity, place, generator)
    gloss = torch.full((size, size), 0.25) * (1.25 - identity.roughness)
    tzone = _spot(place, (0, 5, 9), 2.2) + _spot(place, (0, -3, 10), 1.2)
    gloss = gloss * (1 + 0.8 * tzone)
    color = _stubble(color, identity, place, generator)
    color = _lid_makeup(color, identity, place)
    color, gloss = _lips(color, gloss, identity, place, generator)
    color = _nostrils(color, place)
    color = _scalp(color, identity, place, generator)
    color = _brows(color, identity, size, generator)
    sharpness = torch.full((size, size), 0.3)
    return torch.cat((color, gloss[None], sharpness[None]))


def _mottle(color: Tensor, identity: Identity, place: Canvas, generator: torch.Generator) -> Tensor:
    """Blood, sun and pores."""
    size = place.x.shape[0]
    blush = (
        _spot(place, (4.4, -3.0, 6.8), 1.7)
        + 0.9 * _spot(place, (0, -3.9, 10.3), 0.9)
        + 0.25 * _spot(place, (0, -9.9, 8.5), 1.3)
        + 0.25 * _spot(place, (3.0, 0.0, 7.6), 1.3)
    )
    strength = (0.2 if identity.style == "real" else 0.28) * identity.redness
    blush = blush * strength * (0.75 + 0.5 * noise(size, 24, generator))
    color = toward(color, blend(identity.skin, (0.85, 0.25, 0.22), 0.6), blush)
    shade = _spot(place, (3.1, -1.3, 7.6), 0.9) * 0.1
    color = toward(color, blend(identity.skin, (0.35, 0.2, 0.3), 0.5), shade)
    rough = 0.035 if identity.style == "real" else 0.008
    coarse = noise(size, 16, generator) - 0.5
    fine = noise(size, size // 3, generator) - 0.5
    color = color * (1 + rough * 1.6 * coarse + rough * 1.6 * fine)
    spots = (noise(size, size // 5, generator) > 0.8).float() * noise(size, size // 9, generator)
    face = torch.exp(-((place.y + 2.5) / 3.0).square()) * (place.z > 4)
    color = toward(
        color, blend(identity.skin, (0.45, 0.22, 0.1), 0.6), spots * face * identity.freckles
    )
    return _moles(color, identity, place, generator)


def _moles(color: Tensor, identity: Identity, place: Canvas, generator: torch.Generator) -> Tensor:
    draws = torch.rand(6, 4, generator=generator)
    if identity.style == "cartoon":
        return color
    for across, height, chance, strength in draws.tolist():
        if chance < 0.5:
            x, y = 11 * across - 5.5, 15 * height - 10
            spot = torch.exp(-(((place.x - x) / 0.1) ** 2 + ((place.y - y) / 0.1) ** 2))
            color = toward(color, (0.3, 0.17, 0.12), 0.7 * strength * spot * (place.z > 0))
    return color


def _age(color: Tensor, identity: Identity, place: Canvas, generator: torch.Generator) -> Tensor:
    """Wrinkles as painted shade."""
    size = place.x.shape[0]
    wobble = (noise(size, 10, generator) - 0.5) * 0.8
    across = place.x.abs()
    lines = torch.zeros_like(across)
    for height in (4.0, 4.9, 5.7):
        line = torch.exp(-(((place.y + wobble - height - 0.05 * across) / 0.09) ** 2))
        lines = lines + 0.6 * line * torch.exp(-((across / 3.4) ** 4))
    fold = 1.75 + 0.62 * (-3.9 - place.y).clamp(min=0) ** 0.8
    shape = torch.exp(-(((across - fold) / 0.17) ** 2))
    lines = lines + shape * soft(-4.0 - place.y, 0.3) * soft(place.y + 7.0, 0.5)
    for slope in (-0.35, 0.0, 0.35):
        line = torch.exp(-(((place.y + 0.1 - slope * (across - 4.4)) / 0.07) ** 2))
        lines = lines + 0.6 * line * soft(across - 4.9, 0.15) * soft(6.0 - across, 0.2)
    bag = torch.exp(-(((place.y + 1.55 - 0.12 * (across - 3.1) ** 2) / 0.1) ** 2))
    lines = lines + 0.7 * bag * torch.exp(-(((across - 3.1) / 1.1) ** 4))
    dark = blend(identity.skin, (0.3, 0.12, 0.08), 0.55)
    return toward(color, dark, 0.55 * identity.wrinkles * lines * (place.z > 3))


def _stubble(
    color: Tensor, identity: Identity, place: Canvas, generator: torch.Generator
) -> Tensor:
    area = beard_area(place.x, place.y, place.z)
    size = place.x.shape[0]
    dots = soft(noise(size, size // 2, generator) - 0.62, 0.06)
    amount = max(identity.stubble, 0.9 * min(1.0, 2 * identity.beard))
    lip = moustache_area(place.x, place.y, place.z)
    both = (area * amount + lip * max(amount, identity.moustache)).clamp(max=1)
    color = toward(color, blend(identity.skin, (0.25, 0.28, 0.33), 0.5), 0.42 * both)
    return toward(color, identity.hair, both * dots * 0.8)


def _lips(
    color: Tensor, gloss: Tensor, identity: Identity, place: Canvas, generator: torch.Generator
) -> tuple[Tensor, Tensor]:
    across = place.x.abs()
    edge = 0.07 if identity.style == "real" else 0.03
    inside = soft(upper_lip_edge(across) - place.y, edge) * soft(
        place.y - lower_lip_edge(across), edge
    )
    inside = inside * (place.z > 5) * soft(2.5 - across, 0.05)
    size = place.x.shape[0]
    creases = noise((size // 12, size // 2), None, generator, (size, size)) - 0.5
    rough = 0.12 if identity.style == "real" else 0.02
    strength = inside * (0.85 + 0.1 * identity.makeup)
    color = toward(color, identity.lips, strength)
    color = color * (1 + rough * creases * inside)
    seam = torch.exp(-(((place.y - SEAM_HEIGHT) / 0.1) ** 2)) * inside
    corner = torch.exp(-(((across - 2.4) / 0.16) ** 2 + ((place.y - SEAM_HEIGHT) / 0.14) ** 2))
    dark = blend(identity.lips, (0.25, 0.05, 0.06), 0.65)
    color = toward(color, dark, (0.75 * seam + 0.5 * corner * (place.z > 5)).clamp(max=1))
    return color, gloss + inside * (0.18 + 0.25 * identity.makeup)


def _lid_makeup(color: Tensor, identity: Identity, place: Canvas) -> Tensor:
    """Lashes along both margins, shadow on the upper lid."""
    across = place.x.abs()
    fraction = ((across - 3.13) / 1.45).clamp(-1.2, 1.2)
    along = soft(1.06 - fraction.abs(), 0.06) * (place.z > 4)
    above, below = place.y + 0.3, -0.3 - place.y
    width = 0.1 + 0.1 * identity.lashes * (0.6 + 0.4 * fraction)
    upper = torch.exp(-((above / width) ** 2)) * (above >= -0.01)
    lower = torch.exp(-((below / 0.09) ** 2)) * (below >= 0)
    lid = torch.exp(-(((above - 0.5) / 0.6) ** 2)) * (above > 0) * along
    # The fold is where `expression` draws the open lid in; shut, its line stays.
    fold = torch.exp(-(((above - 0.8 + 0.22 * fraction.square()) / 0.06) ** 2)) * along
    deep = blend(identity.skin, (0.3, 0.12, 0.1), 0.6)
    color = toward(color, deep, 0.42 * identity.lid_crease * fold * (above > 0))
    shadow = (
        (0.35, 0.2, 0.22) if identity.makeup > 0.3 else blend(identity.skin, (0.5, 0.2, 0.2), 0.4)
    )
    color = toward(color, shadow, lid * (0.18 + 0.4 * identity.makeup))
    color = toward(color, (0.06, 0.04, 0.035), upper * along * (0.35 + 0.65 * identity.lashes))
    return toward(color, (0.15, 0.09, 0.08), lower * along * (0.2 + 0.4 * identity.lashes))


def _nostrils(color: Tensor, place: Canvas) -> Tensor:
    hole = _spot(place, (0.62, -4.78, 9.75), 0.22)
    return toward(color, (0.12, 0.04, 0.03), (1.2 * hole).clamp(max=0.85))


def _scalp(color: Tensor, identity: Identity, place: Canvas, generator: torch.Generator) -> Tensor:
    amount = 0.25 if identity.hair_style == "bald" else 0.95
    size = place.x.shape[0]
    ragged = (noise(size, size // 4, generator) - 0.5) * 0.8
    grown = soft(scalp_depth(place.x, place.y, place.z, identity.hairline) + ragged, 0.35)
    streaks = noise((size // 40, size // 2), None, generator, (size, size))
    tone = torch.tensor(identity.hair)[:, None, None] * (0.8 + 0.4 * streaks)
    share = amount * grown * (1.0 if identity.hair_style != "buzz" else 0.85)
    return color + share * (tone - color)


def _brows(color: Tensor, identity: Identity, size: int, generator: torch.Generator) -> Tensor:
    """Strands drawn one by one along an arch."""
    import cv2

    scale = 2 if size < 800 else 1
    mask = np.zeros((size * scale, size * scale), np.float32)
    count = round(240 * (0.4 + identity.brow_density) * (0.6 + 0.8 * identity.brow_thickness))
    cartoon = identity.style == "cartoon"
    random = torch.rand(2, count, 5, generator=generator).numpy()
    for mirror in (0, 1):
        draws = random[0 if cartoon else mirror]
        along = draws[:, 0]
        half = (0.16 + 0.34 * identity.brow_thickness) * np.minimum(1, 0.55 + 2.4 * along)
        half = half * np.minimum(1, 2.2 * (1.06 - along)) ** 0.8
        x, y = _brow_line(along, identity.brow_arch, identity.brow_height)
        y = y + (draws[:, 1] * 2 - 1) * half
        rise = 0.9 - 1.25 * along + 0.25 * (draws[:, 2] - 0.5) - 0.35 * (draws[:, 1] - 0.5)
        length = (0.5 + 0.35 * draws[:, 3]) * (0.6 + 0.8 * identity.brow_thickness)
        ends = np.stack((x + length * np.cos(rise) * 0.9, y + length * np.sin(rise) * 0.6), 1)
        starts = np.stack((x, y), 1)
        sign = -1 if mirror == 0 else 1
        first = _texels(starts * [sign, 1], size * scale)
        second = _texels(ends * [sign, 1], size * scale)
        for start, end in zip(first, second, strict=True):
            cv2.line(
                mask,
                (int(start[0] * 16), int(start[1] * 16)),
                (int(end[0] * 16), int(end[1] * 16)),
                0.85,
                max(1, round(size * scale / 512)),
                cv2.LINE_AA,
                4,
            )
    strands = torch.from_numpy(cv2.resize(mask, (size, size), interpolation=cv2.INTER_AREA))
    soft = torch.from_numpy(
        cv2.GaussianBlur(strands.numpy(), (0, 0), size / (160 if not cartoon else 400))
    )
    cover = torch.maximum(strands, (1.1 * soft).clamp(max=0.95 if cartoon else 0.6))
    return toward(color, identity.brows, cover * (0.55 + 0.4 * identity.brow_density))


def _brow_line(
    along: NDArray[np.float32], arch: float, height: float
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """(x, y) of the middle of the right-hand brow, 0 at its inner end."""
    x = 1.15 + 4.0 * along
    y = 1.95 + height + (0.35 + 0.75 * arch) * np.sin(np.minimum(1, along / 0.68) * np.pi / 2)
    return x, y - (0.55 + 0.35 * arch) * np.maximum(0, along - 0.68) / 0.32


def _texels(points: NDArray[np.float64], size: int) -> NDArray[np.float64]:
    """Texel (column, row) of frontal template positions (N, 2)."""
    return np.stack(skin_place(points, template()), 1) * (size - 1)


def skin_place(
    points: NDArray[np.float64], shape: Template
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Grid coordinates (column, row), 0..1, of (N, 2) frontal positions of the face."""
    grid = shape.vertices[shape.grid].numpy()
    middle = grid.shape[1] // 2
    heights = grid[:, middle, 1]
    rows = np.interp(-points[:, 1], -heights, np.arange(len(heights)))
    columns = np.arange(grid.shape[1], dtype=np.float64)
    front = slice(middle - 45, middle + 46)
    column = [
        np.interp(point, grid[round(row), front, 0], columns[front])
        for point, row in zip(points[:, 0], rows, strict=True)
    ]
    return np.array(column) / (grid.shape[1] - 1), rows / (len(heights) - 1)


def _spot(place: Canvas, center: tuple[float, float, float], sigma: float) -> Tensor:
    """A Gaussian spot on both halves of the face."""
    reach = (
        (place.x.abs() - center[0]).square()
        + (place.y - center[1]).square()
        + (place.z - center[2]).square()
    )
    return torch.exp(-reach / (2 * sigma**2))
