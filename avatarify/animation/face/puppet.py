"""A portrait taken apart into layers, and put together again for any place of its landmarks.

Layers, far to near: the backdrop, the person (one warped sheet), the eyeballs, the inside of the
mouth. The person is kept as what it adds to the backdrop, P = I − (1 − m) B with its matte m, so
that a portrait at rest is exactly the picture that it was.
"""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from avatarify.animation.face.back_of_head import back_of_head
from avatarify.animation.face.front_edge import INSIDE_PX, PlaneMap
from avatarify.animation.face.head_outline import head_outline
from avatarify.animation.face.hidden_skin import HiddenSkin
from avatarify.animation.face.matte_margin import extended_person
from avatarify.animation.face.sheet import Sheet
from avatarify.frames import Image
from avatarify.geometry import triangle_flow
from avatarify.geometry.face_transfer import MovedFace
from avatarify.geometry.silhouette import Surfaces
from avatarify.geometry.similarity import Similarity
from avatarify.geometry.triangle_flow import Points, TriangleFlow, affine_maps, look_up

_MARGIN = 0.2
"""How far the person goes on beyond the picture's edges, in its longer side."""

_AROUND = np.ones((3, 3), np.uint8)
_SUBPIXEL_BITS = 4

_SHOWN_PX = 12.0
"""Once the front has gone this far, the back shows through all of its holes: not at once."""

STEP = 2
"""Pixels of the picture between two points of the dense flow."""

MIRROR_BLUR = 2.5
"""Softness of the edge of mirrored skin, in points of the flow."""

LEAST_SHARE = 0.02
"""Skin that takes less of its mirror image keeps its own."""


class Drawing(Protocol):
    """Draws a mesh: the module `triangle_flow`, or what does the same in another way."""

    def draw_labels(
        self,
        corners: Points,
        shape: tuple[int, int],
        *,
        offset: tuple[float, float] = ...,
        step: float = ...,
    ) -> NDArray[np.int32]:
        """Return (h, w), the number of the triangle that holds there, -1 for none."""

    def affine_maps(self, source: Points, moved: Points) -> NDArray[np.float32]:
        """Return (T, 6), each triangle's map from the picture to the portrait."""


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
    corners: NDArray[np.float64]
    """(T, 3, 3), of the triangles in the picture, with their depth."""


class Uncovered(NamedTuple):
    """Where the back of the head shows, on the grid of a `PersonMotion`."""

    hidden: NDArray[np.uint8]
    """(h, w), 255 where the portrait has the head's front, which is elsewhere now."""
    seen: NDArray[np.uint8]
    """(h, w), 0 to 255, how much of the back may be seen: all of it there, and where the front is
    full of holes the more the farther it has gone."""


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
        self.behind = back_of_head(
            self.person,
            self.sheet.outline + self.into_person,
            self.sheet.edge.clears + self.into_person,
            landmarks + self.into_person,
        )

    def motion(self, face: MovedFace, drawing: Drawing = triangle_flow) -> PersonMotion:
        """Return the affine maps of all triangles, and draw where each of them holds.

        Args:
            face: Where the landmarks go.
            drawing: What draws the mesh.
        """
        moved = self.sheet.moved(face)
        left, top, right, bottom = self._reach(moved)
        corners = moved[self.sheet.triangles]
        label = drawing.draw_labels(
            corners,
            (-(-(bottom - top) // STEP) + 2, -(-(right - left) // STEP) + 2),
            offset=(left - STEP, top - STEP),  # one more on each side, to interpolate up to it
            step=STEP,
        )
        source = self.sheet.source_corners(moved, face.head)
        maps = drawing.affine_maps(source, corners)
        return PersonMotion(left - STEP, top - STEP, label, maps, corners)

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

    def surfaces(self, found: PersonMotion, hidden: NDArray[np.uint8] | None) -> Surfaces:
        """Return the triangles as they look in `person`.

        Args:
            found: The sparse motion.
            hidden: (h, w), not 0 where nothing of the front is to be seen, or None.
        """
        maps = found.maps.copy()
        maps[:, 2::3] += self.into_person
        front = self.sheet.front_count
        return Surfaces(found.label, found.corners, maps, found.left, found.top, front, hidden)

    def flow(self, face: MovedFace) -> PersonFlow:
        """Return the dense backward flow around the person, on a grid of `STEP` pixels."""
        found = self.motion(face)
        source = look_up(found.maps, found.label, (found.left, found.top), STEP)
        return PersonFlow(found.left, found.top, TriangleFlow(source, found.label))

    def uncovered(self, found: PersonMotion, head: Similarity) -> Uncovered | None:
        """Return where the back of the head shows, or None if the front hides all of it."""
        left = self.sheet.left(head, found.corners)
        edge = self.sheet.edge.hidden(self.sheet.rolled(head), left, INSIDE_PX + STEP)
        grid = (edge - (found.left, found.top)) / STEP - 0.5
        hidden = np.zeros(found.label.shape, np.uint8)
        fixed = np.round(grid * (1 << _SUBPIXEL_BITS)).astype(np.int32)
        cv2.fillPoly(hidden, [fixed], 255, cv2.LINE_8, _SUBPIXEL_BITS)
        front = (found.label < self.sheet.front_count).view(np.uint8) * np.uint8(255)
        cv2.subtract(hidden, front, dst=hidden)
        if not cv2.hasNonZero(hidden):
            return None
        shown = 255.0 * np.clip((left.max() - INSIDE_PX) / _SHOWN_PX, 0.0, 1.0)
        seen = cv2.dilate(cv2.max(hidden, cv2.min(front, shown)), _AROUND)
        return Uncovered(hidden, np.asarray(seen, np.uint8))

    def behind_to_picture(self, head: Similarity) -> PlaneMap:
        """Return where pixels of `behind.person` go in the picture, both told by their centres."""
        linear, shift = self.sheet.rolled(head)
        first = np.array(self.behind.corner) - self.into_person
        return PlaneMap(linear, linear @ first + shift - 0.5)

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


def _box_of(matte: NDArray[np.uint8]) -> tuple[int, int, int, int]:
    """Return left, top, right, bottom around the person; all of the picture if there is none."""
    rows, columns = np.flatnonzero(matte.any(axis=1)), np.flatnonzero(matte.any(axis=0))
    if not len(rows):
        return 0, 0, matte.shape[1], matte.shape[0]
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1
