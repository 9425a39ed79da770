"""What hangs on the skin and follows it: insides of lips, cheeks and lids, and lashes."""

from typing import NamedTuple

import torch
from torch import Tensor

from avatarify.synthesis.atlas import Swatch, swatch
from avatarify.synthesis.sculpture import SEAM_HEIGHT
from avatarify.synthesis.surface import Surface, grid_faces, merge
from avatarify.synthesis.template import Template

_INSIDE_LIPS = ((0.0, 0.0, 0.75), (0.1, -0.28, 0.45), (0.45, -0.75, 0.18), (0.9, -1.2, 0.08))
"""How lips roll inwards: (away from the seam, back, light), centimetres."""

_LINING_LIGHT = 0.05
_LASHES_PER_VERTEX = 2


class Strips(NamedTuple):
    """Vertices that follow the skin."""

    skin: Tensor
    """(S,), int64: the skin vertex each follows."""

    center: Tensor
    """(S, 3), `scale` stretches the skin vertex's offset from here."""

    scale: Tensor
    """(S, 1)."""

    offset: Tensor
    """(S, 3), added after."""


class _Piece(NamedTuple):
    """Some strips and the faces between them; the surface's own vertices are meaningless."""

    strips: Strips
    surface: Surface


def build_strips(
    shape: Template, eyes: Tensor, lashes: float, beard: tuple[Tensor, Tensor, Surface] | None
) -> tuple[Strips, Surface]:
    """Give edges thickness, cheeks an inside, and lids lashes.

    Args:
        shape: The shared grid.
        eyes: (2, 3), centres of the eyeballs, viewer's left first.
        lashes: Their length, 0..1.
        beard: Skin vertices, offsets from them and the surface of what grows there.
    """
    pieces = [*_lips(shape), _lining(shape), *_lids(shape, eyes)]
    for index in (0, 1):
        pieces.append(_fringe(shape, eyes[index], index, lashes))
        pieces.append(_lashes(shape, eyes[index], index, lashes))
    if beard is not None:
        pieces.append(_Piece(_follow(beard[0], offset=beard[1]), beard[2]))
    columns = zip(*(piece.strips for piece in pieces), strict=True)
    return Strips(*map(torch.cat, columns)), merge([piece.surface for piece in pieces])


def _follow(
    skin: Tensor,
    offset: Tensor | None = None,
    center: Tensor | None = None,
    scale: float | Tensor = 1.0,
) -> Strips:
    count = len(skin)
    nothing = torch.zeros(count, 3)
    return Strips(
        skin,
        nothing if center is None else center.expand(count, 3),
        torch.as_tensor(scale, dtype=torch.float32).expand(count, 1),
        nothing if offset is None else offset.expand(count, 3),
    )


def _lips(shape: Template) -> list[_Piece]:
    """Lips roll inwards, so that their edges have thickness."""
    pieces = []
    for edge, sign in ((shape.upper_lip, 1.0), (shape.lower_lip, -1.0)):
        rolled = [torch.tensor([0.0, sign * up, back]) for up, back, _ in _INSIDE_LIPS]
        offset = torch.cat([step.expand(len(edge), 3) for step in rolled])
        light = torch.tensor(_INSIDE_LIPS)[:, 2:].expand(-1, len(edge))
        surface = _between(light, Swatch.LIP, flip=sign > 0)
        pieces.append(_Piece(_follow(edge.repeat(len(rolled)), offset), surface))
    return pieces


def _lining(shape: Template) -> _Piece:
    """The skin around the mouth from inside: there is no seeing out past a corner of the mouth."""
    _, y, z = shape.vertices.unbind(dim=1)
    around = ((y - SEAM_HEIGHT).abs() < 3.2) & (z > 0.5)
    faces = shape.faces[around[shape.faces].all(dim=1)].flip(1)
    used, faces = torch.unique(faces, return_inverse=True)
    surface = Surface(
        torch.zeros(len(used), 3),
        faces,
        swatch(Swatch.CAVITY).expand(len(used), 2),
        torch.full((len(used),), _LINING_LIGHT),
    )
    return _Piece(_follow(used), surface)


def _lids(shape: Template, eyes: Tensor) -> list[_Piece]:
    """Margins of the lids; that of the lower one is wet and seen from the front."""
    pieces = []
    for lids, is_upper in ((shape.upper_lids, True), (shape.lower_lids, False)):
        for index in (0, 1):
            edge = lids[index]
            count = len(edge)
            middle = torch.linspace(-1, 1, count).square()
            rise = 0.0 if is_upper else 0.06
            inner = torch.stack((0 * middle, rise * (1 - middle), 0 * middle), dim=1)
            strips = _follow(
                edge.repeat(2),
                torch.cat((torch.zeros(count, 3), inner)),
                eyes[index],
                torch.tensor([1.0, 0.93]).repeat_interleave(count)[:, None],
            )
            light = torch.tensor([0.85, 0.65])[:, None].expand(2, count)
            color = Swatch.LASH if is_upper else Swatch.LID
            pieces.append(_Piece(strips, _between(light, color, flip=is_upper)))
    return pieces


def _outwards(count: int, index: int) -> Tensor:
    """(count,): 0 at the inner corner of the eye, 1 at the outer one."""
    share = torch.linspace(0, 1, count)
    return share if index == 1 else share.flip(0)


def _fringe(shape: Template, eye: Tensor, index: int, lashes: float) -> _Piece:
    """The dark line that the roots of the lashes make."""
    edge = shape.upper_lids[index]
    count = len(edge)
    reach = lashes * (0.3 + 0.7 * _outwards(count, index))[:, None]
    zero = torch.zeros(count, 1)
    scale = 1 + torch.cat((zero, 0.07 * reach))
    offset = torch.cat((torch.zeros(count, 3), reach * torch.tensor([0.0, 0.05, 0.0])))
    front = _between(torch.full((2, count), 0.4), Swatch.LASH, flip=True)
    surface = front._replace(faces=torch.cat((front.faces, front.faces.flip(1))))
    return _Piece(_follow(edge.repeat(2), offset, eye, scale), surface)


def _lashes(shape: Template, eye: Tensor, index: int, lashes: float) -> _Piece:
    """Pointed hairs that stand off the eyeball, so that they point down when the lid is shut."""
    margin = shape.upper_lids[index][1:-1]
    edge = margin.repeat_interleave(_LASHES_PER_VERTEX)
    count = len(edge)
    share = _outwards(count, index)
    step = torch.tensor([-0.035, 0.035]).repeat(len(margin))
    half, zero = torch.full((count,), 0.026), torch.zeros(count)
    # Every third is shorter, as lashes are.
    length = lashes * (0.45 + 0.55 * share) * torch.where(torch.arange(count) % 3 == 0, 0.75, 1.0)
    fan = (2 * share - 0.8) * (1.0 if index == 1 else -1.0)
    offset = torch.cat(
        (
            torch.stack((step - half, zero, zero), dim=1),
            torch.stack((step + half, zero, zero), dim=1),
            torch.stack((step + 0.16 * length * fan, 0.1 * length, zero), dim=1),
        )
    )
    scale = torch.cat((torch.ones(2 * count), 1 + 0.26 * length))[:, None]
    corner = torch.arange(count)
    faces = torch.stack((corner, corner + count, corner + 2 * count), dim=1)
    surface = Surface(
        torch.zeros(3 * count, 3),
        torch.cat((faces, faces.flip(1))),
        swatch(Swatch.LASH).expand(3 * count, 2),
        torch.full((3 * count,), 0.4),
    )
    return _Piece(_follow(edge.repeat(3), offset, eye, scale), surface)


def _between(light: Tensor, color: Swatch, *, flip: bool) -> Surface:
    """Faces between rows of strips, one colour."""
    rows, columns = light.shape
    faces = grid_faces(rows, columns)
    count = rows * columns
    return Surface(
        torch.zeros(count, 3),
        faces.flip(1) if flip else faces,
        swatch(color).expand(count, 2),
        light.reshape(-1),
    )
