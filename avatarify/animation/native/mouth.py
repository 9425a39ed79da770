"""The inside of one portrait's mouth, drawn by a compiled function."""

import ctypes
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from avatarify.animation.native.pointers import at

Points = NDArray[np.floating]
Floats = NDArray[np.float32]
Texels = NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class PlatePaint:
    """What one arch of teeth is drawn from."""

    texels: tuple[Texels, Texels]
    """RGBA (h, w, 4), colours times alpha: in the dark, and in full light."""
    left: float
    top: float
    density: float
    """Texels per unit of the arch's coordinates, and those of its upper left corner."""


@dataclass(frozen=True, slots=True, eq=False)
class MouthPaint:
    """What a mouth is drawn from; colours are RGB (3,), 0 to 255."""

    plates: tuple[PlatePaint, PlatePaint]
    """Far to near."""
    positions: Points
    depths: Points
    """(N,), coordinates along an arch in even steps, and how deep it lies there."""
    entries: int
    """Of the table in which they are looked up."""
    steepest: float
    """Slants are no larger."""
    ground: Floats
    darkest: Floats
    exposure: Floats
    bounced: Floats
    flesh: Floats
    wet: Floats
    seam: Floats
    wetness: float
    shadow: tuple[float, float]
    """Of the lips: where all is near them, and what the opening takes from it."""


@dataclass(frozen=True, slots=True, eq=False)
class MouthOpening:
    """How a mouth is open in one picture; shares are 0 to 1."""

    arches: Points
    """(2, 4, 2), origin, across, down and back of each plate, in pixels."""
    mix: tuple[float, float]
    """How much of each plate is in full light."""
    bright: float
    shade: float
    veil: float
    seal: float
    activity: float
    near: Floats
    below: Floats
    soft: Floats
    """(h, w), the opening blurred as far as shadows reach, downwards, and along its edge."""
    left: int
    top: int


class _Plate(ctypes.Structure):
    """`Plate` of mouth.c."""

    _fields_ = (
        ("texels", ctypes.c_void_p * 2),
        ("height", ctypes.c_int32),
        ("width", ctypes.c_int32),
        ("left", ctypes.c_float),
        ("top", ctypes.c_float),
        ("density", ctypes.c_float),
    )


class _Mouth(ctypes.Structure):
    """`Mouth` of mouth.c."""

    _fields_ = (
        ("plates", _Plate * 2),
        ("positions", ctypes.c_void_p),
        ("depths", ctypes.c_void_p),
        ("count", ctypes.c_int32),
        ("entries", ctypes.c_int32),
        ("steepest", ctypes.c_double),
        ("ground", ctypes.c_float * 4),
        ("darkest", ctypes.c_float * 4),
        ("gain", ctypes.c_float * 4),
        ("bounced", ctypes.c_float * 4),
        ("flesh", ctypes.c_float * 4),
        ("wet", ctypes.c_float * 4),
        ("seam", ctypes.c_float * 4),
        ("wetness", ctypes.c_float),
        ("shadow", ctypes.c_float * 2),
    )


class _Opening(ctypes.Structure):
    """`Opening` of mouth.c."""

    _fields_ = (
        ("arches", ctypes.c_double * 16),
        ("mix", ctypes.c_float * 2),
        ("bright", ctypes.c_float),
        ("shade", ctypes.c_float),
        ("veil", ctypes.c_float),
        ("seal", ctypes.c_float),
        ("activity", ctypes.c_float),
        ("left", ctypes.c_int32),
        ("top", ctypes.c_int32),
        ("width", ctypes.c_int32),
        ("height", ctypes.c_int32),
    )


class NativeMouth:
    """Draws one mouth; any number of threads may do so."""

    def __init__(self, functions: ctypes.CDLL, paint: MouthPaint) -> None:
        """Take a mouth.

        Args:
            functions: The library.
            paint: What it is drawn from.
        """
        self._draw = functions.avatarify_draw_mouth
        self._entries = paint.entries
        self._textures = [[np.ascontiguousarray(t) for t in plate.texels] for plate in paint.plates]
        self._positions = np.ascontiguousarray(paint.positions, np.float64)
        self._depths = np.ascontiguousarray(paint.depths, np.float64)
        assert paint.entries > 1 < len(self._positions)
        assert self._positions.shape == self._depths.shape
        for dark, lit in self._textures:
            assert dark.shape == lit.shape == (*dark.shape[:2], 4)
            assert dark.dtype == lit.dtype == np.uint8
        self._mouth = _Mouth(
            plates=tuple(map(_plate, paint.plates, self._textures)),
            positions=at(self._positions),
            depths=at(self._depths),
            count=len(self._positions),
            entries=paint.entries,
            steepest=paint.steepest,
            ground=_four(paint.ground),
            darkest=_four(paint.darkest),
            gain=_four(1.0 / paint.exposure),
            bounced=_four(paint.bounced),
            flesh=_four(paint.flesh),
            wet=_four(paint.wet),
            seam=_four(paint.seam),
            wetness=paint.wetness,
            shadow=paint.shadow,
        )
        self._mouth_at = ctypes.byref(self._mouth)

    def draw(self, canvas: NDArray[np.uint8], opening: MouthOpening) -> None:
        """Draw the mouth, in place.

        Args:
            canvas: RGB (H, W, 3).
            opening: How it is open; its window lies in the canvas.

        Raises:
            ValueError: The arrays are of another kind.
        """
        height, width = opening.soft.shape
        place = canvas[opening.top : opening.top + height, opening.left : opening.left + width]
        is_picture = canvas.dtype == np.uint8 and canvas.strides[1:] == (3, 1)
        if not is_picture or place.shape != (height, width, 3):
            raise ValueError("rows of RGB around the mouth are needed")
        planes = [
            np.ascontiguousarray(plane, np.float32)
            for plane in (opening.near, opening.below, opening.soft)
        ]
        if any(plane.shape != (height, width) for plane in planes):
            raise ValueError("all that is told of an opening is of one size")
        told = _Opening(
            arches=tuple(opening.arches.ravel()),
            mix=opening.mix,
            bright=opening.bright,
            shade=opening.shade,
            veil=opening.veil,
            seal=opening.seal,
            activity=opening.activity,
            left=opening.left,
            top=opening.top,
            width=width,
            height=height,
        )
        places = np.empty(len(self._positions), np.float64)
        tables = np.empty(4 * self._entries, np.float32)
        self._draw(
            self._mouth_at, ctypes.byref(told), *map(at, planes),
            ctypes.c_void_p(place.ctypes.data), canvas.strides[0], at(places), at(tables),
        )  # fmt: skip


def _four(colour: Floats) -> tuple[float, ...]:
    """Return a colour and a 0: the compiled function computes with four numbers at once."""
    return (*colour.tolist(), 0.0)


def _plate(paint: PlatePaint, texels: list[Texels]) -> _Plate:
    height, width = texels[0].shape[:2]
    places = (ctypes.c_void_p * 2)(*map(at, texels))
    return _Plate(places, height, width, paint.left, paint.top, paint.density)
