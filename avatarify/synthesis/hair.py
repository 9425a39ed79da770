"""Hair: a shell over the scalp, and locks that grow from it, fall and lie on the head."""

from dataclasses import dataclass, replace
from typing import NamedTuple

import torch
from torch import Tensor

from avatarify.synthesis import atlas, sculpture
from avatarify.synthesis.brush import noise
from avatarify.synthesis.identity import Identity
from avatarify.synthesis.regions import scalp_depth
from avatarify.synthesis.surface import Surface, ball, grid_faces, merge, sheet, tube
from avatarify.synthesis.template import Template


@dataclass(frozen=True, slots=True)
class HairStyle:
    """How one kind of hair is cut and combed; lengths in centimetres."""

    shell: float
    """Thickness of the shell over the scalp."""

    locks: int = 0
    """Number of locks."""

    length: tuple[float, float] = (4.0, 6.0)
    """Shortest and longest lock."""

    width: float = 1.0
    """Half width of a lock."""

    back: float = 0.0
    """How much hair is combed to the back."""

    sideways: float = 1.0
    """How much it leaves the parting."""

    lift: float = 0.8
    """How high the locks lie over the scalp."""

    gravity: float = 1.0
    cling: float = 0.3
    """How strongly locks are drawn to the head."""

    curl: float = 0.0
    """Radius of the curls."""

    rooted: float = 0.0
    """Where locks leave the shell: 0 at the skin, 1 at its surface."""

    fringe: int = 0
    """Locks that fall over the forehead."""

    bun: float = 0.0
    """Radius of a knot on top."""

    lumps: float = 0.5
    """Unevenness of the shell."""


STYLES: dict[str, HairStyle] = {
    "short": HairStyle(
        0.8, 170, (2.2, 3.8), 0.8, back=-0.6, sideways=0.5, lift=0.9, gravity=0.4, cling=0.8
    ),
    "swept": HairStyle(
        1.2, 170, (5.0, 7.5), 0.9, back=1.3, sideways=0.6, lift=1.5, gravity=0.35, cling=1.0
    ),
    "bob": HairStyle(0.9, 280, (13.0, 15.5), 0.85, back=0.15, sideways=1.4, lift=1.2, cling=0.5),
    "fringe": HairStyle(0.9, 260, (12.0, 14.5), 0.9, lift=1.1, fringe=30, cling=0.5),
    "long": HairStyle(0.9, 320, (21.0, 27.0), 0.85, back=0.2, sideways=1.4, lift=1.1, cling=0.5),
    "wavy": HairStyle(
        0.9, 180, (18.0, 23.0), 1.15, back=0.2, sideways=1.4, lift=1.3, curl=0.55, cling=0.5
    ),
    "curly": HairStyle(1.2, 230, (4.5, 7.5), 0.75, back=0.2, lift=1.8, gravity=0.45, curl=0.85),
    "afro": HairStyle(
        3.6, 640, (1.0, 1.7), 0.6, sideways=0.0, lift=4.0, gravity=0.0, cling=1.0, curl=0.35,
        rooted=0.85, lumps=0.15,
    ),
    "bun": HairStyle(
        0.6, 70, (5.0, 7.0), 0.9, back=1.4, sideways=0.2, lift=0.6, gravity=0.1, bun=3.3, cling=1.0
    ),
}  # fmt: skip
"""By the names in `Identity.hair_style`."""


class _Scalp(NamedTuple):
    """One head that hair grows on."""

    identity: Identity
    style: HairStyle
    template: Template
    rest: Tensor
    """(V, 3), the person's skin."""

    normals: Tensor
    """(V, 3), of the skin."""


class _Locks(NamedTuple):
    """Locks before they fall, (N, ...)."""

    start: Tensor
    """(N, 3)."""

    normal: Tensor
    """(N, 3), of the skin at the root."""

    length: Tensor
    layer: Tensor
    """How high each lies over the head."""

    draws: Tensor
    """(N, 6), random, 0..1."""

    is_fringe: Tensor
    """1 where it falls over the forehead."""


_STEPS = 14
_CORNERS = 6


def grow(
    identity: Identity, template: Template, rest: Tensor, normals: Tensor, *, fine: bool
) -> Surface | None:
    """Hair for one head, in its head space; None when there is none to see.

    Args:
        identity: Style, colour and volume.
        template: The shared grid.
        rest: (V, 3), the person's skin.
        normals: (V, 3), of the skin.
        fine: Three times as many locks, thinner and smoother, for portraits.
    """
    style = STYLES.get(identity.hair_style)
    if style is None:
        return None
    if fine:
        thin = 0.72 if style.length[1] < 10 else 0.88
        style = replace(style, locks=round(1.6 * style.locks), width=thin * style.width)
    else:
        style = replace(style, locks=round(0.55 * style.locks), width=1.3 * style.width)
    generator = torch.Generator().manual_seed(identity.seed + 1)
    scalp = _Scalp(identity, style, template, rest, normals)
    pieces = [_shell(scalp, generator)]
    if style.locks:
        pieces.append(_hang(scalp, generator, fine=fine))
    if style.bun:
        pieces.append(_bun(identity, style, generator))
    return merge(pieces)


def _shell(scalp: _Scalp, generator: torch.Generator) -> Surface:
    """The grid's rows above the hairline, lifted off the skull."""
    identity, style, template, rest, normals = scalp
    grid = template.grid
    points = template.vertices[grid]
    depth = scalp_depth(points[..., 0], points[..., 1], points[..., 2], identity.hairline)
    rows, columns = grid.shape
    depth = depth + 0.7 * (noise((rows // 6, columns // 2), None, generator, (rows, columns)) - 0.5)
    fine = 3 if identity.hair_style == "afro" else 8
    lumps = noise((rows // fine, columns // fine * 2), None, generator, (rows, columns)) - 0.5
    inside = _swell(depth, style)
    height = identity.hair_volume * style.shell * (1 + style.lumps * lumps)
    # Outside the hairline the shell hides under the skin, so that it meets it in a soft line.
    lift = torch.where(depth > 0, inside * height, 0.4 * depth.clamp(min=-0.6))
    vertices = rest[grid] + lift[..., None] * normals[grid]
    across = torch.linspace(0, 5, columns).expand(rows, columns)
    across = (across - across.floor() - 0.5).abs() * 2
    along = torch.linspace(0, 1.5, rows)[:, None].expand(rows, columns).clamp(max=1)
    faces = grid_faces(rows, columns)
    faces = faces[(depth.reshape(-1)[faces] > -0.6).any(dim=1)]
    light = (0.4 + 0.5 * inside) * (0.85 + 0.5 * lumps)
    return Surface(
        vertices.reshape(-1, 3),
        faces,
        atlas.HAIR.place(torch.stack((across, along), dim=-1)).reshape(-1, 2),
        light.clamp(0, 1).reshape(-1),
    )


def _swell(depth: Tensor, style: HairStyle) -> Tensor:
    """Share of the shell's thickness so far inside the hairline, 0..1."""
    return 1 - (1 - (depth / (1.6 + style.shell)).clamp(0, 1)).square()


def _hang(scalp: _Scalp, generator: torch.Generator, *, fine: bool) -> Surface:
    """All locks, combed."""
    identity, style, template, rest, normals = scalp
    roots = _roots(identity, style, template, generator)
    front = _fringe_roots(identity, template, style.fringe, generator)
    is_fringe = torch.cat((torch.zeros(len(roots)), torch.ones(len(front))))
    roots = torch.cat((roots, front))
    draws = torch.rand(len(roots), 6, generator=generator)
    length = style.length[0] + (style.length[1] - style.length[0]) * draws[:, 0]
    length = torch.where(is_fringe > 0.5, 5.2 + 1.2 * draws[:, 0], length)
    layer = identity.hair_volume * style.lift * (0.25 + 0.75 * draws[:, 1])
    # Short hair starts on the shell, which thins out towards the hairline.
    points = template.vertices[roots]
    depth = scalp_depth(points[:, 0], points[:, 1], points[:, 2], identity.hairline)
    shell = identity.hair_volume * style.shell * _swell(depth, style)
    start = rest[roots] + (style.rooted * shell)[:, None] * normals[roots]
    if style.length[1] < 10 and not style.curl:
        # Cut shorter towards ears and neck, where longer locks would hang loose.
        length = length * ((points[:, 1] + 3.5) / 6.5).clamp(0.4, 1)
    if style.rooted:
        layer = shell * (0.8 + 0.4 * draws[:, 1])
    locks = _Locks(start, normals[roots], length, layer, draws, is_fringe)
    path, outward = _fall(locks, style, identity.parting)
    if fine and style.length[1] > 4:
        path, outward = _refine(path), _refine(outward)
    if style.curl:
        path = _curl(path, outward, style.curl, draws)
    return _ribbons(path, outward, style.width, draws)


def _roots(
    identity: Identity, style: HairStyle, template: Template, generator: torch.Generator
) -> Tensor:
    """(N,) skin vertices inside the hairline, spread evenly."""
    points = template.vertices
    depth = scalp_depth(points[:, 0], points[:, 1], points[:, 2], identity.hairline)
    nape = -20.0 if style.length[1] > 10 else -2.0
    candidates = ((depth > 0.15) & (points[:, 1] > nape)).nonzero()[:, 0]
    order = torch.randperm(len(candidates), generator=generator)[:2400]
    return _spread(candidates[order], points, style.locks)


def _fringe_roots(
    identity: Identity, template: Template, count: int, generator: torch.Generator
) -> Tensor:
    """(count,) skin vertices just behind the hairline over the forehead."""
    points = template.vertices
    depth = scalp_depth(points[:, 0], points[:, 1], points[:, 2], identity.hairline)
    near = (depth > 0.2) & (depth < 2.2) & (points[:, 0].abs() < 5.5) & (points[:, 2] > 3)
    candidates = near.nonzero()[:, 0]
    order = torch.randperm(len(candidates), generator=generator)[:600]
    return _spread(candidates[order], points, count)


def _spread(candidates: Tensor, points: Tensor, count: int) -> Tensor:
    """Farthest-point sampling."""
    if count == 0:
        return candidates[:0]
    places = points[candidates]
    chosen = [0]
    nearest = (places - places[0]).norm(dim=1)
    for _ in range(min(count, len(candidates)) - 1):
        chosen.append(int(nearest.argmax()))
        nearest = torch.minimum(nearest, (places - places[chosen[-1]]).norm(dim=1))
    return candidates[chosen]


def _fall(locks: _Locks, style: HairStyle, parting: float) -> tuple[Tensor, Tensor]:
    """Let locks grow step by step: comb, gravity, and the head that they cannot enter.

    Returns:
        Paths and outward directions, (N, steps, 3) each.
    """
    start, normal, length, layer, draws, is_fringe = locks
    side = torch.tanh((start[:, 0] - 3.0 * parting) / 0.7)
    step = (length / (_STEPS - 1))[:, None]
    point, direction = start + 0.1 * normal, normal.clone()
    path, outward = [point], [normal]
    for index in range(_STEPS - 1):
        room, away = _surroundings(point)
        top = away[:, 1].clamp(0, 1)
        face = is_fringe * 0.9
        comb = torch.stack(
            (
                style.sideways * side * top * (1 - 0.6 * face) + 0.25 * face * side,
                -style.gravity * (1.05 - 0.8 * top) - 0.8 * face,
                -style.back * (0.35 + top) * (1 - face) * ((point[:, 2] + 6) / 6).clamp(0, 1)
                + 0.7 * face * top,
            ),
            dim=1,
        )
        comb = comb + 0.22 * (draws[:, 2:5] - 0.5)
        inwards = ((point[:, 0].abs() - 6.5) / 2).clamp(0, 1) * ((point[:, 1] + 11) / 3).clamp(
            -0.6, 1
        )
        comb[:, 0] -= 0.35 * point[:, 0].sign() * inwards
        lack = (layer - room)[:, None]
        along = comb - (comb * away).sum(1, keepdim=True).clamp(max=0) * away
        comb = torch.where(lack > -0.3, along, comb)
        comb = comb / comb.norm(dim=1, keepdim=True).clamp(min=1e-6)
        share = 0.6 if index == 0 else 0.7
        direction = (
            (1 - share) * direction + share * comb + 0.5 * lack.clamp(-style.cling, 1.0) * away
        )
        direction = direction / direction.norm(dim=1, keepdim=True).clamp(min=1e-6)
        point = point + step * direction
        room, away = _surroundings(point)
        point = point + (0.85 * layer - room).clamp(min=0)[:, None] * away
        point = _clear_face(point, is_fringe)
        path.append(point)
        outward.append(away)
    return torch.stack(path, dim=1), torch.stack(outward, dim=1)


def _surroundings(point: Tensor) -> tuple[Tensor, Tensor]:
    """Distance to the head (N,) and the direction away from it (N, 3)."""
    nudge = 0.05 * torch.eye(3)
    around = torch.cat((point[:, None] + nudge, point[:, None] - nudge), dim=1)
    values = sculpture.distance(around)
    slope = values[:, :3] - values[:, 3:]
    return sculpture.distance(point), slope / slope.norm(dim=1, keepdim=True).clamp(min=1e-6)


def _clear_face(point: Tensor, is_fringe: Tensor) -> Tensor:
    """Keep hair beside the face, and in front of the shoulders where it reaches them."""
    x, y, z = point.unbind(dim=1)
    before = ((z - 1.0) / 2.5).clamp(0, 1) * (1 - is_fringe)
    edge = 6.2 * ((8.6 - y) / 5.5).clamp(0, 1) - 0.12 * (-6 - y).clamp(min=0)
    lack = (edge - x.abs()).clamp(min=0)
    x = x + 0.75 * before * lack * torch.where(x >= 0, 1.0, -1.0)
    return torch.stack((x, y, z), dim=1)


def _refine(path: Tensor) -> Tensor:
    """Twice as many points along smooth curves through the old ones: (N, 2 steps - 1, 3)."""
    before = torch.cat((path[:, :1], path[:, :-2]), dim=1)
    after = torch.cat((path[:, 2:], path[:, -1:]), dim=1)
    middle = (9 * (path[:, :-1] + path[:, 1:]) - before - after) / 16
    pairs = torch.stack((path[:, :-1], middle), dim=2).flatten(1, 2)
    return torch.cat((pairs, path[:, -1:]), dim=1)


def _curl(path: Tensor, outward: Tensor, radius: float, draws: Tensor) -> Tensor:
    """Wind the locks."""
    ahead = torch.diff(path, dim=1)
    ahead = torch.cat((ahead, ahead[:, -1:]), dim=1)
    travelled = ahead.norm(dim=-1).cumsum(dim=1)
    second = torch.linalg.cross(ahead, outward)
    second = second / second.norm(dim=-1, keepdim=True).clamp(min=1e-6)
    phase = travelled * 1.25 + 6.28 * draws[:, 5:6]
    grown = torch.linspace(0, 1, path.shape[1])[None] ** 0.6 * radius
    swing = (grown * phase.cos())[..., None] * second + (grown * phase.sin())[..., None] * outward
    return path + swing


def _ribbons(path: Tensor, outward: Tensor, width: float, draws: Tensor) -> Surface:
    """Flattened tubes with pointed ends."""
    count = len(path)
    ahead = torch.diff(path, dim=1)
    ahead = torch.cat((ahead, ahead[:, -1:]), dim=1)
    across = torch.linalg.cross(ahead, outward)
    steps = path.shape[1]
    along = torch.linspace(0, 1, steps)
    taper = (0.45 + 2.5 * along).clamp(max=1) * (1 - along**4).clamp(min=0.01) ** 0.6
    half = width * (0.7 + 0.6 * draws[:, 4:5]) * taper
    radii = torch.stack((half, 0.42 * half), dim=-1)
    rings = tube(path, across, radii, _CORNERS)
    # Seen from outside, columns must run to the right where rows run down the lock.
    rings = rings.flip(2)
    turn = torch.linspace(0, 1, _CORNERS + 1)
    u = (0.25 * turn + 0.75 * draws[:, 5:6])[:, None].expand(count, steps, _CORNERS + 1)
    v = along[None, :, None].expand(count, steps, _CORNERS + 1)
    place = atlas.HAIR.place(torch.stack((u, v), dim=-1))
    light = (0.55 + 0.45 * along) * (0.78 + 0.22 * draws[:, 3:4])
    return merge(
        [
            sheet(rings[index], place[index], light[index][:, None].expand(-1, _CORNERS + 1))
            for index in range(count)
        ]
    )


def _bun(identity: Identity, style: HairStyle, generator: torch.Generator) -> Surface:
    """A wound knot."""
    directions, _, turn = ball(18, 40)
    swirl = 0.08 * torch.sin(5 * turn + 9 * directions[..., 2])
    radius = style.bun * (0.75 + 0.25 * identity.hair_volume)
    grid = directions * (radius * (1 + swirl))[..., None] * torch.tensor([1.0, 0.85, 1.0])
    grid = grid + torch.tensor([0.0, 12.6, -3.2])
    u = (turn / 6.2832 * 3 % 1).expand(18, -1)
    v = torch.rand((), generator=generator) * 0.2 + 0.8 * (directions[..., 2] * 0.5 + 0.5)
    light = 0.7 + 0.3 * directions[..., 1].clamp(-1, 1) + 2 * swirl
    return sheet(grid, atlas.HAIR.place(torch.stack((u, v.clamp(0, 1)), -1)), light.clamp(0.3, 1))
