"""The eyeball behind the lids: its white spread outwards, its iris completed by its own rings."""

import itertools

import cv2
import numpy as np
from numpy.typing import NDArray

from avatarify.geometry.eye_outline import falling
from avatarify.geometry.face_mesh import EyeIndices

Points = NDArray[np.floating]
Floats = NDArray[np.float32]

_SHIFTS = (-0.3, -0.2, -0.1, 0.0, 0.1, 0.2, 0.3)
_SIZES = (0.85, 0.92, 1.0, 1.08, 1.16, 1.25, 1.35, 1.45, 1.6)
"""Where, in radii of the tracked iris, and how large the true one is looked for."""

_DOUBTS = (1.3, 1.5)
"""Shares of its clearness that a disc loses for being one radius larger, and one radius away."""

_COLOURED = np.float32(0.7)
"""How much the spread of its channels takes from a colour's whiteness."""

_USUAL_SIZE, _UNUSUAL = 1.2, 0.7
"""Discs larger than the first must be clearer by the second: they count for a part of it."""

_CLEAR_EDGE = 8.0
"""Of 255: where no rim is clearer than this the tracker is believed."""

_RINGS_REACH = 1.3
"""The iris's rings reach this far, in its radii: the rim is soft."""


def iris_places(
    corner: tuple[int, int], size: tuple[int, ...], landmarks: Points, eye: EyeIndices
) -> Points:
    """Return (h, w, 2), places in radii of the iris as it is seen, an ellipse, from its centre.

    Args:
        corner: (x, y), the patch's upper left pixel.
        size: (height, width) of the patch.
        landmarks: (478, 3) in pixels.
        eye: Which eye.
    """
    x, y = np.meshgrid(np.arange(size[1]), np.arange(size[0]))
    points = np.stack([x, y], axis=2) + 0.5 + corner
    right, top, left, bottom = (landmarks[i, :2] for i in eye.rim)
    axes = np.stack([(right - left) / 2, (bottom - top) / 2], axis=1)
    if abs(np.linalg.det(axes)) < 1.0:
        axes = np.eye(2) * max(1.0, float(np.abs(axes).max()))
    return (points - landmarks[eye.iris, :2]) @ np.linalg.inv(axes).T


def disc_radius(places: Points, own: Floats, bare: Floats) -> Floats:
    """Return (h, w), the distance from the iris's centre in its radii.

    Trackers take the iris of drawings for smaller than it is. Of the discs near theirs that one
    is taken whose rim divides coloured or dark from white most clearly.

    Args:
        places: (h, w, 2), see `iris_places`.
        own: (h, w, 3), the portrait.
        bare: (h, w), 1 where it shows the eyeball alone.
    """
    is_near = (bare > 0.1) & (np.linalg.norm(places, axis=2) < 2.2)
    near, light, weight = places[is_near], whiteness(own)[is_near], bare[is_near]
    if not is_near.any():
        return np.linalg.norm(places, axis=2).astype(np.float32)
    white = float(np.percentile(light, 85))
    best, best_score = (0.0, 0.0, 1.0), _CLEAR_EDGE
    for x, y in itertools.product(_SHIFTS, _SHIFTS):
        far = np.hypot(near[:, 0] - x, near[:, 1] - y)
        for size in _SIZES:
            doubt = _DOUBTS[0] * (size - 1.0) ** 2 + _DOUBTS[1] * (x * x + y * y)
            believed = (1.0 - doubt) * (1.0 if size <= _USUAL_SIZE else _UNUSUAL)
            score = believed * _edge(far / size, light, weight, white)
            if score > best_score:
                best, best_score = (x, y, size), score
    x, y, size = best
    return (np.hypot(places[..., 0] - x, places[..., 1] - y) / size).astype(np.float32)


def whiteness(colour: Floats) -> Floats:
    """Return (h, w), how white colours (h, w, 3) are: bright, and the same in all channels.

    Bright blue irises differ from their white by this more than by light alone, and less from
    their pupil.
    """
    return colour.mean(axis=2) - _COLOURED * np.ptp(colour, axis=2)


def _edge(far: Points, light: Points, weight: Points, white: float) -> float:
    """How much whiter the ring outside of the iris's rim is than that inside.

    Less what it lacks of the eye's white: around a pupil there is iris.
    """
    inner, outer = weight * (np.abs(far - 0.85) < 0.13), weight * (np.abs(far - 1.17) < 0.13)
    if min(inner.sum(), outer.sum()) < 4:
        return 0.0
    beyond = float(outer @ light / outer.sum())
    return beyond - float(inner @ light / inner.sum()) - 0.7 * max(0.0, white - beyond)


def eyeball(own: Floats, bare: Floats, disc: Floats, width: float) -> tuple[Floats, Floats]:
    """Return the white alone and the eyeball with its completed iris, both (h, w, 3).

    Args:
        own: (h, w, 3), the portrait.
        bare: (h, w), 1 where it shows the eyeball alone.
        disc: (h, w), see `disc_radius`.
        width: The eye's width in pixels.
    """
    near_iris = np.maximum(falling(disc, 1.08, 1.22), _dark_rest(own, bare, disc))
    seen = np.asarray(bare * (1.0 - near_iris), np.float32)
    white = seen[..., None] * own + (1.0 - seen[..., None]) * _whole_white(own, bare, seen, width)
    beside = (bare * (disc > 1.06))[..., None]  # brightness around the iris is not the iris's
    white = np.maximum(white, beside * own + (1.0 - beside) * white)
    share = falling(disc, 1.0, 1.12)[..., None]
    complete = share * _rings(own, bare, disc) + (1.0 - share) * white
    whole = bare[..., None] * own + (1.0 - bare[..., None]) * complete
    return np.asarray(white, np.float32), np.asarray(whole, np.float32)


def _whole_white(own: Floats, bare: Floats, seen: Floats, width: float) -> Floats:
    """(h, w, 3): the white of the eye everywhere, from where it is `seen`.

    Colours far from the middle one are left out: eyeliner, the inner corner's pink.
    """
    colours = own[seen > 0.5]
    if len(colours) < 4:
        pixels = own[bare > 0.5] if (bare > 0.5).any() else own.reshape(-1, 3)
        return np.broadcast_to(np.percentile(pixels, 85, axis=0), own.shape).astype(np.float32)
    middle = np.median(colours, axis=0)
    usual = max(8.0, float(np.median(np.linalg.norm(colours - middle, axis=1))))
    far = np.linalg.norm(own - middle, axis=2) / usual
    return spread(own, seen * falling(far, 1.5, 3.0), width)


def _dark_rest(own: Floats, bare: Floats, disc: Floats) -> Floats:
    """How much a pixel beside the disc is as little white as the iris: what belongs to it too."""
    light = whiteness(own)
    iris, beside = (bare > 0.6) & (disc < 0.9), (bare > 0.6) & (disc > 1.2)
    if min(iris.sum(), beside.sum()) < 4:
        return np.zeros_like(disc)
    dark, bright = float(np.median(light[iris])), float(np.percentile(light[beside], 80))
    if bright - dark < 12.0:
        return np.zeros_like(disc)
    level = (light - dark) / (bright - dark)
    return falling(level, 0.25, 0.55) * falling(disc, 1.25, 1.45)


def spread(colour: Floats, weight: Floats, width: float) -> Floats:
    """Fill a patch from where `weight` is high: near pixels first, far ones where none is near.

    Args:
        colour: (h, w, 3).
        weight: (h, w), 0 to 1.
        width: The eye's width in pixels.
    """
    total = max(float(weight.sum()), 1e-6)
    out = np.broadcast_to((colour * weight[..., None]).sum(axis=(0, 1)) / total, colour.shape)
    weighted = colour * weight[..., None]
    for part in (0.4, 0.2, 0.1, 0.05):
        sigma = max(0.5, part * width)
        amount, mean = (
            cv2.GaussianBlur(plane, (0, 0), sigma, borderType=cv2.BORDER_CONSTANT)
            for plane in (weight, weighted)
        )
        mean = mean / np.maximum(amount, 1e-6)[..., None]
        share = (amount / (amount + 0.02))[..., None]
        out = out + share * (mean - out)
    return out.astype(np.float32)


def _rings(own: Floats, bare: Floats, disc: Floats) -> Floats:
    """(h, w, 3): each pixel in the median colour that the iris shows at the same radius."""
    radius = float(np.sqrt((disc < 1).sum() / np.pi))
    count = int(np.clip(radius, 4, 40) * _RINGS_REACH)
    is_seen = (bare > 0.6) & (disc < _RINGS_REACH)
    if is_seen.sum() < 6:
        is_seen = disc < _RINGS_REACH
    colours, number = own[is_seen], (disc[is_seen] / _RINGS_REACH * count).astype(int)
    found = np.flatnonzero(np.bincount(number, minlength=count) >= 2)
    if not len(found):
        return np.broadcast_to(own.mean(axis=(0, 1)), own.shape)
    medians = np.array([np.median(colours[number == i], axis=0) for i in found])
    places = (found + 0.5) * _RINGS_REACH / count
    channels = [np.interp(disc, places, medians[:, k]) for k in range(3)]
    return np.stack(channels, axis=2).astype(np.float32)
