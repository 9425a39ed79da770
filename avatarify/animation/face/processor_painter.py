"""Paints one portrait's person and room on the processor, by OpenCV."""

from dataclasses import dataclass
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from avatarify.animation.face.puppet import (
    LEAST_SHARE,
    MIRROR_BLUR,
    STEP,
    FacePuppet,
    MirroredSkin,
    PersonMotion,
    Place,
    overlap,
)
from avatarify.frames import Image
from avatarify.geometry.face_transfer import MovedFace
from avatarify.geometry.fine_flow import EDGE_BLUR, enlarged_flow
from avatarify.geometry.silhouette import NOWHERE
from avatarify.geometry.similarity import Similarity
from avatarify.geometry.triangle_flow import look_up


@dataclass(frozen=True, slots=True, eq=False)
class PersonLayer:
    """The warped person, in a part of the picture."""

    left: int
    top: int
    person: NDArray[np.uint8]
    """RGBA (h, w, 4): what the person adds to the backdrop, its colour times its matte; and the
    matte, 255 where the person covers the backdrop."""

    @property
    def place(self) -> Place:
        """Rows and columns of the picture."""
        height, width = self.person.shape[:2]
        return slice(self.top, self.top + height), slice(self.left, self.left + width)


class _MirrorImage(NamedTuple):
    """What lies over skin that the portrait hardly shows."""

    corner: tuple[int, int]
    """(x, y) in the warped person, in pixels."""
    lit: NDArray[np.float32]
    """RGBA (h, w, 4), 0 to 255."""
    cover: NDArray[np.float32]
    """(h, w, 1), 0 to 1."""


class ProcessorPainter:
    """Paints one portrait's moved person over its room; a `PersonPainter`."""

    def __init__(self, puppet: FacePuppet) -> None:
        """Take a portrait.

        Args:
            puppet: Its layers and its mesh.
        """
        self.puppet = puppet

    def draw(self, face: MovedFace, backdrop: Image | None = None) -> Image:
        """Paint the portrait with its landmarks moved.

        Args:
            face: Where the landmarks go.
            backdrop: RGB (H, W, 3) to stand behind the person instead of the portrait's own room.

        Returns:
            RGB (H, W, 3), in memory of its own.
        """
        layer = self.warp(face)
        picture = (self.puppet.backdrop if backdrop is None else backdrop).copy()
        self._compose(layer.person, picture[layer.place])
        return picture

    def warp(self, face: MovedFace) -> PersonLayer:
        """Warp the person to a moved face."""
        puppet = self.puppet
        found = self._motion(face)
        uncovered = puppet.uncovered(found, face.head)
        left, top = found.left + STEP, found.top + STEP
        grid = found.label.shape
        size = (
            min(STEP * (grid[0] - 1), puppet.size[0] - top),
            min(STEP * (grid[1] - 1), puppet.size[1] - left),
        )
        warped = self._warped(found, None if uncovered is None else uncovered.hidden, size)
        skin = puppet.mirrored(face)
        mirror = None if skin is None else self._mirror_image(skin, found)
        if mirror is not None:
            _lay_over(warped, mirror)
        if uncovered is not None:
            self._lay_behind(warped, uncovered.seen, face.head, (left, top))
        return PersonLayer(left, top, warped)

    def _motion(self, face: MovedFace) -> PersonMotion:
        return self.puppet.motion(face)

    def _warped(
        self, found: PersonMotion, hidden: NDArray[np.uint8] | None, size: tuple[int, int]
    ) -> NDArray[np.uint8]:
        """Return RGBA (*size, 4), the person as the dense flow carries it.

        Args:
            found: The sparse motion.
            hidden: Where nothing of the front is to be seen, not 0 there.
            size: Rows and columns of what is painted; it begins `STEP` pixels inside of the grid.
        """
        places = self._places(found.maps, found.label, (found.left, found.top), hidden)
        flow, edges = enlarged_flow(places, STEP, self.puppet.surfaces(found, hidden))
        wanted = slice(STEP, STEP + size[0]), slice(STEP, STEP + size[1])
        warped = self._seen(flow[wanted])
        if edges is not None:
            _soften(warped, edges[wanted])
        return warped

    def _places(
        self,
        maps: NDArray[np.float32],
        label: NDArray[np.int32],
        corner: tuple[int, int],
        hidden: NDArray[np.uint8] | None = None,
    ) -> NDArray[np.float32]:
        """Return (h, w, 2), where a grid that begins at `corner` looks in the puppet's person."""
        maps = maps.copy()
        maps[:, 2::3] += self.puppet.into_person
        places = look_up(maps, label, corner, STEP)
        if hidden is not None:
            places[hidden > 0] = NOWHERE
        return places

    def _seen(self, flow: NDArray[np.float32]) -> NDArray[np.uint8]:
        border = cv2.BORDER_CONSTANT
        seen = cv2.remap(self.puppet.person, flow, None, cv2.INTER_LINEAR, borderMode=border)
        return np.asarray(seen, np.uint8)

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
        linear, shift = self.puppet.behind_to_picture(head)
        first = corner[0] + at[1].start, corner[1] + at[0].start
        to_place = np.column_stack([linear, shift - first])
        back = cv2.warpAffine(self.puppet.behind.person, to_place, through.shape[::-1])
        shares = cv2.merge([through] * 4)
        cv2.add(cv2.multiply(back, shares, scale=1 / 255), place, dst=place)

    def _mirror_image(self, skin: MirroredSkin, found: PersonMotion) -> _MirrorImage | None:
        """Return the mirror image where anything takes a share of it; None if nothing does."""
        label = found.label
        share = np.take(skin.shares, label) * (label >= 0)
        share = np.asarray(cv2.GaussianBlur(share, (0, 0), MIRROR_BLUR), np.float32)
        x, y, width, height = cv2.boundingRect((share > LEAST_SHARE).astype(np.uint8))
        if width == 0:
            return None
        box = slice(y, y + height), slice(x, x + width)
        corner = found.left + STEP * x, found.top + STEP * y
        places = self._places(skin.maps, label[box], corner)
        other = self._seen(enlarged_flow(places, STEP).source)
        light = np.append(self.puppet.hidden.light, np.float32(1.0))
        lit = np.minimum(other * light, np.float32(255.0))
        cover = cv2.resize(share[box], (STEP * width, STEP * height))
        return _MirrorImage(
            (STEP * (x - 1), STEP * (y - 1)), lit, np.asarray(cover, np.float32)[..., None]
        )

    def _compose(self, person: NDArray[np.uint8], place: Image) -> None:
        """Lay a person RGBA (h, w, 4) over a part of a picture RGB (h, w, 3), in place."""
        through = cv2.cvtColor(cv2.bitwise_not(cv2.extractChannel(person, 3)), cv2.COLOR_GRAY2RGB)
        added = cv2.cvtColor(person, cv2.COLOR_RGBA2RGB)
        cv2.add(cv2.multiply(place, through, scale=1 / 255), added, dst=place)


def _lay_over(warped: NDArray[np.uint8], mirror: _MirrorImage) -> None:
    """Lay a mirror image over the skin, in place."""
    at, inside = overlap(mirror.corner, mirror.lit.shape, warped.shape)
    place = warped[at]
    place[...] = np.round(place + mirror.cover[inside] * (mirror.lit[inside] - place))


def _soften(warped: NDArray[np.uint8], edges: NDArray[np.uint8]) -> None:
    """Smooth the steps of the flow's grid along silhouettes, in place."""
    x, y, width, height = cv2.boundingRect(edges)
    if width == 0:
        return
    place = warped[y : y + height, x : x + width]
    soft = cv2.GaussianBlur(place, (EDGE_BLUR[0], EDGE_BLUR[0]), EDGE_BLUR[1])
    cv2.copyTo(soft, np.ascontiguousarray(edges[y : y + height, x : x + width]), place)
