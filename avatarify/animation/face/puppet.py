"""A portrait taken apart into layers, and put together again for any place of its landmarks.

Layers, far to near: the backdrop, the person (one warped sheet), the eyeballs, the inside of the
mouth. The person is kept as what it adds to the backdrop, P = I − (1 − m) B with its matte m, so
that a portrait at rest is exactly the picture that it was.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from avatarify.animation.face.back_of_head import INSIDE_PX, back_of_head
from avatarify.animation.face.head_outline import head_outline
from avatarify.animation.face.hidden_skin import HiddenSkin
from avatarify.animation.face.matte_margin import extended_person
from avatarify.animation.face.sheet import PlaneMap, Sheet
from avatarify.frames import Image
from avatarify.geometry.face_transfer import MovedFace
from avatarify.geometry.fine_flow import enlarged_flow
from avatarify.geometry.similarity import Similarity
from avatarify.geometry.triangle_flow import TriangleFlow, affine_maps, draw_labels, look_up

_MARGIN = 0.2
"""How far the person goes on beyond the picture's edges, in its longer side."""

NOWHERE = -1e4
"""Where the flow looks to see nothing, in pixels of `person`."""

_AROUND = np.ones((3, 3), np.uint8)
_SUBPIXEL_BITS = 4

STEP = 2
"""Pixels of the picture between two points of the dense flow."""

EDGE_BLUR = (5, 1.1)
"""Size and sigma of the blur along silhouettes, in pixels."""

MIRROR_BLUR = 2.5
"""Softness of the edge of mirrored skin, in points of the flow."""

LEAST_SHARE = 0.02
"""Skin that takes less of its mirror image keeps its own."""


class PersonMotion(NamedTuple):
    """The sparse motion around the person: affine maps, and where each of them holds."""

    left: int
    """Where its grid begins in the picture, in pixels; one point of it lies outside of what is
    painted, on each side."""
    top: int
    label: NDArray[np.int32]
    """(h, w), the number of the triangle that holds here, -1 for none."""
    maps: NDArray[np.float32]
    """(T, 6), from the picture to the portrait, as `affine_maps` gives them."""


class Uncovered(NamedTuple):
    """Where the back of the head shows, on the grid of a `PersonMotion`."""

    hidden: NDArray[np.uint8]
    """(h, w), 255 where the portrait has the head's front, which is elsewhere now."""
    seen: NDArray[np.uint8]
    """(h, w), 255 where the back may be seen: there, and where the front is full of holes."""


class MirroredSkin(NamedTuple):
    """What each triangle takes of its mirror image."""

    shares: NDArray[np.float32]
    """(T,), 0 to 1."""
    maps: NDArray[np.float32]
    """(T, 6), from the picture to the mirror image in the portrait."""


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
        self.backdrop = backdrop
        self._box = _box_of(matte)
        through = (255 - matte.astype(np.float32))[..., None] / 255.0
        added = np.clip(np.round(picture - through * backdrop), 0, 255).astype(np.uint8)
        added[matte == 0] = 0  # nothing of the room goes along, however the backdrop was made
        person = np.concatenate([added, matte[..., None]], axis=2)
        margin = round(_MARGIN * max(size))
        self.person = extended_person(person, margin)
        """RGBA (H + 2 · margin, W + 2 · margin, 4): what the person adds, and its matte."""
        self.into_person = np.float32(margin - 0.5)
        """Added to a place in the portrait, x and y: the same place in `person`, 0 being the
        centre of its first pixel."""
        outline = head_outline(landmarks, self.person, margin)
        self.sheet = Sheet(landmarks, size, outline)
        self.hidden = HiddenSkin(self.sheet, picture)
        self._hidden = self.sheet.hidden(INSIDE_PX + STEP)
        self.behind = back_of_head(
            self.person,
            self.sheet.outline + self.into_person,
            self.sheet.hides + self.into_person,
            landmarks + self.into_person,
        )

    def motion(self, face: MovedFace) -> PersonMotion:
        """Return the affine maps of all triangles, and draw where each of them holds."""
        moved = self.sheet.moved(face)
        left, top, right, bottom = self._reach(moved)
        corners = moved[self.sheet.triangles]
        label = draw_labels(
            corners,
            (-(-(bottom - top) // STEP) + 2, -(-(right - left) // STEP) + 2),
            offset=(left - STEP, top - STEP),  # one more on each side, to interpolate up to it
            step=STEP,
        )
        maps = affine_maps(self.sheet.rest[self.sheet.triangles][:, :, :2], corners[:, :, :2])
        return PersonMotion(left - STEP, top - STEP, label, maps)

    def mirrored(self, face: MovedFace) -> MirroredSkin | None:
        """Return what triangles take of their mirror images; None if none of them takes any."""
        if not self.hidden.is_any:
            return None
        shares = self.hidden.shares(face.head.rotation)
        if shares.max() <= LEAST_SHARE:
            return None
        moved = self.sheet.moved(face)[self.sheet.triangles][:, :, :2]
        source = self.sheet.rest[self.sheet.mirrored_triangles][:, :, :2]
        return MirroredSkin(shares, affine_maps(source, moved))

    def flow(self, face: MovedFace) -> PersonFlow:
        """Return the dense backward flow around the person, on a grid of `STEP` pixels."""
        left, top, label, maps = self.motion(face)
        source = look_up(maps, label, (left, top), STEP)
        return PersonFlow(left, top, TriangleFlow(source, label))

    def warp(self, face: MovedFace) -> PersonLayer:
        """Warp the person to a moved face."""
        found = self.motion(face)
        uncovered = self.uncovered(found, face.head)
        places = self._places(found.maps, found.label, found[:2])
        if uncovered is not None:
            places[uncovered.hidden > 0] = NOWHERE
        flow, edges = enlarged_flow(places, STEP)
        left, top = found.left + STEP, found.top + STEP
        flow = flow[STEP : STEP + self.size[0] - top, STEP : STEP + self.size[1] - left]
        warped = self._seen(flow)
        rows, columns = warped.shape[:2]
        if edges is not None:
            _soften(warped, edges[STEP : STEP + rows, STEP : STEP + columns])
        skin = self.mirrored(face)
        if skin is not None:
            self._mirror(warped, skin, found)
        if uncovered is not None:
            self._lay_behind(warped, uncovered.seen, face.head, (left, top))
        added = cv2.cvtColor(warped, cv2.COLOR_BGRA2BGR).astype(np.uint8, copy=False)
        matte = cv2.extractChannel(warped, 3).astype(np.uint8, copy=False)
        return PersonLayer(left, top, added, matte)

    def _places(
        self, maps: NDArray[np.float32], label: NDArray[np.int32], corner: tuple[int, int]
    ) -> NDArray[np.float32]:
        """Return (h, w, 2), where a grid that begins at `corner` looks in `person`."""
        maps = maps.copy()
        maps[:, 2::3] += self.into_person
        return look_up(maps, label, corner, STEP)

    def _seen(self, flow: NDArray[np.float32]) -> NDArray[np.uint8]:
        border = cv2.BORDER_CONSTANT
        seen = cv2.remap(self.person, flow, None, cv2.INTER_LINEAR, borderMode=border)
        return np.asarray(seen, np.uint8)

    def uncovered(self, found: PersonMotion, head: Similarity) -> Uncovered | None:
        """Return where the back of the head shows, or None if the front hides all of it."""
        edge = self.sheet.rolled(head).apply(self._hidden)
        grid = (edge - (found.left, found.top)) / STEP - 0.5
        hidden = np.zeros(found.label.shape, np.uint8)
        fixed = np.round(grid * (1 << _SUBPIXEL_BITS)).astype(np.int32)
        cv2.fillPoly(hidden, [fixed], 255, cv2.LINE_8, _SUBPIXEL_BITS)
        front = (found.label < self.sheet.front_count).view(np.uint8) * np.uint8(255)
        cv2.subtract(hidden, front, dst=hidden)
        if not cv2.hasNonZero(hidden):
            return None
        seen = cv2.dilate(hidden | front, _AROUND)
        return Uncovered(hidden, np.asarray(seen, np.uint8))

    def _lay_behind(
        self,
        warped: NDArray[np.uint8],
        seen: NDArray[np.uint8],
        head: Similarity,
        corner: tuple[int, int],
    ) -> None:
        """Lay the back of the head under its front, in place.

        Args:
            warped: RGBA (h, w, 4), the person without what the front no longer hides.
            seen: 255 where the back may be seen, on the grid of the motion.
            head: The head's motion.
            corner: (x, y) of `warped` in the picture, in pixels.
        """
        x, y, width, height = cv2.boundingRect(seen)
        cover = cv2.resize(
            seen[y : y + height, x : x + width],
            (STEP * width, STEP * height),
            interpolation=cv2.INTER_NEAREST,
        )
        x, y = STEP * (x - 1), STEP * (y - 1)
        at, inside = overlap((x, y), cover.shape, warped.shape)
        place = warped[at]
        through = cv2.min(cv2.bitwise_not(cv2.extractChannel(place, 3)), cover[inside])
        linear, shift = self.behind_to_picture(head)
        first = corner[0] + at[1].start, corner[1] + at[0].start
        to_place = np.column_stack([linear, shift - first])
        back = cv2.warpAffine(self.behind.person, to_place, through.shape[::-1])
        shares = cv2.merge([through] * 4)
        cv2.add(cv2.multiply(back, shares, scale=1 / 255), place, dst=place)

    def behind_to_picture(self, head: Similarity) -> PlaneMap:
        """Return where pixels of `behind.person` go in the picture, both told by their centres."""
        linear, shift = self.sheet.rolled(head)
        first = np.array(self.behind.corner) - self.into_person
        return PlaneMap(linear, linear @ first + shift - 0.5)

    def _mirror(self, warped: NDArray[np.uint8], skin: MirroredSkin, found: PersonMotion) -> None:
        """Lay the mirror image over skin that the portrait hardly shows, in place."""
        label = found.label
        share = np.take(skin.shares, label) * (label >= 0)
        share = np.asarray(cv2.GaussianBlur(share, (0, 0), MIRROR_BLUR), np.float32)
        x, y, width, height = cv2.boundingRect((share > LEAST_SHARE).astype(np.uint8))
        if width == 0:
            return
        box = slice(y, y + height), slice(x, x + width)
        corner = found.left + STEP * x, found.top + STEP * y
        other = self._seen(enlarged_flow(self._places(skin.maps, label[box], corner), STEP).source)
        cover = cv2.resize(share[box], (STEP * width, STEP * height))
        at, inside = overlap((STEP * (x - 1), STEP * (y - 1)), other.shape, warped.shape)
        light = np.append(self.hidden.light, np.float32(1.0))
        lit = np.minimum(other[inside] * light, np.float32(255.0))
        place = warped[at]
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


Place = tuple[slice, slice]


def overlap(
    corner: tuple[int, int], box: Sequence[int], layer: Sequence[int]
) -> tuple[Place, Place]:
    """Return where a box meets a layer, in the layer and in the box: rows and columns of both.

    Args:
        corner: (x, y) of the box's upper left corner in the layer; may lie outside of it.
        box: (height, width, ...).
        layer: (height, width, ...).
    """
    rows, columns = (
        (max(0, begin), max(0, min(begin + box[axis], layer[axis])), begin)
        for axis, begin in ((0, corner[1]), (1, corner[0]))
    )
    at = slice(*rows[:2]), slice(*columns[:2])
    inside = tuple(slice(low - begin, high - begin) for low, high, begin in (rows, columns))
    return at, (inside[0], inside[1])


def _soften(warped: NDArray[np.uint8], edges: NDArray[np.uint8]) -> None:
    """Smooth the steps of the flow's grid along silhouettes, in place."""
    x, y, width, height = cv2.boundingRect(edges)
    if width == 0:
        return
    place = warped[y : y + height, x : x + width]
    soft = cv2.GaussianBlur(place, (EDGE_BLUR[0], EDGE_BLUR[0]), EDGE_BLUR[1])
    cv2.copyTo(soft, np.ascontiguousarray(edges[y : y + height, x : x + width]), place)


def _box_of(matte: NDArray[np.uint8]) -> tuple[int, int, int, int]:
    """Return left, top, right, bottom around the person; all of the picture if there is none."""
    rows, columns = np.flatnonzero(matte.any(axis=1)), np.flatnonzero(matte.any(axis=0))
    if not len(rows):
        return 0, 0, matte.shape[1], matte.shape[0]
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1
