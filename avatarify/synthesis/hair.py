"""Hair: a shell over the scalp and locks that hang from it."""

import torch
from torch import Tensor

from avatarify.synthesis import atlas
from avatarify.synthesis.identity import Identity
from avatarify.synthesis.paint import noise, scalp_depth
from avatarify.synthesis.surface import Surface, grid_faces
from avatarify.synthesis.template import Template


def grow(identity: Identity, template: Template, rest: Tensor, normals: Tensor) -> Surface | None:
    """Hair for one head, in its head space; None when there is none to see.

    Args:
        identity: Style, colour and volume.
        template: The shared grid.
        rest: (V, 3), the person's skin.
        normals: (V, 3), of the skin.
    """
    if identity.hair_style in ("bald", "buzz"):
        return None
    generator = torch.Generator().manual_seed(identity.seed + 1)
    return _cap(identity, template, rest, normals, generator)


def _cap(
    identity: Identity,
    template: Template,
    rest: Tensor,
    normals: Tensor,
    generator: torch.Generator,
) -> Surface:
    """The grid's rows above the hairline, lifted off the skull."""
    grid = template.grid
    points = template.vertices[grid]
    depth = scalp_depth(points[..., 0], points[..., 1], points[..., 2], identity.hairline)
    rows, columns = grid.shape
    lumps = noise((rows // 8, columns // 4), None, generator, (rows, columns)) - 0.5
    inside = (depth / 1.6 + 0.15).clamp(0, 1)
    inside = inside.square() * (3 - 2 * inside)
    volume = {"afro": 3.2, "curly": 1.7, "swept": 1.3, "short": 0.9, "bun": 0.6}.get(
        identity.hair_style, 0.9
    )
    height = identity.hair_volume * volume * (1 + 0.5 * lumps)
    # Outside the hairline the shell hides under the skin, so that it meets it in a soft line.
    lift = -0.15 + inside * (height + 0.15)
    vertices = rest[grid] + lift[..., None] * normals[grid]
    across = torch.linspace(0, 5, columns).expand(rows, columns)
    across = (across - across.floor() - 0.5).abs() * 2
    along = torch.linspace(0, 1.5, rows)[:, None].expand(rows, columns).clamp(max=1)
    faces = grid_faces(rows, columns)
    faces = faces[(depth.reshape(-1)[faces] > -0.6).any(dim=1)]
    light = (0.45 + 0.55 * inside) * (0.85 + 0.3 * lumps)
    return Surface(
        vertices.reshape(-1, 3),
        faces,
        atlas.HAIR.place(torch.stack((across, along), dim=-1)).reshape(-1, 2),
        light.clamp(0, 1).reshape(-1),
    )
