"""The room behind a person, with the person taken out.

It is seen where a moving head uncovers it, a strip along the silhouette. The strip is a mirror
image of the room beside it, which has its textures and continues what meets the outline; farther
in, where hardly anything is ever seen, the room's colours run together.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from avatarify.animation.face.backdrop_fill import Plane, mirrored_fill, pyramid_fill
from avatarify.frames import Image

_RIM = 0.006
"""Colours are taken from at least this far outside of the matte, in sizes of the picture."""

_STRIP = 0.11
"""Within this depth the mirror fades into the smooth fill, in sizes of the picture."""

_DETAIL = 0.02
"""What is finer than this is detail, which the mirror shows; in sizes of the picture."""

_STEP_BLUR, _STEP_FADE = 0.006, 0.04
"""How smooth along the outline its colours go on, and how far inwards; in sizes of the picture."""

_STAINED = 1.6
"""Pixels: what is nearer to the outline shows some of the person's colours."""

_LOUDEST = 40.0
"""Mirrored detail goes towards this much contrast at most: a mirrored hand should not be one."""

_WORK = 512
"""The smooth fill is made at this size at most."""


def fill_backdrop(picture: Image, matte: NDArray[np.uint8]) -> Image:
    """Take a person out of a picture.

    Args:
        picture: RGB (H, W, 3).
        matte: (H, W), 255 where the person is, 0 where the room is.

    Returns:
        RGB (H, W, 3): the picture where the matte is 0, a plausible room elsewhere.
    """
    size = max(matte.shape)
    hole = matte > 0
    if hole.all():
        return _blurred(picture)
    rim = max(2, round(_RIM * size))
    unsafe = _grown(hole, rim)
    if unsafe.all():
        unsafe = hole
    calm = _calm(picture, unsafe)
    detail, trust = mirrored_fill(picture - calm, unsafe)
    depth = cv2.distanceTransform(unsafe.astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_5)
    share = trust * np.clip(1.5 - 1.5 * depth / (_STRIP * size), 0.0, 1.0)
    share = cv2.GaussianBlur(share, (0, 0), 0.004 * size)[..., None]
    detail /= 1.0 + np.abs(detail).max(axis=2, keepdims=True) / _LOUDEST
    filled = calm + share * detail + (1.0 - share) * _grain(picture, unsafe)
    filled += _step(picture - filled, hole, unsafe)
    return np.where(hole[..., None], _rounded(filled), picture)


def _step(lack: Plane, hole: NDArray[np.bool_], unsafe: NDArray[np.bool_]) -> Plane:
    """What a fill lacks to go on from the picture at the outline without a step, fading inwards.

    The mirror stands at some distance from the outline, so it shows what is farther away.

    Args:
        lack: (H, W, 3), the picture less the fill.
        hole: (H, W), where the picture is not known.
        unsafe: (H, W), the hole and the rim around it.
    """
    size = max(hole.shape)
    away = cv2.distanceTransform((~hole).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_5)
    beside = (unsafe & (away > _STAINED)).astype(np.float32)
    sigma = _STEP_BLUR * size
    near = cv2.GaussianBlur(lack * beside[..., None], (0, 0), sigma)
    weight = cv2.GaussianBlur(beside, (0, 0), sigma)
    depth = cv2.distanceTransform(hole.astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_5)
    fade = np.clip(1.0 - depth / (_STEP_FADE * size), 0.0, 1.0) ** 2
    return (fade / np.maximum(weight, 1e-4))[..., None] * near


def _grown(mask: NDArray[np.bool_], radius: int) -> NDArray[np.bool_]:
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1))
    return cv2.dilate(mask.astype(np.uint8), disc).astype(bool)


def _calm(picture: Image, hole: NDArray[np.bool_]) -> NDArray[np.float32]:
    """The room without its detail (H, W, 3), gone on with smoothly where there is a hole."""
    height, width = hole.shape
    scale = min(1.0, _WORK / max(hole.shape))
    small = (max(1, round(width * scale)), max(1, round(height * scale)))
    known = (~hole).astype(np.float32)
    layers = cv2.resize(
        np.dstack([picture * known[..., None], known]), small, interpolation=cv2.INTER_AREA
    )
    blurred = cv2.GaussianBlur(layers, (0, 0), _DETAIL * max(small)).astype(np.float32)
    weight = blurred[..., 3]
    mean = blurred[..., :3] / np.maximum(weight, 1e-3)[..., None]
    filled = pyramid_fill(mean.astype(np.float32), weight)
    return cv2.resize(filled, (width, height), interpolation=cv2.INTER_CUBIC).astype(np.float32)


def _grain(picture: Image, hole: NDArray[np.bool_]) -> Plane:
    """Noise (H, W, 1) as strong as the room's own, so that a smooth fill does not look wiped."""
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).astype(np.float32)
    fine = (grey - cv2.GaussianBlur(grey, (0, 0), 1.2))[~hole]
    strength = 1.48 * float(np.median(np.abs(fine)))
    noise = np.random.default_rng(7).standard_normal(hole.shape).astype(np.float32)
    return (strength * noise)[..., None]


def _blurred(picture: Image) -> Image:
    """A room of which nothing is seen has the person's own colours, washed out."""
    small = cv2.resize(picture, (4, 4), interpolation=cv2.INTER_AREA).astype(np.float32)
    wide = cv2.resize(small, picture.shape[1::-1], interpolation=cv2.INTER_CUBIC)
    return _rounded(wide.astype(np.float32))


def _rounded(colours: NDArray[np.floating]) -> Image:
    return np.clip(np.round(colours), 0, 255).astype(np.uint8)
