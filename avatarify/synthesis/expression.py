"""What a face does: names of the expression parameters, and how they move the skin."""

import math
from typing import NamedTuple

import torch
from torch import Tensor

from avatarify.synthesis.sculpture import SEAM_HEIGHT
from avatarify.synthesis.template import Template

EXPRESSION_NAMES: tuple[str, ...] = (
    "smile_left",
    "smile_right",
    "wide",
    "pucker",
    "frown",
    "upper_lip",
    "lower_lip",
    "press",
    "cheek_puff",
    "brow_inner",
    "brow_outer_left",
    "brow_outer_right",
    "brow_down",
    "jaw_side",
    "jaw_open",
    "blink_left",
    "blink_right",
    "wide_eyes",
    "squint",
    "gaze_x",
    "gaze_y",
)
"""Order of the columns of `Motion.expression`. Left and right are the person's own (left is on the
viewer's right). All run 0..1 except jaw_side, gaze_x and gaze_y (-1..1; positive is towards the
viewer's right and up)."""

_LINEAR = EXPRESSION_NAMES[: EXPRESSION_NAMES.index("jaw_open")]
_JAW_PIVOT_HEIGHT = -1.5
_JAW_PIVOT_DEPTH = 0.5
_JAW_RANGE = math.radians(20)
_UPPER_LID_END = math.radians(52)
_LOWER_LID_END = math.radians(-58)
_LOWER_LID_RISE = 0.4
"""How far the lower lid rises to the closed line in a blink."""


class Lids(NamedTuple):
    """How a person's lids rest."""

    upper: float
    """How far the upper lid opens above the closed line, radians around the eyeball."""

    lower: float
    """How far the lower lid opens below it."""

    tilt: float
    """How much higher the outer corner is, radians."""

    crease: float
    """Depth of the fold above the upper lid, 0..1."""


class Rig(NamedTuple):
    """Everything about one head that its expressions need, (V, ...) over the skin vertices."""

    rest: Tensor
    """(V, 3): lips and lids closed."""

    basis: Tensor
    """(K, V, 3): displacement for a full linear expression."""

    jaw: Tensor
    """(V,): share of the jaw's rotation, 0..1."""

    eyes: Tensor
    """(2, 3): centres of the eyeballs, viewer's left first."""

    lid_vertices: tuple[Tensor, Tensor]
    """(N,) int64 each: vertices of the two eye regions."""

    lid_fraction: tuple[Tensor, Tensor]
    """(N,) each: -1..1 from the viewer's left corner of the eye to its right one."""

    lid_upper: tuple[Tensor, Tensor]
    """(N,) each: 1 on the upper lid, 0 on the lower."""

    lid_closed: tuple[Tensor, Tensor]
    """(N,) each: elevation of the closed margin in the vertex's column, radians."""

    lids: Lids
    """The open position."""

    def to(self, device: torch.device | str) -> "Rig":
        """The rig on another device."""

        def move(pair: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor]:
            return pair[0].to(device), pair[1].to(device)

        return Rig(
            self.rest.to(device), self.basis.to(device), self.jaw.to(device), self.eyes.to(device),
            move(self.lid_vertices), move(self.lid_fraction), move(self.lid_upper),
            move(self.lid_closed), self.lids,
        )  # fmt: skip


def build_rig(template: Template, rest: Tensor, eyes: Tensor, lids: Lids) -> Rig:
    """Prepare a head for `deform`.

    Args:
        template: The shared grid.
        rest: (V, 3), the person's skin, closed.
        eyes: (2, 3), the person's eye centres.
        lids: Where the lids rest when open.
    """
    points, side = template.vertices, template.side
    regions = [_lid_region(template, rest, eyes[index], index) for index in (0, 1)]
    vertices, fraction, upper, closed = zip(*regions, strict=True)
    return Rig(
        rest, _basis(points, side), jaw_share(points, side), eyes,
        (vertices[0], vertices[1]), (fraction[0], fraction[1]), (upper[0], upper[1]),
        (closed[0], closed[1]), lids,
    )  # fmt: skip


def deform(rig: Rig, expression: Tensor) -> Tensor:
    """Move the skin.

    Args:
        rig: One head.
        expression: (B, K), in the order of `EXPRESSION_NAMES`.

    Returns:
        (B, V, 3), head space.
    """
    linear = torch.einsum("bk,kvc->bvc", expression[:, : len(_LINEAR)], rig.basis)
    skin = rig.rest + linear
    for index in (0, 1):
        skin[:, rig.lid_vertices[index]] += _lid_motion(rig, expression, index)
    return open_jaw(skin, rig.jaw, expression)


def open_jaw(points: Tensor, share: Tensor, expression: Tensor) -> Tensor:
    """Turn points about the jaw joint.

    Args:
        points: (B, N, 3) or (N, 3).
        share: (N,), how much of the rotation a point takes part in.
        expression: (B, K).
    """
    amount = expression[:, EXPRESSION_NAMES.index("jaw_open"), None]
    angle = amount * _JAW_RANGE * share
    y, z = points[..., 1] - _JAW_PIVOT_HEIGHT, points[..., 2] - _JAW_PIVOT_DEPTH
    sine, cosine = angle.sin(), angle.cos()
    x = points[..., 0].expand_as(angle)
    return torch.stack(
        (
            x,
            y * cosine - z * sine + _JAW_PIVOT_HEIGHT,
            y * sine + z * cosine + _JAW_PIVOT_DEPTH,
        ),
        dim=-1,
    )


def jaw_share(points: Tensor, side: Tensor) -> Tensor:
    """(V,): 1 on the lower lip and chin, 0 on the upper lip, blended across the cheeks."""
    x, y, z = points.unbind(dim=1)
    drop = SEAM_HEIGHT - y
    below = torch.where((side != 0) & (drop.abs() < 0.5), -side, drop.sign())
    # Lips part in the shape of half an ellipse: they stay together at the corners.
    parting = (1 - (x / 2.42).square()).clamp(min=0).sqrt()
    reach = 0.35 + 0.9 * (x.abs() - 2.0).clamp(min=0)
    share = 0.5 + 0.5 * below * (parting + (1 - parting) * _smoothstep(drop.abs() / reach / 1.5))
    throat = _smoothstep((y + 15.0) / 3.5)
    back = _smoothstep((z + 1.5) / 4.0)
    return share * throat * back


def _basis(points: Tensor, side: Tensor) -> Tensor:
    """(K, V, 3): the linear expressions, in the order of `_LINEAR`."""
    x, y, z = points.unbind(dim=1)
    zero = torch.zeros_like(x)
    outward = torch.tanh(x / 0.4)
    left, right = torch.sigmoid(x / 0.5), torch.sigmoid(-x / 0.5)
    ramp = (x.abs() / 2.4).clamp(max=1)
    beyond = (x.abs() - 2.4).clamp(min=0)
    height = y - SEAM_HEIGHT
    front = _smoothstep((z - 3.0) / 4.0)
    mouth = torch.exp(-((height / 1.9) ** 2)) * torch.exp(-((beyond / 1.5) ** 2)) * front
    lips = torch.exp(-((height / 1.0) ** 2)) * torch.exp(-((beyond / 0.7) ** 2)) * front

    def blob(center: tuple[float, float, float], sigma: float) -> Tensor:
        half = torch.stack((x.abs(), y, z), dim=1)
        return torch.exp(-(half - points.new_tensor(center)).square().sum(1) / (2 * sigma**2))

    cheek = blob((4.1, -3.4, 7.2), 1.5)
    fold = blob((3.1, -5.0, 8.4), 0.55)
    smile = torch.stack(
        (
            outward * (0.6 * ramp * mouth + 0.12 * cheek),
            0.85 * ramp.square() * mouth + 0.42 * cheek,
            -0.55 * ramp.square() * mouth - 0.12 * lips + 0.3 * cheek - 0.16 * fold,
        ),
        dim=1,
    )
    above, below = (height >= 0) & (side >= 0), (height <= 0) & (side <= 0)
    middle = (1 - ramp.square()) * lips
    fields: dict[str, Tensor | tuple[Tensor, ...]] = {
        "smile_left": smile * left[:, None],
        "smile_right": smile * right[:, None],
        "wide": (outward * 0.6 * ramp * mouth, zero, -0.35 * ramp.square() * mouth),
        "pucker": (
            -outward * 0.95 * ramp * mouth,
            0.16 * torch.tanh(height / 0.4) * lips,
            (0.75 - 0.2 * ramp) * lips,
        ),
        "frown": (0.1 * outward * ramp * mouth, -0.75 * ramp**3 * mouth, -0.1 * ramp * mouth),
        "upper_lip": (zero, 0.45 * middle * above, 0.08 * middle * above),
        "lower_lip": (zero, -0.5 * middle * below, 0.06 * middle * below),
        "press": (zero, -0.22 * torch.tanh(height / 0.5) * lips, -0.25 * lips),
        "cheek_puff": torch.stack((outward * 0.9, zero, zero + 0.5), 1)
        * blob((4.4, -6.3, 6.6), 1.6)[:, None],
        "brow_inner": (zero, 0.8 * blob((1.3, 2.9, 8.2), 1.2), 0.05 * blob((1.3, 2.9, 8.2), 1.2)),
        "brow_outer_left": (zero, 0.8 * blob((4.0, 3.0, 7.0), 1.5) * left, zero),
        "brow_outer_right": (zero, 0.8 * blob((4.0, 3.0, 7.0), 1.5) * right, zero),
        "brow_down": (
            -outward * 0.25 * blob((1.6, 2.3, 8.0), 1.2),
            -0.6 * blob((2.0, 2.5, 8.0), 1.5),
            0.15 * blob((1.0, 2.0, 8.2), 0.9),
        ),
        "jaw_side": (0.55 * jaw_share(points, side), zero, zero),
    }
    stacked = [
        field if isinstance(field, Tensor) else torch.stack(field, dim=1)
        for field in (fields[name] for name in _LINEAR)
    ]
    return torch.stack(stacked)


def _lid_region(
    template: Template, rest: Tensor, eye: Tensor, index: int
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Vertices whose columns pass through the slit and that lie in front of the eyeball."""
    margin = template.upper_lids[index]
    columns = template.coordinates[margin, 0]
    first, last = columns[0], columns[-1]
    offset = rest - eye
    elevation = torch.atan2(offset[:, 1], offset[:, 2])
    inside = (
        (template.coordinates[:, 0] >= first - 1e-6)
        & (template.coordinates[:, 0] <= last + 1e-6)
        & (offset[:, 2] > 0)
        & (elevation < _UPPER_LID_END)
        & (elevation > _LOWER_LID_END)
    )
    vertices = inside.nonzero()[:, 0]
    column = (template.coordinates[vertices, 0] - first) / (last - first) * (len(margin) - 1)
    column = column.round().long()
    x = template.vertices[margin, 0]
    fraction = (2 * (x - x[0]) / (x[-1] - x[0]) - 1)[column]
    row = template.coordinates[vertices, 1] - template.coordinates[margin[0], 1]
    below = (row > 1e-5) | ((row.abs() < 1e-5) & (template.side[vertices] < 0))
    closed = elevation[margin][column]
    return vertices, fraction, (~below).float(), closed


def lid_margins(
    rig: Rig, expression: Tensor, index: int, fraction: Tensor
) -> tuple[Tensor, Tensor]:
    """How far both lids stand from the closed line.

    Args:
        rig: One head.
        expression: (B, K).
        index: 0 for the eye on the viewer's left (the person's right).
        fraction: (N,), place along the eye, see `Rig.lid_fraction`.

    Returns:
        Upper and lower offsets in radians around the eyeball, (B, N), up positive.
    """

    def value(name: str) -> Tensor:
        return expression[:, EXPRESSION_NAMES.index(name), None]

    blink = value("blink_right" if index == 0 else "blink_left")
    smile = value("smile_right" if index == 0 else "smile_left")
    outer = fraction if index == 1 else -fraction
    skewed = (outer + 0.14 * (1 - outer.square())).clamp(-1, 1)
    arch = (1 - skewed.abs() ** 2.3).clamp(min=0) ** 0.72
    trough = (1 - outer.square()).clamp(min=0) ** 0.85
    squint = value("squint").clamp(0, 1)
    upper = rig.lids.upper * (1 + 0.22 * value("wide_eyes")) * (1 - 0.35 * squint)
    up, down = value("gaze_y").clamp(min=0), value("gaze_y").clamp(max=0)
    upper = upper + math.radians(9) * up + math.radians(16) * down
    lower = rig.lids.lower * (1 - 0.55 * squint - 0.35 * smile)
    lower = lower - math.radians(3) * up - math.radians(6) * down
    tilt = rig.lids.tilt * outer * (1 - 0.3 * blink)
    # The upper lid comes down to the lower one, which rises only a little.
    floor = -lower * (1 - _LOWER_LID_RISE * blink) * trough
    return floor + (1 - blink) * (upper * arch - floor) + tilt, floor + tilt


def _lid_motion(rig: Rig, expression: Tensor, index: int) -> Tensor:
    """(B, N, 3): displacement of the eye region from closed to where the lids are now."""
    offset = rig.rest[rig.lid_vertices[index]] - rig.eyes[index]
    y, z = offset[:, 1], offset[:, 2]
    radius, elevation = (y.square() + z.square()).sqrt(), torch.atan2(y, z)
    fraction, closed = rig.lid_fraction[index], rig.lid_closed[index]
    is_upper = rig.lid_upper[index]
    upper, lower = lid_margins(rig, expression, index, fraction)
    up_share = ((elevation - closed) / (_UPPER_LID_END - closed)).clamp(0, 1)
    down_share = ((elevation - closed) / (_LOWER_LID_END - closed)).clamp(0, 1)
    turned = torch.where(
        is_upper > 0.5,
        elevation + upper * (1 - up_share),
        elevation + lower * (1 - down_share),
    )
    openness = (upper / math.radians(30)).clamp(0, 1)
    fold = torch.exp(-(((up_share - 0.42) / 0.16) ** 2)) * is_upper
    radius = radius - 0.16 * rig.lids.crease * fold * openness
    moved_y, moved_z = radius * turned.sin(), radius * turned.cos()
    return torch.stack((torch.zeros_like(moved_y), moved_y - y, moved_z - z), dim=-1)


def _smoothstep(value: Tensor) -> Tensor:
    value = value.clamp(0, 1)
    return value.square() * (3 - 2 * value)
