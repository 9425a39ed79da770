"""Where things are on the template: beard, lips, hairline, as formulas of the place."""

import torch
from torch import Tensor

from avatarify.synthesis.brush import soft
from avatarify.synthesis.sculpture import SEAM_HEIGHT

_HAIRLINE_ANGLES = (0.0, 30.0, 48.0, 60.0, 70.0, 80.0, 92.0, 105.0, 120.0, 150.0, 180.0)
_HAIRLINE_HEIGHTS = (6.6, 6.7, 5.9, 4.4, 2.2, -1.2, -1.6, -1.0, -5.0, -8.0, -8.6)


def beard_area(x: Tensor, y: Tensor, z: Tensor) -> Tensor:
    """Where a full beard grows, 0..1, for template positions."""
    across = x.abs()
    top = -6.3 + 0.95 * (across - 2.6).clamp(min=0) ** 1.1
    below = soft(top - y, 0.4)
    lip = ((across / 2.7) ** 2 + ((y - SEAM_HEIGHT + 0.05) / 1.35) ** 2).sqrt()
    clear = soft(lip - 1.0, 0.1)
    chin = soft(y + 11.6, 0.4)
    return below * clear * chin * soft(z - 0.3, 0.5)


def moustache_area(x: Tensor, y: Tensor, z: Tensor) -> Tensor:
    """Where a moustache grows, 0..1, for template positions."""
    across = x.abs()
    upper = soft(-5.15 - 0.22 * across - y, 0.16)
    lower = soft(y - upper_lip_edge(across) - 0.02, 0.08)
    return upper * lower * soft(2.75 - across, 0.25) * (z > 5)


def upper_lip_edge(across: Tensor) -> Tensor:
    """Height of the upper rim of the lips for |x|, template."""
    bow = 0.1 * torch.exp(-((across / 0.3) ** 2))
    return SEAM_HEIGHT + (0.74 - bow) * (1 - (across / 2.45) ** 2).clamp(min=0) ** 0.85


def lower_lip_edge(across: Tensor) -> Tensor:
    """Height of the lower rim of the lips for |x|, template."""
    return SEAM_HEIGHT - 0.95 * (1 - (across / 2.35) ** 2).clamp(min=0) ** 0.75


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
