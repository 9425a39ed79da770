"""How skulls and faces differ: smooth displacements of the template, each driven by one number."""

from typing import NamedTuple

import torch
from torch import Tensor

from avatarify.synthesis.sculpture import EYE_CENTER, SEAM_HEIGHT


class Bump(NamedTuple):
    """A Gaussian push around a place on the right-hand half of the head, mirrored to the left."""

    center: tuple[float, float, float]
    """Head space, centimetres."""

    sigma: float
    """Reach in centimetres."""

    push: tuple[float, float, float]
    """Displacement at the centre for a coefficient of 1, centimetres."""


BUMPS: dict[str, Bump] = {
    "jaw_width": Bump((5.0, -6.8, 2.0), 3.0, (0.8, 0.0, 0.0)),
    "chin_length": Bump((0.0, -10.5, 7.0), 2.3, (0.0, -0.7, 0.0)),
    "chin_forward": Bump((0.0, -9.8, 8.5), 1.9, (0.0, 0.0, 0.6)),
    "chin_width": Bump((1.6, -10.0, 7.5), 1.4, (0.55, 0.0, 0.0)),
    "cheek_fullness": Bump((4.6, -5.0, 5.5), 2.1, (0.75, 0.0, 0.35)),
    "cheekbone": Bump((5.2, -2.0, 5.2), 1.7, (0.5, 0.1, 0.4)),
    "forehead_height": Bump((0.0, 8.0, 4.0), 4.5, (0.0, 0.8, 0.0)),
    "forehead_forward": Bump((0.0, 5.0, 8.0), 2.6, (0.0, 0.0, 0.55)),
    "temple_width": Bump((6.8, 3.0, 2.0), 3.2, (0.5, 0.0, 0.0)),
    "brow_ridge": Bump((2.4, 2.1, 8.0), 1.2, (0.0, -0.15, 0.45)),
    "nose_width": Bump((1.3, -4.1, 9.4), 0.8, (0.38, 0.0, 0.0)),
    "nose_length": Bump((0.0, -4.2, 10.0), 1.3, (0.0, -0.5, 0.0)),
    "nose_forward": Bump((0.0, -3.6, 10.4), 1.3, (0.0, 0.0, 0.65)),
    "nose_tip_up": Bump((0.0, -3.6, 11.0), 0.9, (0.0, 0.4, 0.1)),
    "nose_tip_round": Bump((0.9, -3.8, 10.4), 0.7, (0.3, 0.0, 0.1)),
    "nose_bridge": Bump((0.0, -0.7, 9.0), 1.2, (0.0, 0.0, 0.5)),
    "bridge_width": Bump((0.8, -1.4, 8.8), 1.0, (0.25, 0.0, 0.0)),
    "mouth_width": Bump((2.4, SEAM_HEIGHT, 8.6), 1.4, (0.38, 0.0, -0.1)),
    "mouth_height": Bump((0.0, SEAM_HEIGHT, 9.0), 2.0, (0.0, 0.45, 0.0)),
    "mouth_corners": Bump((2.5, SEAM_HEIGHT, 8.5), 0.75, (0.0, 0.22, -0.05)),
    "mouth_forward": Bump((0.0, SEAM_HEIGHT, 9.0), 2.2, (0.0, 0.0, 0.4)),
    "eye_spacing": Bump((EYE_CENTER[0], 0.0, 7.0), 2.2, (0.25, 0.0, 0.0)),
    "eye_height": Bump((EYE_CENTER[0], 0.0, 7.0), 2.2, (0.0, 0.3, 0.0)),
    "eye_depth": Bump((EYE_CENTER[0], 0.0, 7.0), 2.0, (0.0, 0.0, 0.3)),
    "under_eye": Bump((3.2, -2.0, 7.6), 0.9, (0.0, 0.0, 0.22)),
}
"""Local features; a coefficient of about -1.5..1.5 is a believable face."""

SHAPE_NAMES: tuple[str, ...] = (
    *BUMPS,
    "head_width",
    "face_length",
    "head_depth",
    "neck_width",
    "upper_lip_fullness",
    "lower_lip_fullness",
    "cupid_bow",
    "eye_size",
)
"""Order of the coefficients of `Identity.shape`."""


def reshape_head(points: Tensor, side: Tensor, coefficients: dict[str, float]) -> Tensor:
    """Displace the template into one person's head.

    Args:
        points: (V, 3), template positions.
        side: (V,), see `Template.side`.
        coefficients: Any of `SHAPE_NAMES`; missing ones are 0.

    Returns:
        (V, 3). The surroundings of an eye move rigidly with its centre, so that lids keep
        sliding on the eyeball.
    """
    eye = eye_center(coefficients)
    moved = _displace(points, coefficients)
    moved = _shape_lips(moved, points, side, coefficients)
    center = points.new_tensor(EYE_CENTER)
    for sign in (-1.0, 1.0):
        mirror = points.new_tensor([sign, 1.0, 1.0])
        offset = points - center * mirror
        weight = torch.exp(-((offset.norm(dim=1) / 2.6) ** 8))[:, None]
        rigid = points + (eye - center) * mirror + offset * (eye_scale(coefficients) - 1)
        moved = moved + weight * (rigid - moved)
    return moved


def eye_center(coefficients: dict[str, float]) -> Tensor:
    """(3,): centre of the eyeball on the viewer's right for these coefficients."""
    return _displace(torch.tensor([EYE_CENTER]), coefficients)[0]


def eye_scale(coefficients: dict[str, float]) -> float:
    """Size of the eyes relative to the template."""
    return 1 + 0.09 * coefficients.get("eye_size", 0.0)


def _displace(points: Tensor, coefficients: dict[str, float]) -> Tensor:
    mirror = torch.tanh(points[:, 0] / 0.35)
    half = torch.cat((points[:, :1].abs(), points[:, 1:]), dim=1)
    moved = points.clone()
    for name, bump in BUMPS.items():
        amount = coefficients.get(name, 0.0)
        reach = (half - points.new_tensor(bump.center)).square().sum(dim=1) / bump.sigma**2
        push = amount * torch.exp(-reach / 2)[:, None] * points.new_tensor(bump.push)
        push[:, 0] *= mirror
        moved = moved + push
    width = 1 + 0.05 * coefficients.get("head_width", 0.0)
    length = 1 + 0.05 * coefficients.get("face_length", 0.0)
    depth = 1 + 0.05 * coefficients.get("head_depth", 0.0)
    moved = moved * moved.new_tensor([width, length, 1.0])
    moved[:, 2] = torch.where(moved[:, 2] < 0, moved[:, 2] * depth, moved[:, 2])
    neck = torch.sigmoid(-(points[:, 1] + 12.5) / 0.8)
    spread = 1 + 0.14 * coefficients.get("neck_width", 0.0) * neck
    return torch.stack((moved[:, 0] * spread, moved[:, 1], moved[:, 2]), dim=1)


def _shape_lips(
    moved: Tensor, points: Tensor, side: Tensor, coefficients: dict[str, float]
) -> Tensor:
    """Fuller lips bulge forward and away from the seam; the bow dips the upper edge's middle."""
    height = points[:, 1] - SEAM_HEIGHT
    front = torch.exp(-((points[:, 0] / 2.3) ** 4)) * (points[:, 2] > 5)
    result = moved
    for name, sign, reach in (("upper_lip_fullness", 1, 0.42), ("lower_lip_fullness", -1, 0.5)):
        amount = coefficients.get(name, 0.0)
        away = (sign * height).clamp(min=0)
        bulge = (away / reach) * torch.exp(0.5 - 0.5 * (away / reach).square()) * front
        rise = (away / reach).clamp(max=1) * torch.exp(-((away / 1.3) ** 2)) * front
        push = torch.stack((0 * bulge, sign * 0.17 * rise, 0.13 * bulge), dim=1)
        result = result + amount * push
    bow = coefficients.get("cupid_bow", 0.0)
    rim = torch.exp(-(((height - 0.75) / 0.3) ** 2)) * front * (side >= 0)
    wave = 0.07 * (torch.exp(-(((points[:, 0].abs() - 0.65) / 0.4) ** 2)) - 0.5)
    return result + bow * torch.stack((0 * rim, rim * wave, 0 * rim), dim=1)
