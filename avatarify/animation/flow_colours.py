"""Colours for keypoints, masks and flow, the same in every picture of the motion."""

import colorsys

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.float32]
"""RGB, (H, W, 3), in [0, 1]."""

BACKGROUND = np.array([0.45, 0.45, 0.45], np.float32)
"""What stands still."""


def keypoint_colours(count: int) -> NDArray[np.float32]:
    """Return well-spread colours, (count, 3), in [0, 1]; neighbours differ in brightness too."""
    return np.array(
        [
            colorsys.hsv_to_rgb(index / count, 0.85 if index % 2 else 0.6, 1.0 - 0.2 * (index % 2))
            for index in range(count)
        ],
        np.float32,
    ).reshape(count, 3)


def colour_flow(displacement: NDArray[np.float32], longest: float) -> Pixels:
    """Show a flow: the hue is its direction, the saturation its length, white stands still.

    Args:
        displacement: (H, W, 2), (x, y) to the right and down, in any unit.
        longest: The length that is shown fully saturated, above 0.
    """
    angle = np.arctan2(displacement[..., 1], displacement[..., 0]) / (2.0 * np.pi) % 1.0
    length = np.clip(np.hypot(displacement[..., 0], displacement[..., 1]) / longest, 0.0, 1.0)
    full = np.clip(
        np.abs((angle[..., None] * 6.0 + np.array([0.0, 4.0, 2.0])) % 6.0 - 3.0) - 1.0, 0, 1
    )
    return (1.0 - length[..., None] * (1.0 - full)).astype(np.float32)


def colour_wheel(side: int) -> NDArray[np.float32]:
    """Return the legend of `colour_flow`: RGBA (side, side, 4), transparent outside the disc."""
    axis = np.linspace(-1.0, 1.0, side, dtype=np.float32)
    x, y = np.meshgrid(axis, axis)
    wheel = colour_flow(np.stack((x, y), axis=-1), 1.0)
    inside = (np.hypot(x, y) <= 1.0).astype(np.float32)
    return np.concatenate((wheel, inside[..., None]), axis=-1)


def mix_masks(masks: NDArray[np.float32]) -> Pixels:
    """Show (K + 1, H, W) masks in one picture: the strongest one's colour, the first one grey."""
    colours = np.concatenate((BACKGROUND[None], keypoint_colours(len(masks) - 1)))
    return colours[masks.argmax(axis=0)]


def tile(pictures: NDArray[np.float32], columns: int, gap: int = 2) -> Pixels:
    """Put (N, H, W, 3) pictures side by side in rows, with white between them."""
    count, height, width = pictures.shape[:3]
    rows = -(-count // columns)
    sheet = np.ones((rows * (height + gap) - gap, columns * (width + gap) - gap, 3), np.float32)
    for index, picture in enumerate(pictures):
        top, left = index // columns * (height + gap), index % columns * (width + gap)
        sheet[top : top + height, left : left + width] = picture
    return sheet
