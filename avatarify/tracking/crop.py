"""The square around a face: the one framing that training data, avatars and live frames share."""

from dataclasses import dataclass
from math import ceil, floor, isfinite

import cv2
import numpy as np
from numpy.typing import NDArray

from avatarify.frames import Image
from avatarify.tracking.face import Face

FACE_MARGIN = 1.9
"""Side of the square over the larger side of the face's landmark box."""


@dataclass(frozen=True, slots=True)
class CropChange:
    """Where a crop lies in another one: `there = scale * here + (offset_x, offset_y)`.

    Coordinates are normalised: -1 and 1 are the edges of each crop. A keypoint is carried over by
    this formula, its jacobian multiplied by `scale`.
    """

    scale: float
    offset_x: float
    offset_y: float


@dataclass(frozen=True, slots=True)
class Crop:
    """An upright square in pixels of a picture; it may reach over the picture's edges."""

    center_x: float
    """0 is the left edge of the picture, so the centre of the first pixel is 0.5."""

    center_y: float
    """0 is the upper edge of the picture."""

    size: float
    """Side, above 0."""

    def __post_init__(self) -> None:
        if not (isfinite(self.center_x) and isfinite(self.center_y) and isfinite(self.size)):
            raise ValueError(f"A crop must be finite, not {self}.")
        if self.size <= 0:
            raise ValueError(f"A crop's size must be above 0, not {self.size}.")

    @property
    def left(self) -> float:
        """In pixels."""
        return self.center_x - self.size / 2

    @property
    def top(self) -> float:
        """In pixels."""
        return self.center_y - self.size / 2

    def zoomed(self, factor: float) -> "Crop":
        """Return the crop with the same centre that shows everything `factor` times larger."""
        return Crop(self.center_x, self.center_y, self.size / factor)

    def moved(self, x: float, y: float) -> "Crop":
        """Return the crop moved by fractions of its size, to the right and downwards."""
        return Crop(self.center_x + x * self.size, self.center_y + y * self.size, self.size)

    def to_normalised(self, points: NDArray[np.floating]) -> NDArray[np.floating]:
        """Express points of the picture in the crop.

        Args:
            points: (..., 2) in pixels of the picture.

        Returns:
            (..., 2); -1 and 1 are the edges of the crop.
        """
        return (points - np.array([self.center_x, self.center_y])) * (2 / self.size)

    def relative_to(self, reference: "Crop") -> CropChange:
        """Return how coordinates in this crop become coordinates in `reference`.

        A keypoint of a frame that was cut with this crop, carried over so, is where it would have
        been found had the frame been cut with `reference`.
        """
        return CropChange(
            scale=self.size / reference.size,
            offset_x=2 * (self.center_x - reference.center_x) / reference.size,
            offset_y=2 * (self.center_y - reference.center_y) / reference.size,
        )


def crop_of_face(face: Face) -> Crop:
    """Return the project's framing of a face: centred on its box, `FACE_MARGIN` times as large."""
    box = face.box
    return Crop(*box.center, size=FACE_MARGIN * box.larger_side)


def cut(image: Image, crop: Crop, size: int) -> Image:
    """Cut a square out of a picture and scale it, exact to a fraction of a pixel.

    Args:
        image: (H, W, 3) RGB uint8.
        crop: What to cut; where it leaves the picture, the nearest border pixel is repeated.
        size: Side of the result in pixels.

    Returns:
        (size, size, 3) RGB uint8, contiguous.
    """
    shrink = max(1, floor(crop.size / size))
    left, top = floor(crop.left) - 2, floor(crop.top) - 2
    cells = ceil((crop.size + 5) / shrink)
    region = _region(image, left, top, cells * shrink)
    if shrink > 1:  # a whole factor with an exact box filter first: what is left is below 2
        shrunk = cv2.resize(region, (cells, cells), interpolation=cv2.INTER_AREA)
        region = np.asarray(shrunk, dtype=np.uint8)
    step = crop.size / shrink / size
    to_region = np.array(
        [
            [step, 0, (crop.left - left) / shrink + step / 2 - 0.5],
            [0, step, (crop.top - top) / shrink + step / 2 - 0.5],
        ]
    )
    result = cv2.warpAffine(
        region,
        to_region,
        (size, size),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return np.ascontiguousarray(result, dtype=np.uint8)


def _region(image: Image, left: int, top: int, side: int) -> Image:
    height, width = image.shape[:2]
    if left >= 0 and top >= 0 and left + side <= width and top + side <= height:
        return np.ascontiguousarray(image[top : top + side, left : left + side])
    if left + side > 0 and top + side > 0 and left < width and top < height:
        inside = image[max(0, top) : top + side, max(0, left) : left + side]
        above, before = max(0, -top), max(0, -left)
        below = side - above - inside.shape[0]
        behind = side - before - inside.shape[1]
        region = cv2.copyMakeBorder(inside, above, below, before, behind, cv2.BORDER_REPLICATE)
        return np.asarray(region, dtype=np.uint8)
    columns = np.clip(np.arange(left, left + side), 0, width - 1)
    rows = np.clip(np.arange(top, top + side), 0, height - 1)
    return np.ascontiguousarray(image[rows[0] : rows[-1] + 1][rows - rows[0]][:, columns])
