"""One driving frame and one portrait that every machine can draw: what back ends are tried on."""

import cv2
import numpy as np
import torch

from avatarify.frames import Image
from avatarify.geometry.keypoints import Keypoints

_SKIN, _HAIR, _LIPS, _EYE, _BACKGROUND = (
    (222, 178, 150),
    (70, 48, 34),
    (170, 70, 70),
    (250, 250, 250),
    (96, 128, 150),
)


def draw_face(side: int, shift: float = 0.0, mouth: float = 0.03) -> Image:
    """Draw a simple face.

    Args:
        side: Of the picture, in pixels.
        shift: To the right, as a share of the side.
        mouth: How far it is open, as a share of the side.

    Returns:
        RGB uint8 (side, side, 3), without hard edges.
    """
    picture = np.full((256, 256, 3), _BACKGROUND, dtype=np.uint8)
    x = round(256 * (0.5 + shift))
    cv2.rectangle(picture, (x - 32, 180), (x + 32, 256), _SKIN, -1)
    cv2.ellipse(picture, (x, 118), (74, 92), 0, 0, 360, _HAIR, -1)
    cv2.ellipse(picture, (x, 134), (60, 80), 0, 0, 360, _SKIN, -1)
    for eye in (x - 24, x + 24):
        cv2.ellipse(picture, (eye, 118), (12, 6), 0, 0, 360, _EYE, -1)
        cv2.circle(picture, (eye, 118), 5, _HAIR, -1)
        cv2.line(picture, (eye - 13, 104), (eye + 13, 102), _HAIR, 3)
    cv2.line(picture, (x, 125), (x - 5, 148), (190, 140, 115), 3)
    cv2.ellipse(picture, (x, 176), (22, max(2, round(256 * mouth))), 0, 0, 360, _LIPS, -1)
    soft = cv2.GaussianBlur(picture, (0, 0), 1.2)
    interpolation = cv2.INTER_AREA if side < 256 else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(soft, (side, side), interpolation=interpolation), dtype=np.uint8)


def moved(source: Keypoints) -> Keypoints:
    """Return keypoints a few hundredths away from a portrait's, as speech and a nod move them."""
    count = source.value.shape[1]
    steps = torch.arange(2 * count, dtype=torch.float32, device=source.value.device)
    value = source.value + 0.04 * torch.sin(steps).view(1, count, 2)
    jacobian = source.jacobian
    if jacobian is not None:
        turn = torch.tensor([[0.98, -0.06], [0.05, 1.03]], device=jacobian.device)
        jacobian = turn @ jacobian
    return Keypoints(value, jacobian, source.covariance)
