"""Which squares of the picture our landmark networks look at.

All squares are laid along the face's own frame: level with the eyes, as large as the face. The
frame comes from points that expressions hardly move, so that an opening jaw does not zoom.
"""

import math
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from avatarify.frames import Image
from avatarify.networks.landmark_points import LEFT_EYE_POINTS, MOUTH_POINTS, RIGHT_EYE_POINTS

Points = NDArray[np.float32]

STEADY_POINTS = (
    10, 151, 9, 8, 168, 6, 197, 195, 5, 4, 1, 33, 263, 133, 362, 127, 356, 234, 454, 67, 297, 103,
    332, 21, 251, 54, 284, 162, 389, 143, 372, 117, 346, 50, 280,
)  # fmt: skip
"""Landmarks that expressions hardly move."""

FACE_SIDE = 3.3
"""Side of the whole face's square in units of the face, the distance of the mean face's irises."""

EYE_SIDE = 0.95
"""The same of an eye's square; how much the mouth's shows, the networks' configuration says."""

_BROW_LIFT = 0.1
"""How far above the lids' middle an eye's square is centred, so that it holds the brow."""

_LIPS = np.array(MOUTH_POINTS[:20])
_RIGHT_LIDS, _LEFT_LIDS = np.array(RIGHT_EYE_POINTS[:16]), np.array(LEFT_EYE_POINTS[:16])
_STEADY = np.array(STEADY_POINTS)


class Square(NamedTuple):
    """A turned square of the picture."""

    x: float
    """Of its centre, in pixels; 0 is the picture's left edge."""

    y: float
    """Of its centre, in pixels; 0 is the picture's upper edge."""

    side: float
    """In pixels."""

    angle: float
    """Turn in radians: 0 is upright, π/2 has its right side where the picture's bottom is."""

    def to_square(self, mirrored: bool = False) -> NDArray[np.float64]:
        """Return (2, 3), the map from pixels to [-1, 1] from edge to edge of the square."""
        scale = 2.0 / self.side
        cos, sin = scale * math.cos(self.angle), scale * math.sin(self.angle)
        (a, b), (c, d) = (-cos, -sin) if mirrored else (cos, sin), (-sin, cos)
        return np.array(
            [[a, b, -a * self.x - b * self.y], [c, d, -c * self.x - d * self.y]], np.float64
        )


class FaceFrame(NamedTuple):
    """Where a face is, how large and how tilted."""

    x: float
    """Of the point where the mean face has its origin, in pixels."""

    y: float
    """Likewise."""

    unit: float
    """Pixels of the mean face's unit, the distance of its irises."""

    angle: float
    """Tilt in radians, clockwise in the picture."""

    def face_square(self) -> Square:
        """Return the square of the whole face."""
        return Square(self.x, self.y, FACE_SIDE * self.unit, self.angle)

    def mouth_square(self, points: Points, side: float) -> Square:
        """Return the mouth's square.

        Args:
            points: (478, 2 or 3), in pixels; their lips are its middle.
            side: Of the square, in units of the face.
        """
        x, y = _middle(points[_LIPS, :2])
        return Square(x, y, side * self.unit, self.angle)

    def eye_squares(self, points: Points) -> tuple[Square, Square]:
        """Return the squares of the right and the left eye; the left one is seen in a mirror."""
        return self._eye(points[_RIGHT_LIDS]), self._eye(points[_LEFT_LIDS])

    def _eye(self, lids: Points) -> Square:
        lift = _BROW_LIFT * self.unit
        x, y = _middle(lids[:, :2])
        return Square(
            x + lift * math.sin(self.angle),
            y - lift * math.cos(self.angle),
            EYE_SIDE * self.unit,
            self.angle,
        )


def frame_of(points: Points, mean: Points) -> FaceFrame:
    """Fit the mean face to points by turning, scaling and shifting it in the picture's plane.

    Args:
        points: (478, 2 or 3), in pixels.
        mean: (478, 2 or 3), the mean face, upright, its irises 1 apart.
    """
    here, model = points[_STEADY, :2].astype(np.float64), mean[_STEADY, :2].astype(np.float64)
    (x, y), (origin_x, origin_y) = _middle(here), _middle(model)
    model -= (origin_x, origin_y)
    (xx, xy), (yx, yy) = (here.T @ model).tolist()  # the model's middle is 0: no matter where
    along, across = xx + yy, yx - xy
    unit = math.hypot(along, across) / float(np.vdot(model, model))
    angle = math.atan2(across, along)
    cos, sin = unit * math.cos(angle), unit * math.sin(angle)
    return FaceFrame(
        x - (cos * origin_x - sin * origin_y), y - (sin * origin_x + cos * origin_y), unit, angle
    )


def _middle(points: NDArray[np.floating]) -> tuple[float, float]:
    """Return the mean of (N, 2) points."""
    x, y = points.sum(axis=0, dtype=np.float64).tolist()
    return x / len(points), y / len(points)


def apply(matrix: NDArray[np.float64], points: Points) -> Points:
    """Map (N, 2) points by a (2, 3) matrix."""
    moved = points[:, :2] @ matrix[:, :2].T + matrix[:, 2]
    return moved.astype(np.float32)


def inverse(matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    """Invert a (2, 3) affine map."""
    (a, b, x), (c, d, y) = matrix.tolist()  # twenty times faster than np.linalg.inv
    area = a * d - b * c
    return np.array([[d, -b, b * y - d * x], [-c, a, c * x - a * y]], np.float64) / area


def cut(image: Image, to_square: NDArray[np.float64], size: int) -> Image:
    """Cut a square out of a picture.

    Args:
        image: (H, W, 3) RGB uint8.
        to_square: (2, 3), from pixels to [-1, 1] from edge to edge of the square.
        size: Its side in the result's pixels.

    Returns:
        (size, size, 3); where the square leaves the picture, the picture's edge goes on.
    """
    scale = size / 2.0
    (a, b), (c, d) = to_square[:, :2].tolist()
    shrink = 1.0 / (scale * math.sqrt(abs(a * d - b * c)))
    if shrink > 2.0 and min(image.shape[:2]) > shrink:
        image, to_square = _halved(image, to_square, int(math.log2(shrink)))
    matrix = scale * to_square
    matrix[:, 2] += matrix[:, :2].sum(axis=1) / 2.0 + (scale - 0.5)
    border = cv2.BORDER_REPLICATE
    part = cv2.warpAffine(image, matrix, (size, size), flags=cv2.INTER_LINEAR, borderMode=border)
    return np.asarray(part, dtype=np.uint8)


def _halved(
    image: Image, to_square: NDArray[np.float64], times: int
) -> tuple[Image, NDArray[np.float64]]:
    """Return a smaller copy of the part that is needed and its map: sampling would skip pixels.

    Halving is what OpenCV does five times faster than any other shrinking.
    """
    factor = 2**times
    corners = apply(inverse(to_square), np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]], np.float32))
    left, columns = _span(corners[:, 0], image.shape[1], factor)
    top, rows = _span(corners[:, 1], image.shape[0], factor)
    part = image[top : top + rows * factor, left : left + columns * factor]
    for _ in range(times):
        size = (part.shape[1] // 2, part.shape[0] // 2)
        part = np.asarray(cv2.resize(part, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    from_part = to_square.copy()
    from_part[:, 2] += to_square[:, :2] @ (left, top)
    from_part[:, :2] *= factor
    return part, from_part


def _span(values: NDArray[np.float32], length: int, factor: int) -> tuple[int, int]:
    """Return where a row of whole blocks begins that holds these values, and how many blocks."""
    most = length // factor
    first = min(max(int(values.min()) // factor - 1, 0), most - 1)
    last = min(max(int(values.max()) // factor + 2, first + 1), most)
    return first * factor, last - first
