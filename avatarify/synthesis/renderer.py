"""Pictures of figures, with everything that is known exactly about them."""

from typing import NamedTuple

import torch
import torch.nn.functional as F  # noqa: N812 - the field's own name for it
from torch import Tensor

from avatarify.synthesis.backdrop import backdrop
from avatarify.synthesis.figure import (
    Figure,
    eye_light,
    head_rotation,
    mouth_light,
    pose,
    resting_skin,
)
from avatarify.synthesis.identity import Identity
from avatarify.synthesis.landmarks import SKIN_LANDMARKS, attachments, locate
from avatarify.synthesis.lighting import cast_shadows, highlight, illuminate, key_direction
from avatarify.synthesis.motion import Motion
from avatarify.synthesis.rasterizer import Fragments, interpolate, rasterize
from avatarify.synthesis.surface import smooth_normals

FRAME_SIDE = 33.0
"""Side of the picture at the depth of the face, centimetres, for a framing of 1."""

FRAME_CENTER = (0.0, -2.4)
"""What the middle of the picture shows, head space (x, y)."""

_FACE_DEPTH = 6.0

Size = int | tuple[int, int]
"""Side of a square picture, or (height, width)."""


class Rendering(NamedTuple):
    """A batch of pictures and their ground truth."""

    image: Tensor
    """(B, 3, H, W), RGB, 0..1."""

    mask: Tensor
    """(B, 1, H, W): share of the pixel that the figure covers."""

    landmarks: Tensor
    """(B, 478, 3): mediapipe's points, (x, y) in pixels, (0, 0) being the picture's corner, and
    the depth in the scale of x, less being nearer, 0 on average as mediapipe has it. They are fixed
    places on the skin, given also where they are hidden."""

    screen: Tensor
    """(B, V, 3): vertices, x and y in pixels ((0, 0) is the corner of the picture), z the
    distance from the camera in centimetres."""

    figure: Figure
    """Who is shown."""


def render(figure: Figure, motion: Motion, size: Size, supersampling: int = 2) -> Rendering:
    """Draw one person in a batch of poses.

    Args:
        figure: Whom to draw.
        motion: What they do, B frames.
        size: Height and width of the picture, or the side of a square.
        supersampling: Samples along each side of a pixel.
    """
    height, width = extent(size)
    points = pose(figure, motion)
    screen = project(figure.identity, points, motion, size)
    scaled = screen * screen.new_tensor([supersampling, supersampling, 1.0])
    fragments = rasterize(scaled, figure.faces, height * supersampling, width * supersampling)
    color = _shade(figure, motion, points, fragments)
    cover = (fragments.face >= 0).to(color.dtype)[:, None]
    color = F.avg_pool2d(color * cover, supersampling)
    mask = F.avg_pool2d(cover, supersampling)
    behind = backdrop(figure.identity, height, width).to(color.device)
    linear = (color + (1 - mask) * behind) * figure.identity.exposure
    tied = attachments(len(figure.strips.skin), screen.device)
    landmarks = _with_depth(locate(screen, tied), figure.identity, motion, height)
    return Rendering(_develop(linear), mask, landmarks, screen, figure)


def render_room(identity: Identity, size: Size) -> Tensor:
    """Return what is behind a person, (1, 3, H, W) in 0..1, as `render` shows it around them."""
    height, width = extent(size)
    return _develop(backdrop(identity, height, width) * identity.exposure)


def _with_depth(points: Tensor, identity: Identity, motion: Motion, height: int) -> Tensor:
    """Centimetres from the camera to pixels behind the middle of the face, (B, 478, 3)."""
    focal = _focal(identity, motion, height)
    middle = points[:, :SKIN_LANDMARKS, 2].mean(dim=1, keepdim=True)
    depth = (points[..., 2] - middle) * focal / middle
    return torch.cat((points[..., :2], depth[..., None]), dim=-1)


def project(identity: Identity, points: Tensor, motion: Motion, size: Size) -> Tensor:
    """Camera projection of (B, V, 3) points to (B, V, 3): pixels, and distance from the camera.

    A wide picture shows what a square of its height shows, and more on both sides.
    """
    height, width = extent(size)
    depth = identity.camera_distance - points[..., 2]
    focal = _focal(identity, motion, height)
    x = (points[..., 0] - FRAME_CENTER[0]) * focal / depth
    y = (FRAME_CENTER[1] - points[..., 1]) * focal / depth
    shift = motion.translation * height + motion.translation.new_tensor([width / 2, height / 2])
    return torch.stack((x + shift[:, :1], y + shift[:, 1:], depth), dim=-1)


def _focal(identity: Identity, motion: Motion, height: int) -> Tensor:
    """(B, 1): pixels of a centimetre that is a centimetre away."""
    side = FRAME_SIDE * identity.framing
    return height * (identity.camera_distance - _FACE_DEPTH) / side * motion.scale[:, None]


def extent(size: Size) -> tuple[int, int]:
    """Height and width of a picture whose size may be the side of a square."""
    return (size, size) if isinstance(size, int) else size


def _shade(figure: Figure, motion: Motion, points: Tensor, fragments: Fragments) -> Tensor:
    """(B, 3, H, W), linear light."""
    identity = figure.identity
    normals = smooth_normals(points, figure.faces)
    openness, shadow = _visibility(figure, motion, points)
    light = illuminate(identity, normals, openness, figure.soft, shadow)
    batch, count = points.shape[:2]
    attributes = torch.cat(
        (figure.coordinates.expand(batch, count, 2), light.diffuse, normals, light.key), dim=-1
    )
    pixels = interpolate(fragments, figure.faces, attributes)
    grid = pixels[..., :2] * 2 - 1
    paint = F.grid_sample(
        figure.texture.expand(batch, -1, -1, -1), grid, align_corners=False, padding_mode="border"
    ).permute(0, 2, 3, 1)
    shine = highlight(pixels[..., 5:8], identity, paint[..., 3:4], paint[..., 4:5], pixels[..., 8:])
    return (paint[..., :3] * pixels[..., 2:5] + shine).permute(0, 3, 1, 2)


def _visibility(figure: Figure, motion: Motion, points: Tensor) -> tuple[Tensor, Tensor]:
    """(B, V) each: openness to the surroundings, and to the key light."""
    device = figure.light.device
    batch = len(motion.scale)
    openness = figure.light.expand(batch, -1).clone()
    skin_count = len(figure.rig.rest)
    first = skin_count + len(figure.strips.skin)
    openness[:, first : first + 2 * len(figure.eyeball)] *= eye_light(figure, motion.expression)
    within, entering = mouth_light(figure, points, motion.rotation_deg)
    openness[:, within] *= entering
    rotation = head_rotation(motion.rotation_deg)
    toward = key_direction(figure.identity).to(device) @ rotation
    resting, normals = (part.to(device) for part in resting_skin())
    shadow = torch.ones_like(openness)
    shadow[:, :skin_count] = cast_shadows(resting, normals, toward)
    inner = figure.light[skin_count:].expand(batch, -1)
    shadow[:, skin_count:] = torch.where(inner < 0.999, inner, 1.0)
    shadow[:, within] = openness[:, within]
    shadow[:, first : first + 2 * len(figure.eyeball)] = openness[
        :, first : first + 2 * len(figure.eyeball)
    ]
    return openness, shadow


def _develop(linear: Tensor) -> Tensor:
    """Linear light to display values, with highlights rolled off."""
    rolled = linear / (1 + 0.25 * linear.clamp(min=0).square())
    return rolled.clamp(1e-5, 1) ** (1 / 2.2)
