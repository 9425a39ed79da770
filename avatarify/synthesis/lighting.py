"""Light on a figure: a key light with soft shadows, light from all around, highlights."""

import functools
import math
from typing import NamedTuple

import torch
import torch.nn.functional as F  # noqa: N812 - the field's own name for it
from torch import Tensor

from avatarify.synthesis import sculpture
from avatarify.synthesis.identity import Identity

_LOW = (-11.0, -19.0, -13.0)
_HIGH = (11.0, 13.0, 13.0)


class Lighting(NamedTuple):
    """What one picture's light does at every vertex, (B, V, ...)."""

    diffuse: Tensor
    """(B, V, 3): multiplies the albedo."""

    key: Tensor
    """(B, V, 1): how much of the key light arrives."""


def key_direction(identity: Identity) -> Tensor:
    """(3,): unit vector towards the key light, x right, y up, z towards the camera."""
    azimuth, elevation = (
        math.radians(identity.light_azimuth),
        math.radians(identity.light_elevation),
    )
    return torch.tensor(
        [
            math.sin(azimuth) * math.cos(elevation),
            math.sin(elevation),
            math.cos(azimuth) * math.cos(elevation),
        ]
    )


def illuminate(
    identity: Identity, normals: Tensor, openness: Tensor, soft: Tensor, shadow: Tensor
) -> Lighting:
    """Light every vertex.

    Args:
        identity: Whose light.
        normals: (B, V, 3), unit length.
        openness: (B, V): share of the surroundings that is visible.
        soft: (V,): 1 where light scatters below the surface.
        shadow: (B, V): share of the key light that is not blocked.
    """
    toward = key_direction(identity).to(normals.device)
    facing = (normals @ toward)[..., None]
    # Red light travels furthest under the skin, so the edge of a shadow glows red.
    wrap = normals.new_tensor([0.42, 0.2, 0.14]) * soft[:, None] + 0.06
    lit = ((facing + wrap) / (1 + wrap)).clamp(min=0)
    key = shadow[..., None]
    tint = torch.cat((key**0.75, key, key**1.1), dim=-1) * soft[:, None] + key * (1 - soft[:, None])
    above = 0.5 + 0.5 * normals[..., 1:2]
    around = normals.new_tensor(identity.ambient) * (0.62 + 0.38 * above)
    open_tint = torch.stack((openness**0.8, openness, openness**1.1), dim=-1)
    front = 0.75 + 0.25 * normals[..., 2:].clamp(min=0)
    edge = identity.rim * (1 - normals[..., 2:].clamp(0, 1)) ** 3 * (0.4 + 0.6 * above)
    diffuse = (
        normals.new_tensor(identity.key) * 1.25 * lit * tint * (0.35 + 0.65 * openness[..., None])
        + around * open_tint * front
        + edge * openness[..., None]
    )
    return Lighting(diffuse, key)


def highlight(
    normals: Tensor, identity: Identity, strength: Tensor, sharpness: Tensor, key: Tensor
) -> Tensor:
    """Mirror-like light towards the camera.

    Args:
        normals: (B, H, W, 3).
        identity: Whose light.
        strength: (B, H, W, 1), 0..1.
        sharpness: (B, H, W, 1), 0 broad .. 1 a point.
        key: (B, H, W, 1): how much of the key light arrives.

    Returns:
        (B, H, W, 3), to be added.
    """
    toward = key_direction(identity).to(normals.device)
    camera = toward.new_tensor([0.0, 0.0, 1.0])
    exponent = torch.exp2(2 + 7.0 * sharpness)
    normals = F.normalize(normals, dim=-1)
    # A wet eye mirrors a large light off centre: its glint is drawn where a viewer expects it,
    # on the upper part of the iris.
    wet = (sharpness > 0.9).to(normals.dtype)
    broad, centered = (
        (normals @ F.normalize(share * toward + camera, dim=0))[..., None] for share in (1.0, 0.34)
    )
    glint = (broad + wet * (centered - broad)).clamp(min=1e-4) ** exponent
    key = key + wet * (key.clamp(min=0.75) - key)
    grazing = (1 - normals[..., 2:].clamp(0, 1)) ** 4
    shine = glint * (0.25 + sharpness.square() * 1.6 + 1.2 * wet) * key
    around = normals.new_tensor(identity.ambient) * (0.12 * grazing)
    return strength * (normals.new_tensor(identity.key) * shine + around)


@functools.lru_cache(maxsize=1)
def _volume() -> Tensor:
    """(1, 1, D, H, W): the sculpture's distance field, sampled."""
    axes = [torch.linspace(low, high, 60) for low, high in zip(_LOW, _HIGH, strict=True)]
    z, y, x = torch.meshgrid(axes[2], axes[1], axes[0], indexing="ij")
    return sculpture.distance(torch.stack((x, y, z), dim=-1))[None, None]


def cast_shadows(points: Tensor, normals: Tensor, toward: Tensor) -> Tensor:
    """Soft shadows of the head on itself.

    Args:
        points: (V, 3), template positions.
        normals: (V, 3), of the template.
        toward: (B, 3), direction to the light in head space.

    Returns:
        (B, V), share of the light that arrives.
    """
    volume = _volume().to(points.device)
    low, high = points.new_tensor(_LOW), points.new_tensor(_HIGH)
    start = points + 0.25 * normals
    open_share = points.new_ones(len(toward), len(points))
    for step in range(11):
        travelled = 0.45 * 1.34**step
        place = start + travelled * toward[:, None]
        grid = ((place - low) / (high - low) * 2 - 1)[:, None, None]
        room = F.grid_sample(
            volume.expand(len(toward), -1, -1, -1, -1), grid, align_corners=True,
            padding_mode="border",
        )  # fmt: skip
        open_share = torch.minimum(open_share, 0.5 + 2.6 * room[:, 0, 0, 0] / travelled)
    share = open_share.clamp(0, 1)
    return share.square() * (3 - 2 * share)
