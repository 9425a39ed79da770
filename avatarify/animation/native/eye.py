"""One eye of a portrait, placed and drawn by compiled functions."""

import ctypes
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from avatarify.animation.native.pointers import at
from avatarify.geometry.eye_outline import opening_mask
from avatarify.geometry.eye_place import EyeShape
from avatarify.geometry.face_mesh import LANDMARK_COUNT
from avatarify.geometry.similarity import Similarity

Points = NDArray[np.floating]
Floats = NDArray[np.float32]

_POINTS = 9
"""Points of a margin, which the C code is written for."""

_LINE = (16, 6)
"""Numbers that the C code works with: for each column of the window, and more."""

_UNITS = (1 / 64, 1 / 64, 1 / 64, 1 / 16384)
"""In which colours are written, and cover."""

_LID_UNITS = (1 / 16384,) * 4
"""In which shades are written, and nearness: up to 2."""


@dataclass(frozen=True, slots=True, eq=False)
class EyePaint:
    """What one eye is drawn from: a patch of the portrait, (h, w, 4) each; colours 0 to 255."""

    white: Floats
    """The eyeball without its iris; the last channel does not count."""
    iris: Floats
    """What the iris adds to the white, and how much of the white it covers, 0 to 1."""
    own: Floats
    """The portrait; the last channel does not count."""
    lids: tuple[Floats, Floats]
    """Upper and lower: factors to the eyeball's colour; and how near the margin is, 0 to 1. What is
    near is covered by the lid's edge, as the portrait shows it."""
    lash: Floats
    """(3,), the colour of the line in which lids meet."""
    smooth: Points
    """(N, 9), makes a margin a smooth line."""
    thickness: int
    """Of the line in which lids meet, in pixels."""


@dataclass(frozen=True, slots=True)
class EyeStyle:
    """What is the same for all eyes."""

    darkest: float
    """Added to colours where they are shaded."""
    steep: float
    """How fast the cover of a lid's edge grows with its nearness."""
    softness: tuple[float, float]
    """Sigma by which the opening's edge is blurred, in pixels: of open eyes, and of shut ones."""
    fullness: float
    """By which it is multiplied then, up to 1."""
    thin_gap: float
    """An eye that is open less than this part of its own opening shows the line between lids."""
    shut_edge: float
    """Shut lids show only what is nearer to the margin than this."""


class _Eye(ctypes.Structure):
    """`Eye` of eyes.h."""

    _fields_ = (
        ("textures", ctypes.c_void_p * 5),
        ("smooth", ctypes.c_void_p),
        ("reach", ctypes.c_double * (4 * _POINTS)),
        ("parts", ctypes.c_double * (2 * _POINTS)),
        ("heights", ctypes.c_double * (2 * _POINTS)),
        ("start", ctypes.c_double * 2),
        ("axis", ctypes.c_double * 2),
        ("span", ctypes.c_double),
        ("gap", ctypes.c_double),
        ("middle", ctypes.c_double * 2),
        ("to_patch", ctypes.c_double * 2),
        ("to_iris", ctypes.c_double * 2),
        ("landmarks", ctypes.c_int32 * (2 * _POINTS)),
        ("iris_landmark", ctypes.c_int32),
        ("pieces", ctypes.c_int32),
        ("height", ctypes.c_int32),
        ("width", ctypes.c_int32),
        ("units", ctypes.c_float * 4),
        ("lid_units", ctypes.c_float * 4),
        ("lash", ctypes.c_float * 4),
        ("darkest", ctypes.c_float),
        ("steep", ctypes.c_float),
        ("softness", ctypes.c_float * 2),
        ("fullness", ctypes.c_float),
        ("thin_gap", ctypes.c_float),
        ("shut_edge", ctypes.c_float),
    )


class _Place(ctypes.Structure):
    """`Place` of eyes.h."""

    _fields_ = (
        ("ways", ctypes.c_double * (4 * _POINTS)),
        ("left", ctypes.c_int32),
        ("top", ctypes.c_int32),
        ("width", ctypes.c_int32),
        ("height", ctypes.c_int32),
        ("to_patch", ctypes.c_float * 6),
        ("to_iris", ctypes.c_float * 2),
        ("openness", ctypes.c_float),
        ("thinness", ctypes.c_float),
    )


class NativeEye:
    """Draws one eye; any number of threads may do so."""

    def __init__(
        self, functions: ctypes.CDLL, shape: EyeShape, paint: EyePaint, style: EyeStyle
    ) -> None:
        """Take an eye.

        Args:
            functions: The library.
            shape: Where the eye is in the portrait.
            paint: What it is drawn from.
            style: How it is drawn.
        """
        self._place, self._draw = functions.avatarify_place_eye, functions.avatarify_draw_eye
        self._thickness = paint.thickness
        colours = (_fixed(each, _UNITS) for each in (paint.white, paint.iris, paint.own))
        self._textures = [*colours, *(_fixed(lid, _LID_UNITS) for lid in paint.lids)]
        self._smooth = np.ascontiguousarray(paint.smooth, np.float64)
        height, width = paint.white.shape[:2]
        assert all(each.shape == (height, width, 4) for each in self._textures)
        assert paint.smooth.shape[1] == _POINTS
        assert max(shape.indices.max(), shape.iris) < LANDMARK_COUNT
        margins = shape.margins
        self._eye = _Eye(
            textures=(ctypes.c_void_p * 5)(*map(at, self._textures)),
            smooth=at(self._smooth),
            reach=tuple(shape.reach.ravel()),
            parts=tuple(margins.parts.ravel()),
            heights=tuple(margins.heights.ravel()),
            start=tuple(margins.start),
            axis=tuple(margins.axes[:, 0]),
            span=margins.width,
            gap=shape.gap,
            middle=tuple(shape.middle),
            to_patch=tuple(shape.to_patch),
            to_iris=tuple(shape.to_iris),
            landmarks=tuple(shape.indices.tolist()),
            iris_landmark=shape.iris,
            pieces=len(paint.smooth),
            height=height,
            width=width,
            units=_UNITS,
            lid_units=_LID_UNITS,
            lash=tuple(paint.lash),
            darkest=style.darkest,
            steep=style.steep,
            softness=style.softness,
            fullness=style.fullness,
            thin_gap=style.thin_gap,
            shut_edge=style.shut_edge,
        )
        self._eye_at = ctypes.byref(self._eye)

    def draw(self, canvas: NDArray[np.uint8], landmarks: Points, head: Similarity) -> None:
        """Draw the eye, in place.

        Args:
            canvas: RGB (H, W, 3).
            landmarks: (478, 3), of the moved face.
            head: The rigid part of its motion.

        Raises:
            ValueError: The arrays are of another kind.
        """
        points = np.ascontiguousarray(landmarks, np.float64)
        is_picture = canvas.dtype == np.uint8 and canvas.shape[2:] == (3,)
        if points.shape != (LANDMARK_COUNT, 3) or not is_picture or canvas.strides[1:] != (3, 1):
            raise ValueError(f"{LANDMARK_COUNT} landmarks and rows of RGB are needed")
        turn = np.ascontiguousarray(head.scale * head.rotation[:2, :2], np.float64)
        place = _Place()
        loop = np.empty((2 * len(self._smooth), 2), np.int32)
        is_seen = self._place(
            self._eye_at, ctypes.c_void_p(points.ctypes.data), ctypes.c_void_p(turn.ctypes.data),
            ctypes.c_double(head.scale), *canvas.shape[:2], ctypes.byref(place),
            ctypes.c_void_p(loop.ctypes.data),
        )  # fmt: skip
        if not is_seen:
            return
        thickness = self._thickness if place.thinness > 0.0 else 0
        mask = opening_mask(loop, (place.height, place.width), thickness)
        line = np.empty(_LINE[0] * place.width + _LINE[1], np.float32)
        self._draw(
            self._eye_at, ctypes.byref(place), ctypes.c_void_p(mask.ctypes.data),
            ctypes.c_void_p(canvas.ctypes.data), canvas.strides[0],
            ctypes.c_void_p(line.ctypes.data),
        )  # fmt: skip


def _fixed(texture: Floats, units: tuple[float, ...]) -> NDArray[np.int16]:
    """Write numbers (h, w, 4) in units, as near as 16 bits allow."""
    whole = np.rint(texture / np.array(units))
    return np.ascontiguousarray(np.clip(whole, -32768, 32767).astype(np.int16))
