"""Pictures worth showing: people at rest, in a series of turns, or filmed in a performance."""

from collections.abc import Iterator

import torch

from avatarify.frames import Image
from avatarify.synthesis.composition import compose
from avatarify.synthesis.figure import Figure, build_figure
from avatarify.synthesis.finish import Shot, finish, photograph
from avatarify.synthesis.identity import Identity
from avatarify.synthesis.motion import Motion
from avatarify.synthesis.renderer import Size, extent, render, render_room

_TEXELS_PER_PIXEL = 2


def portrait(identity: Identity, size: Size, supersampling: int = 3) -> Shot:
    """Draw a person looking into the camera, mouth closed, eyes open.

    Args:
        identity: Whom to draw.
        size: (height, width) in pixels, or the side of a square.
        supersampling: Samples along each side of a pixel.
    """
    figure = fine_figure(identity, size)
    motion = compose(figure, size)
    return next(film(figure, motion, size, supersampling))


def room(identity: Identity, size: Size) -> Image:
    """Draw what is behind a person: their portrait without them, (H, W, 3).

    Args:
        identity: Whose room.
        size: (height, width) in pixels, or the side of a square.
    """
    generator = torch.Generator().manual_seed(identity.seed)
    return finish(render_room(identity, size), identity, generator)[0]


def still(identity: Identity, motion: Motion, size: Size, supersampling: int = 3) -> Shot:
    """Draw a person where `portrait` places them, but as `motion`'s first frame poses them."""
    figure = fine_figure(identity, size)
    return next(film(figure, _placed(motion, compose(figure, size)), size, supersampling))


def turns(
    identity: Identity, rotation_deg: torch.Tensor, size: Size, supersampling: int = 2
) -> Iterator[Shot]:
    """Turn a person's head about the neck; expression, shoulders and all behind stay still.

    Args:
        identity: Whom to draw.
        rotation_deg: (N, 3), see `Motion.rotation_deg`.
        size: (height, width) in pixels, or the side of a square.
        supersampling: Samples along each side of a pixel.
    """
    figure = fine_figure(identity, size)
    rest = compose(figure, size)
    count = len(rotation_deg)
    motion = Motion(rotation_deg, *(value.expand(count, *value.shape[1:]) for value in rest[1:]))
    yield from film(figure, motion, size, supersampling)


def film(figure: Figure, motion: Motion, size: Size, supersampling: int = 2) -> Iterator[Shot]:
    """Draw a performance, frame by frame."""
    generator = torch.Generator().manual_seed(figure.identity.seed)
    for index in range(len(motion.scale)):
        rendering = render(figure, motion.frames(index, index + 1), size, supersampling)
        yield photograph(rendering, generator)[0]


def fine_figure(identity: Identity, size: Size) -> Figure:
    """A figure detailed enough for pictures of a size."""
    return build_figure(identity, _TEXELS_PER_PIXEL * extent(size)[0], fine_hair=True)


def _placed(motion: Motion, place: Motion) -> Motion:
    return motion._replace(
        translation=motion.translation + place.translation, scale=motion.scale * place.scale
    )
