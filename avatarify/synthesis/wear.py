"""Glasses and beards."""

import math

import torch
from torch import Tensor

from avatarify.synthesis import atlas
from avatarify.synthesis.atlas import Swatch, swatch
from avatarify.synthesis.brush import noise
from avatarify.synthesis.identity import Identity
from avatarify.synthesis.regions import beard_area, moustache_area
from avatarify.synthesis.surface import Surface, merge, sheet, tube
from avatarify.synthesis.template import Template

GLASSES = {
    # squareness, half width, half height, thickness of the rim
    "round": (2.0, 2.35, 2.2, 0.13),
    "square": (4.0, 2.6, 1.85, 0.2),
    "thin": (2.8, 2.5, 1.9, 0.08),
}


def glasses(kind: str, eye: Tensor, bridge_depth: float, ear_width: float) -> Surface:
    """Rims, bridge and temples.

    Args:
        kind: A key of `GLASSES`.
        eye: (3,), centre of the eyeball on the viewer's right.
        bridge_depth: z of the nose's bridge between the eyes, head space.
        ear_width: Half width of the head at the ears.
    """
    power, wide, high, rim = GLASSES[kind]
    depth = max(float(eye[2]) + 3.1, bridge_depth + 0.3)
    turn = torch.linspace(0, 2 * math.pi, 41)
    x = wide * turn.cos().sign() * turn.cos().abs() ** (2 / power)
    y = high * turn.sin().sign() * turn.sin().abs() ** (2 / power)
    center_x, center_y = float(eye[0]) + 0.1, float(eye[1]) - 0.35
    right = torch.stack(
        (center_x + x, center_y + y, depth - 0.045 * (x + center_x).square() / 2), 1
    )
    share = torch.linspace(0, 1, 9)
    inner = center_x - wide
    bridge = torch.stack(
        (
            inner * (2 * share - 1),
            center_y + 0.55 + 0.3 * (share * math.pi).sin(),
            depth + 0.25 * (share * math.pi).sin(),
        ),
        dim=1,
    )
    hinge = torch.tensor([center_x + wide, center_y + 0.6, float(right[0, 2])])
    back = torch.tensor([ear_width + 0.3, 0.5, -1.0])
    outside = torch.tensor([max(ear_width, float(hinge[0])) + 0.25, center_y + 0.6, 5.0])
    arm = (1 - share[:, None]) ** 2 * hinge + 2 * (share * (1 - share))[:, None] * outside
    arm = arm + share[:, None] ** 2 * back
    pieces = [bridge]
    for path in (right, arm):
        pieces += [path, path * torch.tensor([-1.0, 1.0, 1.0])]
    place = swatch(Swatch.GLASSES)
    surfaces = []
    for path in pieces:
        radii = torch.tensor([rim, rim]).expand(len(path), 2)
        upward = (
            torch.tensor([0.03, 0.02, 1.0]) if path is not arm else torch.tensor([0.0, 1.0, 0.0])
        )
        rings = tube(path, upward.expand(len(path), 3), radii, 6)
        surfaces.append(sheet(rings.flip(1), place, 0.9))
    return merge(surfaces)


def beard(
    identity: Identity, template: Template, normals: Tensor
) -> tuple[Tensor, Tensor, Surface] | None:
    """Hair on chin, cheeks and lip, a shell that follows the skin.

    Args:
        identity: How much and what colour.
        template: The shared grid.
        normals: (V, 3), of the person's skin.

    Returns:
        (N,) skin vertices to follow, (N, 3) offsets from them, and the surface (its own vertices
        are meaningless); None for a shaved face.
    """
    if max(identity.beard, identity.moustache) < 0.05:
        return None
    x, y, z = template.vertices.unbind(dim=1)
    area = identity.beard * beard_area(x, y, z)
    area = torch.maximum(area, 0.75 * identity.moustache * moustache_area(x, y, z))
    area = area * (template.side == 0)
    generator = torch.Generator().manual_seed(identity.seed + 4)
    rows, columns = template.grid.shape
    lumps = noise((rows // 2, columns // 2), None, generator, (rows, columns))
    rough = torch.zeros(len(area))
    rough[template.below] = lumps
    rough[template.grid] = lumps
    chin = torch.exp(-((x / 3.2) ** 2) - ((y + 10.5) / 1.8) ** 2)
    height = area * (0.5 + 0.7 * rough) * (0.75 + 0.9 * chin)
    offset = height[:, None] * (normals + torch.tensor([0.0, -0.45, 0.1]))
    offset = torch.where((area > 0.02)[:, None], offset, -0.08 * normals)
    faces = template.faces[(area[template.faces] > 0.02).any(dim=1)]
    place = template.coordinates * torch.tensor([9.0, 3.0])
    place = (place - 2 * torch.floor(place / 2) - 1).abs()
    light = (0.45 + 0.55 * rough) * (0.8 + 0.2 * (height / 0.5).clamp(0, 1))
    used, faces = torch.unique(faces, return_inverse=True)
    coordinates = atlas.HAIR.place(place[used])
    return used, offset[used], Surface(offset[used], faces, coordinates, light.clamp(0, 1)[used])
