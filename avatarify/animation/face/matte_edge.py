"""The rim of a matte: how much of each pixel along the outline the person covers.

Between what is surely the person and surely the room, a pixel is a mixture of the colours on both
sides. Their share follows from its own colour where the two differ, and from the outline where they
do not; a guided filter then draws both to the picture's fine edges, so that hair stays soft and a
cheek crisp.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from avatarify.animation.face.backdrop_fill import pyramid_fill
from avatarify.frames import Image
from avatarify.geometry.guided_filter import guided_filter

Plane = NDArray[np.float32]

_APART = 0.10
"""Two colours this far from one another (of [0, 1], over all channels) tell half of the truth."""

_FAINT, _UNLIKELY, _PLAIN = 0.04, 4.0, 0.12
"""What departs from the room by less than a faint part and four times its noise is still room."""

_SMOOTHNESS = 2e-4


def soft_rim(picture: Image, outline: Plane, depth: Plane, beyond: Plane) -> Plane:
    """Refine a matte along its outline.

    Args:
        picture: RGB (H, W, 3).
        outline: (H, W), signed distance in pixels to the person's outline, positive inside.
        depth: (H, W), how far from the outline mixtures may lie, in pixels.
        beyond: (H, W), how far outside single strands may lie that stand out against a calm room.

    Returns:
        (H, W) in [0, 1]; 1 beyond the depth inside, 0 beyond both depths outside.
    """
    colours = picture.astype(np.float32) / 255.0
    person = outline >= depth
    far = outline <= -np.maximum(depth, beyond)
    calm = far | ((outline <= -depth) & _is_flat(colours, float(depth.max())))
    theirs, noise = _room(colours, calm, far)
    strands = _standing_out(colours - theirs, noise) * _fading(outline, beyond)
    strands = _attached(strands, outline > -depth)
    near = np.clip(0.5 + outline / 3.0, 0.0, 1.0)
    mixed = mixture(colours, person, theirs, near)
    mixed = np.where(person, np.float32(1), np.where(outline <= -depth, np.float32(0), mixed))
    radius = max(2, round(float(np.median(depth)) * 0.5))
    alpha = guided_filter(colours, mixed, radius, _SMOOTHNESS, stride=2 if radius >= 4 else 1)
    alpha = np.clip((alpha - 0.04) / 0.92, 0.0, 1.0)
    alpha = np.minimum(alpha, _fading(outline, depth))
    alpha = np.maximum(alpha, np.clip(1.5 * outline / depth - 0.5, 0.0, 1.0))
    return np.where(person, np.float32(1), np.maximum(alpha, strands)).astype(np.float32)


def _fading(outline: Plane, reach: Plane) -> Plane:
    """1 near the outline, 0 from `reach` outside of it."""
    return np.clip(1.5 * (1.0 + outline / np.maximum(reach, 1e-3)), 0.0, 1.0)


def _is_flat(colours: Plane, blur: float) -> NDArray[np.bool_]:
    """Where nothing fine is seen, neither a strand nor an outline."""
    fine = np.abs(colours - cv2.GaussianBlur(colours, (0, 0), 0.4 * blur)).max(axis=2)
    wide = cv2.dilate(fine, np.ones((3, 3), np.uint8))
    return wide < _FAINT


def _room(
    colours: Plane, is_room: NDArray[np.bool_], is_far: NDArray[np.bool_]
) -> tuple[Plane, Plane]:
    """The room's calm colours everywhere, and how much it departs from them farther out (H, W)."""
    known = is_room.astype(np.float32)
    blur = 0.01 * max(is_room.shape)
    weight = cv2.GaussianBlur(known, (0, 0), blur).astype(np.float32)
    total = cv2.GaussianBlur(colours * known[..., None], (0, 0), blur).astype(np.float32)
    mean = total / np.maximum(weight, 1e-4)[..., None]
    calm = pyramid_fill(mean.astype(np.float32), weight)
    departs = ((colours - calm) ** 2).sum(axis=2)
    far = is_far.astype(np.float32)
    spread = cv2.GaussianBlur(departs * far, (0, 0), 2 * blur)
    share = cv2.GaussianBlur(far, (0, 0), 2 * blur)
    noise = pyramid_fill((spread / np.maximum(share, 1e-4))[..., None], np.minimum(share, 1.0))
    return calm, np.sqrt(np.maximum(noise[..., 0], 0.0))


def _standing_out(departure: Plane, noise: Plane) -> Plane:
    """How surely a pixel is no room: 0 within its noise, 1 where it departs by far more."""
    size = np.sqrt((departure * departure).sum(axis=2))
    least = _FAINT + _UNLIKELY * noise
    return np.clip((size - least) / (_PLAIN + least), 0.0, 1.0)


def _attached(strands: Plane, root: NDArray[np.bool_]) -> Plane:
    """Those strands that hang on the person."""
    mask = ((strands > 0.1) | root).astype(np.uint8)
    _, labels = cv2.connectedComponents(cv2.dilate(mask, np.ones((3, 3), np.uint8)))
    if not root.any():
        return strands
    kept = labels == np.bincount(labels[root]).argmax()
    return np.where(kept, strands, np.float32(0))


def mixture(colours: Plane, person: NDArray[np.bool_], theirs: Plane, otherwise: Plane) -> Plane:
    """Return (H, W) in [0, 1], each pixel's share of the person's colour nearby.

    It is the a of the compositing equation, I = a F + (1 - a) B, as far as F and B differ.

    Args:
        colours: (H, W, 3) in [0, 1].
        person: (H, W), where the colour is the person's own.
        theirs: (H, W, 3), the room's.
        otherwise: (H, W), the share where colours say nothing.
    """
    ours = pyramid_fill(colours, person.astype(np.float32))
    between = ours - theirs
    apart = (between * between).sum(axis=2)
    share = ((colours - theirs) * between).sum(axis=2) / np.maximum(apart, 1e-4)
    trust = apart / (apart + _APART**2)
    return trust * np.clip(share, 0.0, 1.0) + (1.0 - trust) * otherwise
