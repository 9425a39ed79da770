"""Where a person stands in a picture: as large, and as far up, as in a good webcam picture."""

import torch
from torch import Tensor

from avatarify.synthesis.figure import Figure, pose
from avatarify.synthesis.landmarks import SKIN_LANDMARKS, attachments, locate
from avatarify.synthesis.motion import Motion, neutral
from avatarify.synthesis.renderer import Size, extent, project

FACE_HEIGHT = 0.43
"""Height of the landmarks' box in shares of the picture's height."""

FACE_CENTER = (0.5, 0.45)
"""Middle of the box in shares of the picture's width and height."""

_SMALLEST, _LOWEST = 0.40, 0.475
_MARGIN = 0.025
"""Least room above the hair in shares of the picture's height."""


def compose(figure: Figure, size: Size) -> Motion:
    """Place a person at rest, one frame.

    High hair moves the face down a little and makes it a little smaller, until it is inside.

    Args:
        figure: Who is shown.
        size: (height, width), or the side of a square.
    """
    height, width = extent(size)
    motion = neutral()
    screen = project(figure.identity, pose(figure, motion), motion, size)
    points = locate(screen[..., :2], attachments(len(figure.strips.skin), screen.device))
    low, high = _box(points[0, :SKIN_LANDMARKS])
    middle, face = (low + high) / 2, float(high[1] - low[1])
    above = float(middle[1] - screen[0, :, 1].min()) / face
    share, across, down = FACE_HEIGHT, *FACE_CENTER
    down = max(down, min(_LOWEST, _MARGIN + share * above))
    share = max(_SMALLEST, min(share, (down - _MARGIN) / above))
    scale = share * height / face
    center = middle.new_tensor([width / 2, height / 2])
    wanted = middle.new_tensor([across * width, down * height])
    shift = (wanted - center - scale * (middle - center)) / height
    return motion._replace(translation=shift[None], scale=torch.full((1,), scale))


def _box(points: Tensor) -> tuple[Tensor, Tensor]:
    return points.amin(dim=0), points.amax(dim=0)
