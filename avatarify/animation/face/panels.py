"""What the face engine computed for one frame, drawn: sparse motion, masks, dense flow, layers."""

import cv2
import numpy as np
from numpy.typing import NDArray

from avatarify.animation.face.animator import FaceDecomposition
from avatarify.animation.face.puppet import STEP
from avatarify.frames import Image
from avatarify.geometry.face_mesh import EYES, INNER_LIPS, OUTER_LIPS, OVAL

_LOOPS = (OVAL, OUTER_LIPS, INNER_LIPS, *(eye.loop for eye in EYES))
_DOT = (90, 220, 255)
_LINE = (255, 190, 80)


def face_panels(
    decomposition: FaceDecomposition, portrait: Image, own: NDArray[np.floating]
) -> tuple[tuple[str, Image], ...]:
    """Draw one frame's decomposition, from the portrait to the result.

    Args:
        decomposition: From the animator.
        portrait: RGB (H, W, 3).
        own: (478, 3), the portrait's landmarks in pixels.

    Returns:
        (title, RGB (H, W, 3)), each as large as the portrait.
    """
    seen = decomposition
    return (
        ("Avatar keypoints", landmark_picture(portrait, own)),
        ("Keypoints to be reached", landmark_picture(portrait, seen.face.landmarks)),
        ("Masks: which triangle moves what", _placed(_masks(seen), seen)),
        ("Dense flow", _placed(_flow(seen), seen)),
        ("Person layer: warped", seen.person),
        (
            "Matte layer: what is person",
            cv2.cvtColor(seen.matte, cv2.COLOR_GRAY2RGB).astype(np.uint8),
        ),
        ("Backdrop layer: the room", seen.backdrop),
        ("Result", seen.picture),
    )


def landmark_picture(image: Image, landmarks: NDArray[np.floating]) -> Image:
    """Return a darkened copy of a picture with landmarks (478, 3) drawn over it."""
    panel = (image // 2).copy()
    radius = max(1, round(image.shape[0] / 360))
    for loop in _LOOPS:
        points = np.round(landmarks[list(loop), :2] * 8).astype(np.int32)
        cv2.polylines(panel, [points], True, _LINE, 1, cv2.LINE_AA, 3)
    for x, y in np.round(landmarks[:, :2] * 8).astype(int).tolist():
        cv2.circle(panel, (x, y), radius * 8, _DOT, -1, cv2.LINE_AA, 3)
    return panel


def _masks(seen: FaceDecomposition) -> Image:
    """A colour for each triangle, neighbours unlike."""
    label = seen.flow.motion.label
    colours = np.random.default_rng(7).integers(70, 255, (int(label.max()) + 2, 3), np.uint8)
    colours[-1] = 0  # nobody's
    return colours[label]


def _flow(seen: FaceDecomposition) -> Image:
    """Hue is the direction in which the picture moves, saturation how far."""
    height, width = seen.flow.motion.label.shape
    x = (np.arange(width) + 0.5) * STEP + seen.flow.left
    y = (np.arange(height)[:, None] + 0.5) * STEP + seen.flow.top
    right, down = x - seen.flow.motion.source[..., 0], y - seen.flow.motion.source[..., 1]
    degrees = np.degrees(np.arctan2(down, right)) % 360
    reach = max(1.0, 0.06 * max(seen.matte.shape))
    saturation = np.clip(np.hypot(right, down) / reach, 0, 1) * 255
    hsv = np.stack([degrees / 2, saturation, np.full_like(saturation, 255)], axis=-1)
    return cv2.cvtColor(hsv.astype(np.uint8), cv2.COLOR_HSV2RGB).astype(np.uint8)


def _placed(part: Image, seen: FaceDecomposition) -> Image:
    """Put a picture on the flow's grid where it belongs in the whole picture."""
    height, width = seen.matte.shape
    to_picture = np.array([[STEP, 0, seen.flow.left], [0, STEP, seen.flow.top]], np.float64)
    placed = cv2.warpAffine(part, to_picture, (width, height), flags=cv2.INTER_NEAREST)
    return np.asarray(placed, dtype=np.uint8)
