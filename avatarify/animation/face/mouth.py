"""The inside of a mouth: what lips uncover when they part.

A dark cavity; a lower arch of teeth with the tongue, carried by the jaw; an upper arch, carried by
the skull; the shadow of the lips; all of it only within the moved inner lips, so that how much of
the teeth shows follows from where the lips are. Nothing is drawn while the lips rest.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from avatarify.animation.face.face_picture import FacePicture
from avatarify.animation.face.mouth_colours import (
    Colour,
    between_lips,
    bounced_light,
    softness,
)
from avatarify.animation.face.mouth_light import (
    calm_width,
    lip_light,
    lower_rim,
    mouth_light,
    opening_mask,
    shaded,
    wide_open,
)
from avatarify.animation.face.mouth_plates import MouthPlates, mouth_plates
from avatarify.animation.face.open_mouth import Box, InsidePaint, OpenMouth
from avatarify.frames import Image
from avatarify.geometry.face_mesh import (
    CHIN,
    FOREHEAD,
    INNER_LIPS,
    INNER_LIPS_LOWER,
    INNER_LIPS_UPPER,
)
from avatarify.geometry.face_motion import face_unit, lip_gaps
from avatarify.geometry.face_transfer import MovedFace
from avatarify.geometry.mouth_arch import SHUT, jaw_shift, opening_width

Points = NDArray[np.floating]

_PARTING = (0.008, 0.03)
"""Lips that part by less than the first, more than at rest, uncover nothing, which is what the
tracker errs by; from the second on all that is between them."""

_STIRRED = ((0.0, 0.03), (0.015, 0.06))
"""Ways of the lips on which what is drawn comes in: of a portrait whose lips are shut, and of one
that shows its own teeth, which a warp moves well while it need not stretch them."""

_SEALED = (0.012, 0.045, 0.8)
"""Gaps at which lips that are apart in the portrait have closed, and begin to close, the latter at
most this part of their own: what the warp squeezes between them gives way to a line of lip."""

_SEAM = 0.01
"""Half the thickness of that line."""

_EDGE = 0.007
"""Softness of the lips' inner edge in a sharp portrait."""

_VEIL = (0.17, 0.0)
"""How much of the lips' own colour lies over all that is drawn, as it does over what is wet and
badly lit: where the portrait's lips are shut, and are apart."""

_DARKEST = np.float32(0.85)
"""Nothing inside is darker than this part of the cavity's own colour: flesh throws light about."""

_FLESH = np.float32(0.85)
"""Brightness of flesh inside over that of the lips."""

_WETNESS = (0.75, 0.25)
"""How much of it covers what is behind: where the portrait's lips are shut, and are apart."""


class MouthInside:
    """One portrait's mouth, ready to be opened."""

    def __init__(
        self, picture: Image, landmarks: Points, further: FacePicture | None = None
    ) -> None:
        """Build the mouth of a portrait.

        Args:
            picture: RGB (H, W, 3).
            landmarks: (478, 3) in pixels of the picture, 0 its upper left corner.
            further: Another picture of the same person, whose teeth are taken if it shows any.
        """
        self._rest = np.asarray(landmarks, np.float64)
        self._unit = face_unit(self._rest)
        self._gaps = lip_gaps(self._rest) / self._unit
        self._closes_at = min(_SEALED[1], _SEALED[2] * float(self._gaps.max()))
        down = np.asarray(self._rest[CHIN] - self._rest[FOREHEAD])
        along = np.linspace(-1.0, 1.0, len(INNER_LIPS_UPPER))[:, None]
        thickness = _SEAM * self._unit / max(float(np.linalg.norm(down)), 1e-9)
        self._half_seam = thickness * (1.0 - along**4) * down
        self._width = calm_width(opening_width(self._rest))
        blur = softness(picture, self._rest)
        self.plates = mouth_plates(FacePicture(picture, self._rest), blur, further)
        """Its teeth and tongue."""
        self.paint = _paint(self.plates)
        """What else it is painted with."""
        self._edge = float(np.hypot(_EDGE, blur))

    def draw(self, canvas: Image, face: MovedFace) -> None:
        """Paint the inside of the mouth between the moved lips, in place.

        Args:
            canvas: RGB (H, W, 3), the moved portrait.
            face: Where its landmarks went.
        """
        open_mouth = self.find(face, canvas.shape[:2])
        if open_mouth is None:
            return
        x0, y0, x1, y1 = open_mouth.box
        inside = self._inside(open_mouth)
        self._shade(inside, open_mouth)
        alpha = np.float32(open_mouth.activity) * open_mouth.soft
        region = np.stack(cv2.split(canvas[y0:y1, x0:x1])).astype(np.float32)
        region += alpha * (inside - region) + np.float32(0.5)
        np.clip(region, 0, 255, out=region)
        canvas[y0:y1, x0:x1] = cv2.merge(list(region.astype(np.uint8)))

    def find(self, face: MovedFace, size: tuple[int, int]) -> OpenMouth | None:
        """Tell how the mouth is open in a picture of (height, width); None if nothing shows."""
        calm = face.head.undo(face.landmarks)
        gaps = lip_gaps(calm) / self._unit
        seal = self._seal(gaps)
        activity = max(self._activity(calm), seal)
        loop = self._opening(calm, gaps, seal)
        if loop is None or activity <= 0.0:
            return None
        loop = face.head.apply(loop)[:, :2]
        spread = max(0.7, self._edge * self._unit * face.head.scale)
        box = _box(loop, 3 * spread + 1, size)
        if box is None:
            return None
        x0, y0, x1, y1 = box
        gap, wide = float(gaps.max()), wide_open(float(gaps.max()))
        upper, lower = self.plates.upper.arch, self.plates.lower.arch
        on_jaw = lower.shifted(jaw_shift(self._rest, calm, lower))
        return OpenMouth(
            box,
            opening_mask(loop - (x0, y0), (y1 - y0, x1 - x0)),
            spread,
            self._unit * face.head.scale,
            activity,
            seal,
            lip_light(gap, opening_width(calm) / self._width),
            wide,
            on_jaw.moved(face.head),
            upper.moved(face.head),
        )

    def _activity(self, calm: Points) -> float:
        """Return 0 while the lips are where they were in the portrait, 1 when they have moved."""
        lips = list(INNER_LIPS)
        went = float(np.linalg.norm(calm[lips] - self._rest[lips], axis=1).max()) / self._unit
        start, end = _STIRRED[int(self.plates.is_open)]
        part = min(max((went - start) / (end - start), 0.0), 1.0)
        return part * part * (3.0 - 2.0 * part)

    def _seal(self, gaps: Points) -> float:
        """Return 1 where lips that the portrait shows apart are shut, 0 where they are not."""
        if self._closes_at <= _SEALED[0] or self._gaps.max() <= SHUT:
            return 0.0
        part = (self._closes_at - float(gaps.max())) / (self._closes_at - _SEALED[0])
        part = min(max(part, 0.0), 1.0)
        return part * part * (3.0 - 2.0 * part)

    def _opening(self, calm: Points, gaps: Points, seal: float) -> Points | None:
        """Return (20, 3), the loop between the lips; where they rest it has no area.

        A portrait that shows its own teeth has them drawn wherever its lips are apart, and where
        they have shut there is a line between them.
        """
        part = np.ones(len(self._gaps))
        if not self.plates.is_open:
            more = gaps - np.minimum(self._gaps, SHUT)
            part = np.clip((more - _PARTING[0]) / (_PARTING[1] - _PARTING[0]), 0.0, 1.0)
            part = part * part * (3.0 - 2.0 * part)
        if not part.any() and seal <= 0.0:
            return None
        upper, lower = calm[list(INNER_LIPS_UPPER)], calm[list(INNER_LIPS_LOWER)]
        middle = (upper + lower) / 2
        share = np.concatenate([[1.0], part, [1.0]])[:, None]
        upper = middle + share * (upper - middle) - seal * self._half_seam
        lower = middle + share * (lower - middle) + seal * self._half_seam
        return np.concatenate([upper, lower[-2:0:-1]])

    def _inside(self, found: OpenMouth) -> NDArray[np.float32]:
        """Return (3, h, w), what is behind the lips, as if no lip shaded it."""
        x0, y0, x1, y1 = found.box
        x = np.arange(x0, x1, dtype=np.float32) + 0.5
        y = np.arange(y0, y1, dtype=np.float32)[:, None] + 0.5
        inside = _planes(self.paint.ground)
        lower = self.plates.lower_at(found.wide)
        for plate, arch in ((lower, found.lower), (self.plates.upper, found.upper)):
            seen = plate.seen(arch, x, y)
            inside = inside * (np.float32(1.0) - seen[3] * np.float32(1 / 255))
            inside += seen[:3]
        return inside

    def _shade(self, inside: NDArray[np.float32], found: OpenMouth) -> None:
        paint = self.paint
        light = mouth_light(found.mask, found.unit, found.light)
        inside *= shaded(light, _planes(paint.bounced)) / _planes(self.plates.exposure)
        np.maximum(inside, _planes(paint.darkest), out=inside)
        inside += np.float32(paint.veil_at(found.wide)) * (_planes(paint.flesh) - inside)
        rim = np.float32(paint.wetness) * lower_rim(found.mask, found.wet_reach) ** 2
        inside += rim * (_planes(paint.wet) - inside)
        if found.seal > 0.0:
            inside += np.float32(found.seal) * (_planes(paint.seam) - inside)


def _paint(plates: MouthPlates) -> InsidePaint:
    lips, cavity = plates.colours.lips, plates.colours.cavity
    return InsidePaint(
        ground=plates.exposure * cavity,
        darkest=_DARKEST * cavity,
        bounced=bounced_light(lips),
        flesh=_FLESH * lips,
        wet=0.72 * lips,
        seam=between_lips(lips),
        veil=_VEIL[int(plates.is_open)],
        wetness=_WETNESS[int(plates.is_open)],
    )


def _planes(colour: Colour) -> NDArray[np.float32]:
    """Return (3, 1, 1)."""
    return colour.astype(np.float32)[:, None, None]


def _box(loop: Points, margin: float, shape: tuple[int, ...]) -> Box | None:
    low = np.floor(loop.min(axis=0) - margin).astype(int)
    high = np.ceil(loop.max(axis=0) + margin).astype(int)
    x0, y0 = max(0, int(low[0])), max(0, int(low[1]))
    x1, y1 = min(shape[1], int(high[0])), min(shape[0], int(high[1]))
    return (x0, y0, x1, y1) if x1 > x0 and y1 > y0 else None
