"""The inside of a mouth: what lips uncover when they part.

A dark cavity; a lower arch of teeth with the tongue, carried by the jaw; an upper arch, carried by
the skull; the shadow of the lips; all of it only within the moved inner lips, so that how much of
the teeth shows follows from where the lips are. Nothing is drawn while the lips rest.
"""

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from avatarify.animation.face.mouth_colours import MouthColours, mouth_colours, softness
from avatarify.animation.face.mouth_light import lower_rim, mouth_light, opening_mask
from avatarify.animation.face.mouth_own import OwnMouth, own_mouth
from avatarify.animation.face.mouth_teeth import PlateGrid, lower_plate, upper_plate
from avatarify.frames import Image
from avatarify.geometry.face_mesh import INNER_LIPS, INNER_LIPS_LOWER, INNER_LIPS_UPPER
from avatarify.geometry.face_motion import face_unit, lip_gaps
from avatarify.geometry.face_transfer import MovedFace
from avatarify.geometry.mouth_arch import (
    SHUT,
    Arch,
    jaw_shift,
    lower_arch,
    upper_arch,
    view_arch,
)

Points = NDArray[np.floating]
Map = NDArray[np.float32]

_UPPER_SPAN = (0.33, -0.20, 0.035)
_LOWER_SPAN = (0.33, -0.18, 0.16)
_SHARPNESS = 2.0
"""Texels of a plate per pixel of the portrait."""

_PARTING = (0.008, 0.03)
"""Lips that part by less than the first, more than at rest, uncover nothing, which is what the
tracker errs by; from the second on all that is between them."""

_WET = 0.022
"""How far the lower lip's wet side reaches in."""


class _Plate(NamedTuple):
    grid: PlateGrid
    texels: Image
    """RGBA (h, w, 4), colours times alpha."""


class MouthInside:
    """One portrait's mouth, ready to be opened."""

    def __init__(
        self,
        picture: Image,
        landmarks: Points,
        *,
        teeth_picture: Image | None = None,
        teeth_landmarks: Points | None = None,
    ) -> None:
        """Build the mouth of a portrait; see also `with_teeth_of`.

        Args:
            picture: RGB (H, W, 3).
            landmarks: (478, 3) in pixels of the picture, 0 its upper left corner.
            teeth_picture: A further picture of the same person, who shows teeth in it.
            teeth_landmarks: (478, 3), of the further picture.
        """
        self._rest = np.asarray(landmarks, np.float64)
        self._unit = face_unit(self._rest)
        self._gaps = lip_gaps(self._rest) / self._unit
        colours = mouth_colours(picture, self._rest)
        density = float(np.clip(_SHARPNESS * self._unit, 80.0, 700.0))
        grids = (
            PlateGrid.spanning(*_UPPER_SPAN, density),
            PlateGrid.spanning(*_LOWER_SPAN, density),
        )
        own = own_mouth(picture, self._rest, colours, grids)
        self._upper = upper_arch(self._rest, own.edge if own else None)
        self._lower = lower_arch(self._rest, self._upper)
        seen = own
        if teeth_picture is not None and teeth_landmarks is not None:
            seen = _further(teeth_picture, teeth_landmarks, colours, grids) or own
        if seen and seen.teeth is not None:
            colours = colours._replace(teeth=seen.teeth)
        self._colour(colours, softness(picture, self._rest), is_open=own is not None)
        upper, lower = upper_plate(grids[0], colours), lower_plate(grids[1], colours)
        sigma = self._blur * density
        self._plates = (
            _Plate(grids[0], _joined(upper, sigma, seen.upper if seen else None)),
            _Plate(grids[1], _joined(lower, sigma, own.lower if own else None)),
        )

    def _colour(self, colours: MouthColours, blur: float, *, is_open: bool) -> None:
        self._cavity = colours.cavity
        self._wet = 0.72 * colours.lips
        self._wetness = np.float32(0.25 if is_open else 0.75)
        self._blur = blur
        self._edge = float(np.hypot(0.007, blur))

    @classmethod
    def with_teeth_of(
        cls, picture: Image, landmarks: Points, second: Image, second_landmarks: Points
    ) -> "MouthInside":
        """Build the mouth of a portrait with the teeth of a second picture of the same person."""
        return cls(picture, landmarks, teeth_picture=second, teeth_landmarks=second_landmarks)

    def draw(self, canvas: Image, face: MovedFace) -> None:
        """Paint the inside of the mouth between the moved lips, in place.

        Args:
            canvas: RGB (H, W, 3), the moved portrait.
            face: Where its landmarks went.
        """
        calm = face.head.undo(face.landmarks)
        activity = self._activity(calm)
        loop = self._opening(calm)
        if loop is None or activity <= 0.0:
            return
        loop = face.head.apply(loop)[:, :2]
        spread = max(0.7, self._edge * self._unit * face.head.scale)
        box = _box(loop, 3 * spread + 1, canvas.shape)
        if box is None:
            return
        x0, y0, x1, y1 = box
        mask = opening_mask(loop - (x0, y0), (y1 - y0, x1 - x0))
        inside = self._inside(calm, face, box)
        unit = self._unit * face.head.scale
        gap = float(np.median(lip_gaps(calm))) / self._unit
        inside *= mouth_light(mask, unit, gap, _width(calm) / _width(self._rest))[..., None]
        rim = self._wetness * lower_rim(mask, _WET * unit) ** 2
        inside += rim[..., None] * (self._wet - inside)
        alpha = activity * cv2.GaussianBlur(mask, (0, 0), spread)[..., None]
        region = canvas[y0:y1, x0:x1]
        mixed = region + alpha * (inside - region)
        region[...] = np.clip(mixed + 0.5, 0, 255).astype(np.uint8)

    def _activity(self, calm: Points) -> np.float32:
        """Return 0 while the lips are where they were in the portrait, 1 when they have moved."""
        lips = list(INNER_LIPS)
        went = float(np.linalg.norm(calm[lips] - self._rest[lips], axis=1).max()) / self._unit
        part = np.clip(went / _PARTING[1], 0.0, 1.0)
        return np.float32(part * part * (3.0 - 2.0 * part))

    def _opening(self, calm: Points) -> Points | None:
        """Return (20, 3), the loop between the lips; where they rest it has no area."""
        more = lip_gaps(calm) / self._unit - np.minimum(self._gaps, SHUT)
        part = np.clip((more - _PARTING[0]) / (_PARTING[1] - _PARTING[0]), 0.0, 1.0)
        part = part * part * (3.0 - 2.0 * part)
        if not part.any():
            return None
        upper, lower = calm[list(INNER_LIPS_UPPER)], calm[list(INNER_LIPS_LOWER)]
        middle = (upper + lower) / 2
        share = np.concatenate([[1.0], part, [1.0]])[:, None]
        upper, lower = middle + share * (upper - middle), middle + share * (lower - middle)
        return np.concatenate([upper, lower[-2:0:-1]])

    def _inside(
        self, calm: Points, face: MovedFace, box: tuple[int, int, int, int]
    ) -> NDArray[np.float32]:
        x0, y0, x1, y1 = box
        x = np.arange(x0, x1, dtype=np.float32) + 0.5
        y = np.arange(y0, y1, dtype=np.float32)[:, None] + 0.5
        inside = np.empty((y1 - y0, x1 - x0, 3), np.float32)
        inside[:] = self._cavity
        lower = self._lower.shifted(jaw_shift(self._rest, calm))
        for arch, plate in ((lower, self._plates[1]), (self._upper, self._plates[0])):
            seen = _sample(plate, arch.moved(face.head), x, y)
            inside *= 1.0 - seen[..., 3:] * np.float32(1 / 255)
            inside += seen[..., :3]
        return inside


def _further(
    picture: Image, landmarks: Points, colours: MouthColours, grids: tuple[PlateGrid, PlateGrid]
) -> OwnMouth | None:
    """Return the teeth that a further picture shows, in the light of the portrait."""
    marks = np.asarray(landmarks, np.float64)
    theirs = mouth_colours(picture, marks)
    own = own_mouth(picture, marks, theirs, grids)
    if own is None or own.teeth is None:
        return None
    gain = np.clip(colours.skin / np.maximum(theirs.skin, 1.0), 0.3, 3.0)
    return own._replace(
        upper=own.upper * np.append(gain, 1.0).astype(np.float32),
        teeth=np.clip(own.teeth * gain, 0, 255),
    )


def _joined(drawn: Map, sigma: float, own: Map | None) -> Image:
    """Blur a drawn plate as the portrait is blurred, and lay the picture's own over it."""
    if sigma > 0.3:
        drawn = cv2.GaussianBlur(drawn, (0, 0), sigma)
    if own is not None:
        drawn = own + (1.0 - own[..., 3:] / 255.0) * drawn
    return np.clip(np.round(drawn), 0, 255).astype(np.uint8)


def _width(landmarks: Points) -> float:
    return max(
        float(np.linalg.norm(landmarks[INNER_LIPS_UPPER[0]] - landmarks[INNER_LIPS_UPPER[-1]])),
        1e-6,
    )


def _sample(plate: _Plate, arch: Arch, x: Points, y: Points) -> NDArray[np.uint8]:
    u, v = view_arch(arch).find(x, y)
    grid = plate.grid
    u = (u - np.float32(grid.left)) * np.float32(grid.density) - np.float32(0.5)
    v = (v - np.float32(grid.top)) * np.float32(grid.density) - np.float32(0.5)
    return cv2.remap(plate.texels, u, v, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)


def _box(loop: Points, margin: float, shape: tuple[int, ...]) -> tuple[int, int, int, int] | None:
    low = np.floor(loop.min(axis=0) - margin).astype(int)
    high = np.ceil(loop.max(axis=0) + margin).astype(int)
    x0, y0 = max(0, int(low[0])), max(0, int(low[1]))
    x1, y1 = min(shape[1], int(high[0])), min(shape[0], int(high[1]))
    return (x0, y0, x1, y1) if x1 > x0 and y1 > y0 else None
