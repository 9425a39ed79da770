"""Paints a person's texture atlas: skin, eyes, teeth, hair and plain colours."""

import numpy as np
import torch
from torch import Tensor

from avatarify.synthesis import atlas
from avatarify.synthesis.atlas import Swatch
from avatarify.synthesis.brush import blend, noise, soft, toward
from avatarify.synthesis.identity import Identity
from avatarify.synthesis.mouth import GUM_SHARE, INNER_SHARE, TEETH_PER_ROW
from avatarify.synthesis.parts import EYE_REACH, IRIS_ANGLE
from avatarify.synthesis.skin import paint_skin

CHANNELS = 5
"""Red, green, blue, strength of the highlight, sharpness of the highlight."""


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
    picture[:, rows, columns] = paint_skin(identity, size, generator)
    for patch, painter in ((atlas.EYE, _eye), (atlas.TEETH, _teeth), (atlas.HAIR, _hair)):
        rows, columns = patch.pixels(size, width)
        shape = (rows.stop - rows.start, columns.stop - columns.start)
        picture[:, rows, columns] = painter(identity, shape, generator)
    for name, color in _swatches(identity).items():
        rows, columns = atlas.swatch_pixels(name, size, width)
        picture[:, rows, columns] = torch.tensor(color)[:, None, None]
    return picture.clamp(0, 1)


def _swatches(identity: Identity) -> dict[Swatch, tuple[float, ...]]:
    lip = blend(identity.lips, (0.45, 0.15, 0.15), 0.45)
    lid = blend(identity.skin, (0.75, 0.35, 0.33), 0.4)
    ear = blend(identity.skin, (0.8, 0.35, 0.3), 0.15)
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
    white = toward(white, (0.8, 0.5, 0.45), ((radius - 38) / 70).clamp(0, 0.55))
    fibres = torch.zeros_like(turn)
    draws = torch.rand(8, 2, generator=generator)
    for index in range(8):
        waves = float(5 + 6 * index)
        fibres = fibres + torch.sin(turn * waves + 6.28 * draws[index, 0] + share * 3) / 8
    base = torch.tensor(identity.eyes)[:, None, None]
    glow = 0.75 + 0.75 * torch.exp(-(((share - 0.62) / 0.25) ** 2)) + 0.35 * fibres
    if identity.style == "cartoon":
        glow = glow + 0.5 * (y * 90 / iris_edge).clamp(-0.6, 1)
    ring = blend(identity.eyes, (0.6, 0.42, 0.2), 0.35)
    iris = toward(base * glow, ring, 0.5 * torch.exp(-(((share - 0.5) / 0.12) ** 2)))
    iris = iris * (1 - 0.75 * soft(share - 0.9, 0.09))
    color = white + soft(1 - share, 0.05) * (iris - white)
    pupil = soft(identity.pupil - share, 0.04)
    color = color * (1 - 0.97 * pupil)
    gloss = torch.full((1, height, width), 1.0)
    return torch.cat((color, gloss, torch.full((1, height, width), 0.93)))


def _teeth(identity: Identity, shape: tuple[int, int], generator: torch.Generator) -> Tensor:
    """Fourteen crowns side by side below their gum."""
    height, width = shape
    y, x = torch.meshgrid(torch.linspace(0, 1, height), torch.linspace(0, 1, width), indexing="ij")
    ivory = 0.95 - 0.09 * identity.wrinkles + 0.04 * float(torch.rand((), generator=generator))
    tooth = x * TEETH_PER_ROW
    across = 2 * (tooth - tooth.floor()) - 1
    own = torch.rand(TEETH_PER_ROW + 1, generator=generator)[tooth.long()]
    crown = ((y - GUM_SHARE) / (INNER_SHARE - GUM_SHARE)).clamp(0, 1)
    tone = torch.tensor((ivory, ivory * 0.965, ivory * 0.89))[:, None, None]
    color = tone * (0.95 + 0.05 * own)
    color = toward(color, (0.86, 0.74, 0.55), 0.35 * (1 - crown).square())
    color = toward(color, (0.72, 0.76, 0.8), 0.4 * soft(crown - 0.9, 0.06))
    color = color * (1 + 0.04 * torch.sin(7 * across + 6 * own) * crown)
    gap = soft(across.abs() - 0.95, 0.05)
    color = toward(color, (0.32, 0.2, 0.16), 0.6 * gap)
    root = torch.exp(-((crown / 0.06) ** 2))
    color = toward(color, (0.6, 0.36, 0.32), 0.5 * root)
    gum = soft(GUM_SHARE - y, 0.01)
    pink = blend((0.74, 0.38, 0.38), identity.skin, 0.15)
    color = toward(color, pink, gum)
    rough = noise((6, TEETH_PER_ROW * 3), None, generator, shape)
    gloss = 0.5 + 0.2 * rough - 0.15 * gum
    return torch.cat((color, gloss[None], torch.full((1, height, width), 0.68)))


def _hair(identity: Identity, shape: tuple[int, int], generator: torch.Generator) -> Tensor:
    height, width = shape
    fine = noise((max(2, height // 24), width), None, generator, shape)
    wide = noise((3, max(2, width // 7)), None, generator, shape)
    gray = soft(noise((2, width), None, generator, shape) - 1 + 0.6 * identity.hair_gray, 0.1)
    contrast = 1.0 if identity.style == "real" else 0.35
    tone = 1 + contrast * (0.75 * (fine - 0.5) + 0.6 * (wide - 0.5))
    color = torch.tensor(identity.hair)[:, None, None] * tone
    color = toward(color, (0.75, 0.74, 0.72), gray * identity.hair_gray)
    strength = torch.full((1, height, width), 0.2) * (0.3 + 1.4 * fine)
    return torch.cat((color, strength, torch.full((1, height, width), 0.35)))
