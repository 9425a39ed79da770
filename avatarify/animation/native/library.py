"""The compiled functions, if they are there: numpy arrays in, numpy arrays out.

`build.py` compiles them when the program is installed. Without them OpenCV does the same, slower.
"""

import ctypes
import logging
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from avatarify.animation.native.build import LIBRARY, SOURCES, digest_of
from avatarify.animation.native.eye import EyePaint, EyeStyle, NativeEye
from avatarify.animation.native.mouth import MouthPaint, NativeMouth
from avatarify.animation.native.pointers import at
from avatarify.geometry.eye_place import EyeShape
from avatarify.geometry.fine_flow import EDGE_BLUR, SMOOTH, TEAR
from avatarify.geometry.silhouette import NOWHERE, Surfaces
from avatarify.geometry.triangle_flow import SMALLEST_AREA, Points

_LOG = logging.getLogger(__name__)

_BLOCK = 16
"""Pixels along the side of what is empty or not, which the C code is written for."""

_STEP = 2
"""Pixels of the picture between two points of the flow, which the C code is written for."""


class NativeLibrary:
    """The functions of `SOURCES`; any number of threads may call them."""

    def __init__(self, path: Path) -> None:
        """Load the library.

        Args:
            path: The compiled file.

        Raises:
            OSError: It is missing, or for another machine.
            ValueError: It was compiled from other sources than lie beside it.
        """
        self._functions = ctypes.CDLL(str(path))
        try:
            digest = int(self._functions.avatarify_native_digest())
        except AttributeError:
            raise ValueError(f"{path.name} has other functions") from None
        if all(map(Path.is_file, SOURCES)) and digest != digest_of(SOURCES):
            raise ValueError(f"{path.name} was compiled from another source")
        size, sigma = SMOOTH
        self._side = float(cv2.getGaussianKernel(size, sigma)[0, 0])

    def draw_labels(
        self,
        corners: Points,
        shape: tuple[int, int],
        *,
        offset: tuple[float, float] = (0.0, 0.0),
        step: float = 2.0,
    ) -> NDArray[np.int32]:
        """Draw the numbers of triangles into a grid; see `triangle_flow.draw_labels`."""
        corners = np.ascontiguousarray(corners, np.float64)
        label = np.empty(shape, np.int32)
        self._functions.avatarify_draw_labels(
            at(corners), len(corners), _double(SMALLEST_AREA), *map(_double, offset),
            _double(step), at(label), *shape, at(np.empty((2, len(corners), 2))),
        )  # fmt: skip
        return label

    def affine_maps(self, source: Points, moved: Points) -> NDArray[np.float32]:
        """Return (T, 6), see `triangle_flow.affine_maps`.

        Args:
            source: (T, 3, 2), corners in the portrait.
            moved: (T, 3, 3), corners in the picture and their depth.
        """
        maps = np.empty((len(source), 6), np.float32)
        self._functions.avatarify_affine_maps(
            at(np.ascontiguousarray(source, np.float64)),
            at(np.ascontiguousarray(moved, np.float64)),
            len(maps), _double(SMALLEST_AREA), at(maps),
        )  # fmt: skip
        return maps

    def places(
        self,
        maps: NDArray[np.float32],
        label: NDArray[np.int32],
        corner: tuple[int, int],
        *,
        shift: float = 0.0,
        hidden: NDArray[np.uint8] | None = None,
    ) -> NDArray[np.float32] | None:
        """Return where each point of a grid looks; see `triangle_flow.look_up`.

        Args:
            maps: (T, 6), from the picture.
            label: (h, w), numbers of triangles.
            corner: (x, y) of the grid in the picture.
            shift: Added to x and y of every place.
            hidden: (h, w), not 0 where a point looks at `NOWHERE`.

        Returns:
            (h, w, 2); None where some point has no triangle.
        """
        places = np.empty((*label.shape, 2), np.float32)
        cracks = self._functions.avatarify_look_up(
            at(maps), len(maps), *map(_double, corner), _double(_STEP), _double(shift),
            at(np.empty_like(maps)), at(label), None if hidden is None else at(hidden),
            ctypes.c_float(NOWHERE), at(places), *label.shape,
        )  # fmt: skip
        return None if cracks else places

    def warped(
        self,
        picture: "NativePicture",
        places: NDArray[np.float32],
        surfaces: Surfaces,
        corner: tuple[int, int],
        size: tuple[int, int],
    ) -> NDArray[np.uint8]:
        """Warp a picture, smooth along silhouettes; see `fine_flow.enlarged_flow`.

        Args:
            picture: What is looked at.
            places: (h, w, 2), where to look, in pixels of the picture.
            surfaces: What they were made from.
            corner: (x, y) of what is wanted, in pixels of the flow.
            size: Rows and columns of what is wanted; no more than the flow has from there.

        Returns:
            RGBA (*size, 4).
        """
        height, width = places.shape[:2]
        warped = np.empty((*size, 4), np.uint8)
        self._functions.avatarify_warp(
            at(picture.pixels), *picture.pixels.shape[:2], at(picture.occupied), at(places),
            at(surfaces.label), None if surfaces.hidden is None else at(surfaces.hidden),
            at(surfaces.corners), at(surfaces.maps), _double(surfaces.left), _double(surfaces.top),
            ctypes.c_float(NOWHERE), surfaces.front_count, height, width,
            ctypes.c_float(self._side), ctypes.c_float(TEAR), at(_EDGE_SHARES),
            *corner, at(warped), *size,
            at(np.empty_like(places)), at(np.empty((4, height, width), np.uint8)),
            at(np.empty(14 * width + 8, np.float32)), at(np.empty((3, size[1], 4), np.uint8)),
        )  # fmt: skip
        return warped

    def lay_behind(
        self,
        warped: NDArray[np.uint8],
        seen: NDArray[np.uint8],
        corner: tuple[int, int],
        picture: NDArray[np.uint8],
        into_picture: NDArray[np.floating],
    ) -> None:
        """Lay a picture under another one, in place.

        Args:
            warped: RGBA (h, w, 4).
            seen: Of the flow's grid, 255 where the picture may be seen.
            corner: (x, y) of `warped`, in pixels of the flow.
            picture: RGBA (H, W, 4).
            into_picture: (2, 3), from column and row of `warped` into the picture.
        """
        self._functions.avatarify_lay_behind(
            at(warped), *warped.shape[:2], at(seen), *seen.shape, *corner,
            at(picture), *picture.shape[:2],
            at(np.ascontiguousarray(into_picture, np.float32)),
        )  # fmt: skip

    def eye(self, shape: EyeShape, paint: EyePaint, style: EyeStyle) -> NativeEye:
        """Return what draws one eye of a portrait; see `Eyeballs`."""
        return NativeEye(self._functions, shape, paint, style)

    def mouth(self, paint: MouthPaint) -> NativeMouth:
        """Return what draws the inside of one portrait's mouth; see `MouthInside`."""
        return NativeMouth(self._functions, paint)

    def compose(self, person: NDArray[np.uint8], place: NDArray[np.uint8]) -> None:
        """Lay a person RGBA (h, w, 4) over a part of a picture RGB (h, w, 3), in place."""
        self._functions.avatarify_compose(
            at(person), *person.shape[:2], ctypes.c_void_p(place.ctypes.data), place.strides[0]
        )


class NativePicture:
    """A picture RGBA, and where there is anything in it."""

    def __init__(self, pixels: NDArray[np.uint8]) -> None:
        """Look through a picture.

        Args:
            pixels: RGBA (H, W, 4).
        """
        self.pixels = np.ascontiguousarray(pixels)
        there = np.asarray(pixels.any(axis=2), np.uint8)
        seen = np.asarray(cv2.dilate(there, np.ones((5, 5), np.uint8)), np.uint8)
        height, width = -(-seen.shape[0] // _BLOCK), -(-seen.shape[1] // _BLOCK)
        whole = np.zeros((height * _BLOCK, width * _BLOCK), np.uint8)
        whole[: seen.shape[0], : seen.shape[1]] = seen
        blocks = whole.reshape(height, _BLOCK, width, _BLOCK).max(axis=(1, 3))
        self.occupied = np.ascontiguousarray(blocks)
        """(h, w), of blocks of 16 x 16 pixels, 0 where all is empty up to two pixels around."""


def _edge_shares() -> NDArray[np.uint16]:
    """Return (5, 5), the blur along silhouettes in parts of 256."""
    line = cv2.getGaussianKernel(*EDGE_BLUR).ravel()
    shares = np.round(256.0 * np.outer(line, line)).astype(np.int64)
    shares[2, 2] += 256 - shares.sum()
    return shares.astype(np.uint16)


_EDGE_SHARES = _edge_shares()


@lru_cache(maxsize=1)
def native_library() -> NativeLibrary | None:
    """Return the compiled functions; None where they are not, or are not to be trusted."""
    try:
        return NativeLibrary(LIBRARY)
    except (OSError, ValueError) as error:
        _LOG.debug("painting without compiled functions: %s", error)
        return None


_double = ctypes.c_double
