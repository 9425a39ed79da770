"""The X-ray: what the model computed for one frame, drawn small and fast enough to watch live."""

import colorsys

import cv2
import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from avatarify.animation.animator import Decomposition
from avatarify.frames import Image
from avatarify.geometry.keypoints import Keypoints

PANEL_SIZE = 256
"""Side of each panel in pixels."""

GAUSSIAN_VARIANCE = 0.01
"""Of the Gaussians drawn around the keypoints, as the model uses them; sides are 2 long."""

Pixels = NDArray[np.float32]


def xray_panels(
    decomposition: Decomposition, portrait: Image, driving: Image
) -> tuple[tuple[str, Image], ...]:
    """Draw one frame's decomposition.

    Args:
        decomposition: From the animator.
        portrait: RGB square.
        driving: RGB square, the driver's crop.

    Returns:
        (title, RGB (256, 256, 3)) from the driver to the result.
    """
    animation, motion = decomposition.animation, decomposition.animation.motion
    hidden = motion.occlusion_map
    if hidden is None and animation.blend is not None:
        hidden = 1.0 - animation.blend
    panels = [
        ("Your keypoints", _keypoints(driving, decomposition.driving)),
        ("Avatar keypoints", _keypoints(portrait, decomposition.source)),
        ("Keypoints to be reached", _keypoints(portrait, decomposition.moved)),
        ("Masks: which keypoint moves what", _masks(_array(motion.mask[0]))),
        ("Dense flow", _flow(_array(motion.grid[0]))),
        ("Warped avatar", _picture(animation.warped_source)),
    ]
    if hidden is not None:
        panels.append(("Occlusion: dark is painted anew", _grey(_array(hidden[0, 0]))))
    return (*panels, ("Result", _picture(animation.picture)))


def _array(tensor: Tensor) -> Pixels:
    return tensor.detach().float().cpu().numpy()


def _panel(image: NDArray[np.generic]) -> Image:
    panel = cv2.resize(np.asarray(image, np.uint8), (PANEL_SIZE, PANEL_SIZE))
    return np.ascontiguousarray(panel, dtype=np.uint8)


def _picture(picture: Tensor) -> Image:
    return _panel(_array(picture[0]).transpose(1, 2, 0).clip(0, 1) * 255)


def _grey(values: Pixels) -> Image:
    return _panel(np.repeat(values.clip(0, 1)[..., None] * 255, 3, axis=2))


def _colours(count: int) -> Pixels:
    """Well-spread colours, RGB 0 to 255, (count, 3)."""
    hues = (colorsys.hsv_to_rgb(index / count, 0.75, 1.0) for index in range(count))
    return np.array(list(hues), np.float32) * 255


def _keypoints(image: Image, keypoints: Keypoints) -> Image:
    """Draw each keypoint with its Gaussian at one standard deviation, shaped by its Jacobian."""
    panel = _panel(image) // 2
    points = _array(keypoints.value[0])
    count = len(points)
    jacobians = (
        np.repeat(np.eye(2, dtype=np.float32)[None], count, axis=0)
        if keypoints.jacobian is None
        else _array(keypoints.jacobian[0])
    )
    angles = np.linspace(0, 2 * np.pi, 24, endpoint=False)
    circle = np.stack([np.cos(angles), np.sin(angles)]).astype(np.float32)
    for point, jacobian, colour in zip(points, jacobians, _colours(count), strict=True):
        outline = point[:, None] + np.sqrt(GAUSSIAN_VARIANCE) * jacobian @ circle
        drawn = tuple(float(channel) for channel in colour)
        cv2.polylines(panel, [_to_pixels(outline.T)], True, drawn, 1, cv2.LINE_AA)
        centre = _to_pixels(point[None])[0]
        cv2.circle(panel, (int(centre[0]), int(centre[1])), 3, drawn, -1, cv2.LINE_AA)
    return panel


def _to_pixels(points: Pixels) -> NDArray[np.int32]:
    """(N, 2) in [-1, 1] to pixels of a panel."""
    pixels = (points + 1) / 2 * (PANEL_SIZE - 1)
    return np.nan_to_num(pixels).clip(-PANEL_SIZE, 2 * PANEL_SIZE).round().astype(np.int32)


def _masks(masks: Pixels) -> Image:
    """Mix the keypoints' colours by their masks (K + 1, h, w); the background is dark."""
    colours = np.concatenate([np.full((1, 3), 40, np.float32), _colours(len(masks) - 1)])
    return _panel(np.einsum("khw,kc->hwc", masks, colours).clip(0, 255))


def _flow(grid: Pixels) -> Image:
    """Hue is the direction in which the picture moves, saturation how far."""
    height, width = grid.shape[:2]
    x, y = np.meshgrid(np.linspace(-1, 1, width), np.linspace(-1, 1, height))
    moved = np.stack([x, y], axis=-1) - grid
    degrees = np.degrees(np.arctan2(moved[..., 1], moved[..., 0])) % 360
    length = np.hypot(moved[..., 0], moved[..., 1])
    hsv = np.stack(
        [degrees / 2, (length / 0.3).clip(0, 1) * 255, np.full_like(length, 255)], axis=-1
    )
    return _panel(cv2.cvtColor(hsv.astype(np.uint8), cv2.COLOR_HSV2RGB))
