"""Paints a person's texture atlas: skin with lips, brows and stubble, eyes, teeth, hair."""

import functools
from typing import NamedTuple

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812 - the field's own name for it
from numpy.typing import NDArray
from torch import Tensor

from avatarify.synthesis import atlas
from avatarify.synthesis.atlas import Swatch
from avatarify.synthesis.identity import Color, Identity
from avatarify.synthesis.parts import EYE_REACH, IRIS_ANGLE
from avatarify.synthesis.sculpture import SEAM_HEIGHT
from avatarify.synthesis.template import Template, template

CHANNELS = 5
"""Red, green, blue, strength of the highlight, sharpness of the highlight."""


class Canvas(NamedTuple):
    """Where every texel of the skin lies on the template, (S, S) each, centimetres."""

    x: Tensor
    y: Tensor
    z: Tensor


def paint(identity: Identity, size: int) -> Tensor:
    """Paint everything.

    Args:
        identity: Whom to paint.
        size: Height of the atlas in texels.

    Returns:
        (`CHANNELS`, size, size * 4 / 3), 0..1.
    """
    generator = torch.Generator().manual_seed(identity.seed)
    width = round(size * atlas.ATLAS_ASPECT)
    picture = torch.zeros(CHANNELS, size, width)
    rows, columns = atlas.SKIN.pixels(size, width)
    picture[:, rows, columns] = _skin(identity, size, generator)
    for patch, painter in ((atlas.EYE, _eye), (atlas.TEETH, _teeth), (atlas.HAIR, _hair)):
        rows, columns = patch.pixels(size, width)
        shape = (rows.stop - rows.start, columns.stop - columns.start)
        picture[:, rows, columns] = painter(identity, shape, generator)
    for name, color in _swatches(identity).items():
        rows, columns = atlas.swatch_pixels(name, size, width)
        picture[:, rows, columns] = torch.tensor(color)[:, None, None]
    return picture.clamp(0, 1)


def _swatches(identity: Identity) -> dict[Swatch, tuple[float, ...]]:
    lip = _blend(identity.lips, (0.45, 0.15, 0.15), 0.45)
    lid = _blend(identity.skin, (0.75, 0.35, 0.33), 0.4)
    ear = _blend(identity.skin, (0.8, 0.35, 0.3), 0.15)
    return {
        Swatch.CAVITY: (0.3, 0.07, 0.07, 0.1, 0.3),
        Swatch.TONGUE: (0.72, 0.33, 0.34, 0.35, 0.5),
        Swatch.LIP: (*lip, 0.4, 0.5),
        Swatch.LASH: (0.05, 0.035, 0.03, 0.0, 0.0),
        Swatch.LID: (*lid, 0.5, 0.6),
        Swatch.EAR: (*ear, 0.2, 0.3),
        Swatch.GLASSES: (*identity.glasses_color, 0.8, 0.75),
        Swatch.CLOTH: (*identity.cloth, 0.05, 0.1),
        Swatch.COLLAR: (*identity.collar, 0.05, 0.1),
        Swatch.BEARD: (*identity.hair, 0.1, 0.3),
    }


@functools.lru_cache(maxsize=2)
def canvas(size: int) -> Canvas:
    """The template's positions spread over the skin patch."""
    shape = template()
    grid = shape.vertices[shape.grid].permute(2, 0, 1)[None]
    spread = F.interpolate(grid, (size, size), mode="bilinear", align_corners=True)[0]
    return Canvas(spread[0], spread[1], spread[2])


def _skin(identity: Identity, size: int, generator: torch.Generator) -> Tensor:
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
    color = _toward(color, _blend(identity.skin, (0.85, 0.25, 0.22), 0.6), blush)
    shade = _spot(place, (3.1, -1.3, 7.6), 0.9) * 0.1
    color = _toward(color, _blend(identity.skin, (0.35, 0.2, 0.3), 0.5), shade)
    rough = 0.035 if identity.style == "real" else 0.008
    coarse = noise(size, 16, generator) - 0.5
    fine = noise(size, size // 3, generator) - 0.5
    color = color * (1 + rough * 1.6 * coarse + rough * 1.6 * fine)
    spots = (noise(size, size // 5, generator) > 0.8).float() * noise(size, size // 9, generator)
    face = torch.exp(-((place.y + 2.5) / 3.0).square()) * (place.z > 4)
    color = _toward(
        color, _blend(identity.skin, (0.45, 0.22, 0.1), 0.6), spots * face * identity.freckles
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
            color = _toward(color, (0.3, 0.17, 0.12), 0.7 * strength * spot * (place.z > 0))
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
    lines = lines + shape * _soft(-4.0 - place.y, 0.3) * _soft(place.y + 7.0, 0.5)
    for slope in (-0.35, 0.0, 0.35):
        line = torch.exp(-(((place.y + 0.1 - slope * (across - 4.4)) / 0.07) ** 2))
        lines = lines + 0.6 * line * _soft(across - 4.9, 0.15) * _soft(6.0 - across, 0.2)
    bag = torch.exp(-(((place.y + 1.55 - 0.12 * (across - 3.1) ** 2) / 0.1) ** 2))
    lines = lines + 0.7 * bag * torch.exp(-(((across - 3.1) / 1.1) ** 4))
    dark = _blend(identity.skin, (0.3, 0.12, 0.08), 0.55)
    return _toward(color, dark, 0.55 * identity.wrinkles * lines * (place.z > 3))


def _stubble(
    color: Tensor, identity: Identity, place: Canvas, generator: torch.Generator
) -> Tensor:
    area = beard_area(place.x, place.y, place.z)
    size = place.x.shape[0]
    dots = _soft(noise(size, size // 2, generator) - 0.62, 0.06)
    amount = max(identity.stubble, 0.9 * min(1.0, 2 * identity.beard))
    lip = moustache_area(place.x, place.y, place.z)
    both = (area * amount + lip * max(amount, identity.moustache)).clamp(max=1)
    color = _toward(color, _blend(identity.skin, (0.25, 0.28, 0.33), 0.5), 0.42 * both)
    return _toward(color, identity.hair, both * dots * 0.8)


def beard_area(x: Tensor, y: Tensor, z: Tensor) -> Tensor:
    """Where a full beard grows, 0..1, for template positions."""
    across = x.abs()
    top = -6.3 + 0.95 * (across - 2.6).clamp(min=0) ** 1.1
    below = _soft(top - y, 0.4)
    lip = ((across / 2.7) ** 2 + ((y - SEAM_HEIGHT + 0.05) / 1.35) ** 2).sqrt()
    clear = _soft(lip - 1.0, 0.1)
    chin = _soft(y + 11.6, 0.4)
    return below * clear * chin * _soft(z - 0.3, 0.5)


def moustache_area(x: Tensor, y: Tensor, z: Tensor) -> Tensor:
    """Where a moustache grows, 0..1, for template positions."""
    across = x.abs()
    upper = _soft(-5.15 - 0.22 * across - y, 0.16)
    lower = _soft(y - upper_lip_edge(across) - 0.02, 0.08)
    return upper * lower * _soft(2.75 - across, 0.25) * (z > 5)


def upper_lip_edge(across: Tensor) -> Tensor:
    """Height of the upper rim of the lips for |x|, template."""
    bow = 0.1 * torch.exp(-((across / 0.3) ** 2))
    return SEAM_HEIGHT + (0.74 - bow) * (1 - (across / 2.45) ** 2).clamp(min=0) ** 0.85


def lower_lip_edge(across: Tensor) -> Tensor:
    """Height of the lower rim of the lips for |x|, template."""
    return SEAM_HEIGHT - 0.95 * (1 - (across / 2.35) ** 2).clamp(min=0) ** 0.75


def _lips(
    color: Tensor, gloss: Tensor, identity: Identity, place: Canvas, generator: torch.Generator
) -> tuple[Tensor, Tensor]:
    across = place.x.abs()
    edge = 0.07 if identity.style == "real" else 0.03
    inside = _soft(upper_lip_edge(across) - place.y, edge) * _soft(
        place.y - lower_lip_edge(across), edge
    )
    inside = inside * (place.z > 5) * _soft(2.5 - across, 0.05)
    size = place.x.shape[0]
    creases = noise((size // 12, size // 2), None, generator, (size, size)) - 0.5
    rough = 0.12 if identity.style == "real" else 0.02
    strength = inside * (0.85 + 0.1 * identity.makeup)
    color = _toward(color, identity.lips, strength)
    color = color * (1 + rough * creases * inside)
    seam = torch.exp(-(((place.y - SEAM_HEIGHT) / 0.1) ** 2)) * inside
    corner = torch.exp(-(((across - 2.4) / 0.16) ** 2 + ((place.y - SEAM_HEIGHT) / 0.14) ** 2))
    dark = _blend(identity.lips, (0.25, 0.05, 0.06), 0.65)
    color = _toward(color, dark, (0.75 * seam + 0.5 * corner * (place.z > 5)).clamp(max=1))
    return color, gloss + inside * (0.2 + 0.5 * identity.makeup)


def _lid_makeup(color: Tensor, identity: Identity, place: Canvas) -> Tensor:
    """Lashes along both margins, shadow on the upper lid."""
    across = place.x.abs()
    fraction = ((across - 3.13) / 1.45).clamp(-1.2, 1.2)
    along = _soft(1.06 - fraction.abs(), 0.06) * (place.z > 4)
    above, below = place.y + 0.3, -0.3 - place.y
    width = 0.1 + 0.1 * identity.lashes * (0.6 + 0.4 * fraction)
    upper = torch.exp(-((above / width) ** 2)) * (above >= -0.01)
    lower = torch.exp(-((below / 0.09) ** 2)) * (below >= 0)
    lid = torch.exp(-(((above - 0.5) / 0.6) ** 2)) * (above > 0) * along
    shadow = (
        (0.35, 0.2, 0.22) if identity.makeup > 0.3 else _blend(identity.skin, (0.5, 0.2, 0.2), 0.4)
    )
    color = _toward(color, shadow, lid * (0.18 + 0.4 * identity.makeup))
    color = _toward(color, (0.06, 0.04, 0.035), upper * along * (0.35 + 0.65 * identity.lashes))
    return _toward(color, (0.15, 0.09, 0.08), lower * along * (0.2 + 0.4 * identity.lashes))


def _nostrils(color: Tensor, place: Canvas) -> Tensor:
    hole = _spot(place, (0.62, -4.78, 9.75), 0.22)
    return _toward(color, (0.12, 0.04, 0.03), (1.2 * hole).clamp(max=0.85))


def _scalp(color: Tensor, identity: Identity, place: Canvas, generator: torch.Generator) -> Tensor:
    amount = 0.25 if identity.hair_style == "bald" else 0.95
    size = place.x.shape[0]
    ragged = (noise(size, size // 4, generator) - 0.5) * 0.8
    grown = _soft(scalp_depth(place.x, place.y, place.z, identity.hairline) + ragged, 0.35)
    streaks = noise((size // 40, size // 2), None, generator, (size, size))
    tone = torch.tensor(identity.hair)[:, None, None] * (0.8 + 0.4 * streaks)
    share = amount * grown * (1.0 if identity.hair_style != "buzz" else 0.85)
    return color + share * (tone - color)


_HAIRLINE_ANGLES = (0.0, 30.0, 48.0, 60.0, 70.0, 80.0, 92.0, 105.0, 120.0, 150.0, 180.0)
_HAIRLINE_HEIGHTS = (6.6, 6.7, 5.9, 4.4, 2.2, -1.2, -1.6, -1.0, -5.0, -8.0, -8.6)


def scalp_depth(x: Tensor, y: Tensor, z: Tensor, receded: float) -> Tensor:
    """How far inside the hairline template positions lie, centimetres, negative outside."""
    angle = torch.rad2deg(torch.atan2(x.abs(), z))
    line = torch.full_like(angle, _HAIRLINE_HEIGHTS[0])
    for index in range(len(_HAIRLINE_ANGLES) - 1):
        start, end = _HAIRLINE_ANGLES[index], _HAIRLINE_ANGLES[index + 1]
        share = ((angle - start) / (end - start)).clamp(0, 1)
        line = line + share * (_HAIRLINE_HEIGHTS[index + 1] - _HAIRLINE_HEIGHTS[index])
    temple = torch.exp(-(((angle - 40) / 14) ** 2)) * 1.2
    return y - line - receded * (torch.exp(-((angle / 65) ** 4)) * 0.7 + temple)


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
        x, y = _brow_line(along, identity.brow_arch)
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
    return _toward(color, identity.brows, cover * (0.55 + 0.4 * identity.brow_density))


def _brow_line(
    along: NDArray[np.float32], arch: float
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """(x, y) of the middle of the right-hand brow, 0 at its inner end."""
    x = 1.15 + 4.0 * along
    y = 1.95 + (0.35 + 0.75 * arch) * np.sin(np.minimum(1, along / 0.68) * np.pi / 2)
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


def _eye(identity: Identity, shape: tuple[int, int], generator: torch.Generator) -> Tensor:
    height, width = shape
    y, x = torch.meshgrid(
        torch.linspace(-1, 1, height), torch.linspace(-1, 1, width), indexing="ij"
    )
    radius = (x.square() + y.square()).sqrt() * float(np.degrees(EYE_REACH))
    iris_edge = float(np.degrees(IRIS_ANGLE))
    share = radius / iris_edge
    turn = torch.atan2(y, x)
    white = torch.tensor((0.9, 0.88, 0.86))[:, None, None].expand(3, height, width).clone()
    white = _toward(white, (0.8, 0.5, 0.45), ((radius - 38) / 70).clamp(0, 0.55))
    fibres = torch.zeros_like(turn)
    draws = torch.rand(8, 2, generator=generator)
    for index in range(8):
        waves = float(5 + 6 * index)
        fibres = fibres + torch.sin(turn * waves + 6.28 * draws[index, 0] + share * 3) / 8
    base = torch.tensor(identity.eyes)[:, None, None]
    glow = 0.75 + 0.75 * torch.exp(-(((share - 0.62) / 0.25) ** 2)) + 0.35 * fibres
    if identity.style == "cartoon":
        glow = glow + 0.5 * (y * 90 / iris_edge).clamp(-0.6, 1)
    ring = _blend(identity.eyes, (0.6, 0.42, 0.2), 0.35)
    iris = _toward(base * glow, ring, 0.5 * torch.exp(-(((share - 0.5) / 0.12) ** 2)))
    iris = iris * (1 - 0.75 * _soft(share - 0.9, 0.09))
    color = white + _soft(1 - share, 0.05) * (iris - white)
    pupil = _soft(identity.pupil - share, 0.04)
    color = color * (1 - 0.97 * pupil)
    gloss = torch.full((1, height, width), 1.0)
    return torch.cat((color, gloss, torch.full((1, height, width), 0.93)))


def _teeth(identity: Identity, shape: tuple[int, int], generator: torch.Generator) -> Tensor:
    height, width = shape
    y, x = torch.meshgrid(torch.linspace(0, 1, height), torch.linspace(0, 1, width), indexing="ij")
    ivory = 0.84 - 0.12 * identity.wrinkles + 0.04 * float(torch.rand((), generator=generator))
    color = torch.tensor((ivory, ivory * 0.97, ivory * 0.9))[:, None, None].expand(3, height, width)
    angle = (x - 0.5) * 2.5
    tooth = angle / 0.31
    gap = torch.exp(-(((tooth - tooth.round()) / 0.09) ** 2))
    color = _toward(color, (0.45, 0.33, 0.28), 0.5 * gap)
    scallop = 0.36 + 0.12 * (2 * (tooth - tooth.round())).square()
    color = _toward(color, (0.72, 0.36, 0.36), _soft(scallop - y, 0.04))
    rest = torch.full((1, height, width), 0.45)
    return torch.cat((color, rest, rest + 0.1))


def _hair(identity: Identity, shape: tuple[int, int], generator: torch.Generator) -> Tensor:
    height, width = shape
    fine = noise((max(2, height // 24), width), None, generator, shape)
    wide = noise((3, max(2, width // 7)), None, generator, shape)
    gray = _soft(noise((2, width), None, generator, shape) - 1 + 0.6 * identity.hair_gray, 0.1)
    contrast = 1.0 if identity.style == "real" else 0.35
    tone = 1 + contrast * (0.75 * (fine - 0.5) + 0.6 * (wide - 0.5))
    color = torch.tensor(identity.hair)[:, None, None] * tone
    color = _toward(color, (0.75, 0.74, 0.72), gray * identity.hair_gray)
    strength = torch.full((1, height, width), 0.2) * (0.3 + 1.4 * fine)
    return torch.cat((color, strength, torch.full((1, height, width), 0.35)))


def noise(
    size: int | tuple[int, int],
    cells: int | None,
    generator: torch.Generator,
    result: tuple[int, int] | None = None,
) -> Tensor:
    """Smooth random values 0..1: a random grid, enlarged.

    Args:
        size: Side of the square result, or the grid's own (rows, columns) with `result` given.
        cells: Cells along a side of the square grid.
        generator: Source of randomness.
        result: (height, width) when `size` is the grid.
    """
    if isinstance(size, tuple):
        assert result is not None
        grid, target = size, result
    else:
        assert cells is not None
        grid, target = (max(2, cells), max(2, cells)), (size, size)
    values = torch.rand(1, 1, max(2, grid[0]), max(2, grid[1]), generator=generator)
    return F.interpolate(values, target, mode="bicubic", align_corners=True)[0, 0].clamp(0, 1)


def _spot(place: Canvas, center: tuple[float, float, float], sigma: float) -> Tensor:
    """A Gaussian spot on both halves of the face."""
    reach = (
        (place.x.abs() - center[0]).square()
        + (place.y - center[1]).square()
        + (place.z - center[2]).square()
    )
    return torch.exp(-reach / (2 * sigma**2))


def _soft(value: Tensor, width: float) -> Tensor:
    """0 below -width, 1 above width, smooth between."""
    share = (value / (2 * width) + 0.5).clamp(0, 1)
    return share.square() * (3 - 2 * share)


def _toward(color: Tensor, target: Color | tuple[float, ...], share: Tensor) -> Tensor:
    goal = torch.tensor(target)[:, None, None]
    return color + share * (goal - color)


def _blend(first: Color, second: Color, share: float) -> Color:
    r, g, b = (a + share * (c - a) for a, c in zip(first, second, strict=True))
    return r, g, b
