"""A portrait taken apart into layers, and put together again for any place of its landmarks.

Layers, far to near: the backdrop, the person (one warped sheet), the eyeballs, the inside of the
mouth. The person is kept as what it adds to the backdrop, P = I − (1 − m) B with its matte m, so
that a portrait at rest is exactly the picture that it was.
"""

from dataclasses import dataclass
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from avatarify.animation.face.hidden_skin import HiddenSkin
from avatarify.animation.face.matte_margin import extended_person
from avatarify.animation.face.sheet import Sheet
from avatarify.frames import Image
from avatarify.geometry.face_transfer import MovedFace
from avatarify.geometry.fine_flow import enlarged_flow
from avatarify.geometry.triangle_flow import TriangleFlow, affine_maps, draw_flow, look_up

_MARGIN = 0.2
"""How far the person goes on beyond the picture's edges, in its longer side."""

STEP = 2
"""Pixels of the picture between two points of the dense flow."""

_MIRROR_BLUR = 2.5
"""Softness of the edge of mirrored skin, in points of the flow."""

_LEAST_SHARE = 0.02
"""Skin that takes less of its mirror image keeps its own."""


class PersonFlow(NamedTuple):
    """The dense motion around the person."""

    left: int
    """Where its grid begins in the picture, in pixels."""
    top: int
    motion: TriangleFlow


@dataclass(frozen=True, slots=True, eq=False)
class PersonLayer:
    """The warped person, in a part of the picture."""

    left: int
    top: int
    added: Image
    """RGB (h, w, 3): what the person adds to the backdrop, its colour times its matte."""
    matte: NDArray[np.uint8]
    """(h, w), 255 where the person covers the backdrop."""


class FacePuppet:
    """One portrait, ready to be moved."""

    def __init__(
        self,
        picture: Image,
        landmarks: NDArray[np.floating],
        matte: NDArray[np.uint8],
        backdrop: Image,
    ) -> None:
        """Take a portrait apart.

        Args:
            picture: RGB (H, W, 3).
            landmarks: (478, 3) in pixels of the picture, 0 its upper left corner.
            matte: (H, W), 255 where the person is, 0 where the room is.
            backdrop: RGB (H, W, 3), the room with the person taken out.
        """
        size = picture.shape[0], picture.shape[1]
        self.size = size
        self.sheet = Sheet(landmarks, size)
        self._hidden = HiddenSkin(self.sheet, picture)
        self.backdrop = backdrop
        self._box = _box_of(matte)
        through = (255 - matte.astype(np.float32))[..., None] / 255.0
        added = np.clip(np.round(picture - through * backdrop), 0, 255).astype(np.uint8)
        added[matte == 0] = 0  # nothing of the room goes along, however the backdrop was made
        person = np.concatenate([added, matte[..., None]], axis=2)
        self._margin = round(_MARGIN * max(size))
        self._person = extended_person(person, self._margin)

    def flow(self, face: MovedFace) -> PersonFlow:
        """Return the dense backward flow around the person, on a grid of `STEP` pixels."""
        moved = self.sheet.moved(face)
        left, top, right, bottom = self._reach(moved)
        motion = draw_flow(
            self.sheet.triangles,
            self.sheet.rest,
            moved,
            (-(-(bottom - top) // STEP) + 2, -(-(right - left) // STEP) + 2),
            offset=(left - STEP, top - STEP),  # one more on each side, to interpolate up to it
            step=STEP,
        )
        return PersonFlow(left - STEP, top - STEP, motion)

    def warp(self, face: MovedFace) -> PersonLayer:
        """Warp the person to a moved face."""
        found = self.flow(face)
        to_centre = np.float32(self._margin - 0.5)  # from a corner's origin to a pixel's centre
        fine = enlarged_flow(found.motion.source + to_centre, STEP)
        flow = fine.source
        left, top = max(0, found.left + STEP), max(0, found.top + STEP)
        flow = flow[STEP : self.size[0] - found.top, STEP : self.size[1] - found.left]
        warped = cv2.remap(
            self._person, flow, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT
        ).astype(np.uint8, copy=False)
        if fine.edges is not None:
            rows, columns = warped.shape[:2]
            _soften(warped, fine.edges[STEP : STEP + rows, STEP : STEP + columns])
        if self._hidden.is_any:
            self._mirror(warped, face, found)
        added = cv2.cvtColor(warped, cv2.COLOR_BGRA2BGR).astype(np.uint8, copy=False)
        matte = cv2.extractChannel(warped, 3).astype(np.uint8, copy=False)
        return PersonLayer(left, top, added, matte)

    def _mirror(self, warped: NDArray[np.uint8], face: MovedFace, found: PersonFlow) -> None:
        """Lay the mirror image over skin that the portrait hardly shows, in place."""
        label = found.motion.label
        share = np.take(self._hidden.shares(face.head.rotation), label) * (label >= 0)
        share = np.asarray(cv2.GaussianBlur(share, (0, 0), _MIRROR_BLUR), np.float32)
        x, y, width, height = cv2.boundingRect((share > _LEAST_SHARE).astype(np.uint8))
        if width == 0:
            return
        box = slice(y, y + height), slice(x, x + width)
        triangles = self.sheet.mirrored_triangles
        moved = self.sheet.moved(face)[self.sheet.triangles][:, :, :2]
        maps = affine_maps(self.sheet.rest[triangles][:, :, :2], moved)
        corner = found.left + STEP * x, found.top + STEP * y
        source = look_up(maps, label[box], corner, float(STEP))
        flow = enlarged_flow(source + np.float32(self._margin - 0.5), STEP).source
        person, border = self._person, cv2.BORDER_CONSTANT
        other = cv2.remap(person, flow, None, cv2.INTER_LINEAR, borderMode=border)
        left, top = max(0, found.left + STEP), max(0, found.top + STEP)
        size = (STEP * width, STEP * height)
        cover = cv2.resize(share[box], size, interpolation=cv2.INTER_LINEAR)
        begin_x, begin_y = max(0, left - corner[0]), max(0, top - corner[1])
        place = warped[max(0, corner[1] - top) :, max(0, corner[0] - left) :]
        place = place[: size[1] - begin_y, : size[0] - begin_x]
        inside = slice(begin_y, begin_y + place.shape[0]), slice(begin_x, begin_x + place.shape[1])
        light = np.append(self._hidden.light, np.float32(1.0))
        lit = np.minimum(other[inside] * light, np.float32(255.0))
        place[...] = np.round(place + cover[inside][..., None] * (lit - place)).astype(np.uint8)

    def _reach(self, moved: NDArray[np.floating]) -> tuple[int, int, int, int]:
        """Return left, top, right, bottom of where the person can be, some grid points at least.

        No point between vertices goes farther than the vertices do.
        """
        left, top, right, bottom = self._box
        rest = self.sheet.rest[:, :2]
        margin = 0.5 * max(right - left, bottom - top)
        is_near = (rest > (left - margin, top - margin)) & (
            rest < (right + margin, bottom + margin)
        )
        way = (moved[:, :2] - rest)[is_near.all(axis=1)]
        low, high = np.minimum(way.min(axis=0), 0), np.maximum(way.max(axis=0), 0)
        height, width = self.size
        left, top = max(0, int(left + low[0]) - 2), max(0, int(top + low[1]) - 2)
        right = min(width, max(int(right + high[0]) + 3, left + 8 * STEP))
        bottom = min(height, max(int(bottom + high[1]) + 3, top + 8 * STEP))
        return left, top, right, bottom

    def draw(self, face: MovedFace, backdrop: Image | None = None) -> Image:
        """Paint the portrait with its landmarks moved.

        Args:
            face: Where the landmarks go.
            backdrop: RGB (H, W, 3) to stand behind the person instead of the portrait's own room.

        Returns:
            RGB (H, W, 3), in memory of its own.
        """
        layer = self.warp(face)
        picture = (self.backdrop if backdrop is None else backdrop).copy()
        height, width = layer.matte.shape
        place = picture[layer.top : layer.top + height, layer.left : layer.left + width]
        through = cv2.cvtColor(cv2.bitwise_not(layer.matte), cv2.COLOR_GRAY2BGR)
        cv2.add(cv2.multiply(place, through, scale=1 / 255), layer.added, dst=place)
        return picture


def _soften(warped: NDArray[np.uint8], edges: NDArray[np.uint8]) -> None:
    """Smooth the steps of the flow's grid along silhouettes, in place."""
    x, y, width, height = cv2.boundingRect(edges)
    if width == 0:
        return
    place = warped[y : y + height, x : x + width]
    soft = cv2.GaussianBlur(place, (5, 5), 1.1)
    cv2.copyTo(soft, np.ascontiguousarray(edges[y : y + height, x : x + width]), place)


def _box_of(matte: NDArray[np.uint8]) -> tuple[int, int, int, int]:
    """Return left, top, right, bottom around the person; all of the picture if there is none."""
    rows, columns = np.flatnonzero(matte.any(axis=1)), np.flatnonzero(matte.any(axis=0))
    if not len(rows):
        return 0, 0, matte.shape[1], matte.shape[0]
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1
