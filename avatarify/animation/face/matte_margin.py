"""A person beyond the picture's edges, for the moment when a moving head brings them into view.

Hair that the upper edge cuts off goes on as a dome; clothes and arms go on at the other edges.
Mirroring the whole picture, as OpenCV's borders do, would show a second forehead above the first.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from avatarify.animation.face.wide_blur import widely_blurred

Person = NDArray[np.uint8]

_STRIP = 0.05
"""What lies beyond an edge is made of a strip inside of it, in sizes of the picture."""

_RUN_TOGETHER = 0.8
"""Blur of what lies farther beyond a side edge, in widths of the strip."""

_DOME = 0.3
"""Height of the dome above a cut of hair at most, in widths of the cut."""

_LEAST_CUT = 0.04
"""Narrower cuts at the upper edge are strands, which just end; in widths of the picture."""


def extended_person(person: Person, margin: int) -> Person:
    """Continue a person around the picture.

    A puppet keeps the result instead of its layer of the person, adds `margin` to where its flow
    points (x and y, in pixels), and samples with `cv2.BORDER_CONSTANT`, so that nothing lies
    farther out. The backdrop needs no margin, because it does not move.

    Args:
        person: (H, W, 4), what the person adds to the picture (or its colours), and the matte.
        margin: In pixels, on each side.

    Returns:
        (H + 2 · margin, W + 2 · margin, 4).
    """
    height, width = person.shape[:2]
    rows = _mirrored_places(height, margin, round(_STRIP * height))
    columns = _mirrored_places(width, margin, round(_STRIP * width))
    wide = np.ascontiguousarray(person[rows][:, columns])
    for side in (wide[:, :margin][:, ::-1], wide[:, width + margin :]):
        _blur_outwards(side, round(_STRIP * width))
    wide[:margin] = 0
    for start, end in _cuts(person[0, :, 3], _LEAST_CUT * width):
        _add_dome(wide, person, (start, end), margin)
    return wide


def _mirrored_places(size: int, margin: int, strip: int) -> NDArray[np.intp]:
    """For each place from -margin to size + margin, a place inside: strips mirrored to and fro."""
    strip = int(np.clip(strip, 1, size))
    beyond = np.arange(margin) % (2 * strip)
    inward = np.minimum(beyond, 2 * strip - 1 - beyond)
    return np.concatenate([inward[::-1], np.arange(size), size - 1 - inward])


def _blur_outwards(side: Person, strip: int) -> None:
    """Let the mirrored strips beside a picture run together, in place.

    Beyond the first of them the pattern would repeat as a row of pickets.

    Args:
        side: (H, margin, 4), from the picture's edge outwards.
        strip: Width of a strip in pixels.
    """
    if strip < 1 or side.shape[1] < 1:
        return
    soft = widely_blurred(np.ascontiguousarray(side), _RUN_TOGETHER * strip)
    share = np.clip(np.arange(side.shape[1], dtype=np.float32) / strip, 0.0, 1.0)[None, :, None]
    side[...] = np.round(side + share * (soft.astype(np.float32) - side)).astype(np.uint8)


def _cuts(alpha: NDArray[np.uint8], least: float) -> list[tuple[int, int]]:
    """Runs of the upper row that are the person, as (first, one after the last)."""
    inside = np.concatenate([[0], (alpha > 127).astype(np.int8), [0]])
    steps = np.flatnonzero(np.diff(inside))
    runs = zip(steps[::2], steps[1::2], strict=True)
    return [(int(start), int(end)) for start, end in runs if end - start >= least]


def _add_dome(wide: Person, person: Person, cut: tuple[int, int], margin: int) -> None:
    """Draw hair above a cut: the strip below it, mirrored upwards and drawn together."""
    half, middle = (cut[1] - cut[0]) / 2.0, (cut[0] + cut[1] - 1) / 2.0
    rise, is_steep = _rise(person[..., 3], cut)
    tall = min(margin, max(1, round(rise)))
    above = np.arange(tall, 0, -1, dtype=np.float32)[:, None] - 0.5
    narrow = np.sqrt(1.0 - (above / tall) ** (2 if is_steep else 1))
    x = np.arange(wide.shape[1], dtype=np.float32)[None] - margin - np.float32(middle)
    strip = _mirrored_places(person.shape[0], tall, round(_STRIP * person.shape[0]))[:tall]
    map_x = np.float32(middle) + x / narrow
    map_y = np.broadcast_to(strip[:, None].astype(np.float32), map_x.shape).copy()
    hair = cv2.remap(
        person, map_x.astype(np.float32), map_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    share = np.clip(half * narrow - np.abs(x) + 0.5, 0.0, 1.0)[..., None]
    place = wide[margin - tall : margin]
    place[...] = np.maximum(place, np.round(hair * share).astype(np.uint8))


def _rise(alpha: NDArray[np.uint8], cut: tuple[int, int]) -> tuple[float, bool]:
    """How high the head goes on above a cut, and whether its sides are steep there.

    Near its top an outline is a parabola, width² ∝ height, so two widths tell where the top is.
    """
    width, most = float(cut[1] - cut[0]), _DOME * (cut[1] - cut[0])
    down = max(1, round(_STRIP * alpha.shape[0]))
    below = max(
        (end - start for start, end in _cuts(alpha[down], 1.0) if start < cut[1] and end > cut[0]),
        default=0,
    )
    if below <= width:
        return most, True
    rise = down * width**2 / (below**2 - width**2)
    return min(rise, most), rise > most
