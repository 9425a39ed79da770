"""Pictures worth showing: one neutral portrait, or one filmed performance."""

from collections.abc import Iterator

import torch

from avatarify.frames import Image
from avatarify.synthesis.figure import build_figure
from avatarify.synthesis.finish import finish
from avatarify.synthesis.identity import Identity
from avatarify.synthesis.motion import Motion, neutral
from avatarify.synthesis.renderer import render

_TEXELS_PER_PIXEL = 2


def portrait(identity: Identity, size: int, supersampling: int = 3) -> Image:
    """Draw a person looking into the camera, mouth closed, eyes open.

    Args:
        identity: Whom to draw.
        size: Height and width in pixels.
        supersampling: Samples along each side of a pixel.

    Returns:
        RGB, uint8, (size, size, 3).
    """
    figure = build_figure(identity, _TEXELS_PER_PIXEL * size, fine_hair=True)
    rendering = render(figure, neutral(), size, supersampling)
    return finish(rendering.image, identity, torch.Generator().manual_seed(identity.seed))[0]


def film(identity: Identity, motion: Motion, size: int, supersampling: int = 2) -> Iterator[Image]:
    """Draw a performance, frame by frame, as `portrait` does."""
    figure = build_figure(identity, _TEXELS_PER_PIXEL * size, fine_hair=True)
    generator = torch.Generator().manual_seed(identity.seed)
    for index in range(len(motion.scale)):
        rendering = render(figure, motion.frames(index, index + 1), size, supersampling)
        yield finish(rendering.image, identity, generator)[0]
