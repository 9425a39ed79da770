"""The eyeballs of a portrait: they turn under the lids instead of being squeezed by them."""

import math
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from avatarify.animation.face.eyes_lids import FADE, PIECES, SIDEWAYS
from avatarify.animation.face.eyes_texture import DARKEST, EyeTexture, eye_texture
from avatarify.frames import Image
from avatarify.geometry.eye_outline import EyeLines, MarginAtRest, eye_lines, smoothing_matrix
from avatarify.geometry.face_mesh import EYES, EyeIndices
from avatarify.geometry.face_transfer import MovedFace

Points = NDArray[np.floating]
Floats = NDArray[np.float32]

_SOFTNESS = 0.6
"""Blur of the opening's edge, in pixels of the picture."""

_FULLNESS = 2.2
"""The blurred edge times this: the opening is full where the lids' edges begin to cover it."""

_STEP = 2
"""Pixels of the portrait between two places at which the motion of the lids is known."""

_THIN_GAP = 0.12
"""An eye that is open less than this part of its own opening shows the line between lids."""

_LINE_WIDTH = 0.025
"""Of that line, in widths of the eye."""

_SHUT_EDGE = 0.45
"""Shut lids show less of their edges: what is nearer to the margin than this remains."""

_FRACTION_BITS = 4


class Eyeballs:
    """Both eyes of one portrait, ready to look."""

    def __init__(self, picture: Image, landmarks: NDArray[np.floating]) -> None:
        """Take the eyes out of a portrait.

        Args:
            picture: RGB (H, W, 3).
            landmarks: (478, 3) in pixels of the picture, 0 its upper left corner.
        """
        self.skin = picture.copy()
        """RGB (H, W, 3), the portrait with lid skin instead of eyes: what the mesh is to warp, so
        that a shut eye shows nothing of the eyeball."""
        self._eyes = []
        for eye in EYES:
            texture = eye_texture(picture, landmarks, eye)
            if texture is not None:
                self._eyes.append(_Eye(eye, texture))
                left, top = texture.origin
                height, width = texture.skin.shape[:2]
                self.skin[top : top + height, left : left + width] = np.round(texture.skin)

    def draw(self, canvas: Image, face: MovedFace) -> None:
        """Paint both eyes, in place.

        Args:
            canvas: RGB (H, W, 3), with the skin of the moved face.
            face: Where the face is.
        """
        for eye in self._eyes:
            eye.draw(canvas, face)


@dataclass(frozen=True, slots=True, eq=False)
class _Place:
    """Where one eye is in the picture that is painted."""

    lines: EyeLines
    """The margins, in the picture."""
    gap: float
    """The opening's height, in pixels of the picture."""
    turn: Points
    """(2, 2), from the portrait's axes to the picture's."""
    shift: Points
    """(2,), where the pixel (0, 0) of the texture's patch goes in the window."""
    ways: tuple[Points, Points]
    """Upper and lower margin: (9, 2), how far it went, in the portrait's axes."""
    iris_shift: Points
    """(2,), the same as `shift` for the iris."""
    corner: Points
    """(2,), the window's upper left pixel."""
    size: tuple[int, int]
    """(width, height) of the window."""

    def affine(self, shift: Points, step: float = 1.0) -> Points:
        """(2, 3), where pixels of a patch go in the window, `step` pixels of the portrait apart."""
        matrix = np.empty((2, 3))  # faster than np.column_stack, which took 8 µs of each use
        matrix[:, :2], matrix[:, 2] = step * self.turn, shift
        return matrix


class _Eye:
    """One eye: textures of the portrait, each carried to its place by a motion of its own."""

    def __init__(self, eye: EyeIndices, texture: EyeTexture) -> None:
        self._indices, self._texture = eye, texture
        self._smooth = smoothing_matrix(len(texture.lines.upper), PIECES)
        self._corner = np.array(texture.origin) + 0.5
        self._margins = [MarginAtRest(line) for line in texture.lines]
        self._lash = np.append(texture.lash, np.float32(1.0)).astype(np.float32)
        self._reach = _reach(texture)
        self._gap = _widest(texture.lines)
        self._width = float(np.linalg.norm(texture.lines.upper[-1] - texture.lines.upper[0]))
        height, width = texture.white.shape[:2]
        x, y = np.meshgrid(np.arange(0, width, _STEP), np.arange(0, height, _STEP))
        self._places = np.stack([x, y], axis=2).astype(np.float32)
        self._along = [
            np.ascontiguousarray(a[::_STEP, ::_STEP].reshape(-1, a.shape[2])) for a in texture.along
        ]

    def draw(self, canvas: Image, face: MovedFace) -> None:
        place = self._find(face, canvas.shape[:2])
        if place is None:
            return
        layer = self._eyeball(place)
        upper, lower = self._lid_map(0, place), self._lid_map(1, place)
        for shade, map_ in zip(self._texture.shades, (upper, lower), strict=True):
            layer *= _carried(shade, map_)
        layer -= DARKEST
        openness = min(1.0, place.gap / (self._gap * face.head.scale))
        thinness = max(0.0, 1.0 - openness / _THIN_GAP)
        if thinness > 0.0:
            layer += thinness * (self._lash - layer)
        layer *= _fourfold(self._opening(place, thinness))
        least = _SHUT_EDGE * (1.0 - openness)
        for edge, map_ in zip(self._texture.rims[::-1], (lower, upper), strict=True):
            _lay_edge(layer, _carried(edge, map_), least)
        _blend(canvas, layer, place)

    def _find(self, face: MovedFace, size: tuple[int, ...]) -> _Place | None:
        texture = self._texture
        lines = eye_lines(face.landmarks, self._indices)
        middle = (lines.upper[0] + lines.upper[-1]) / 2
        turn = face.head.scale * face.head.rotation[:2, :2]
        back = _inverse(turn).T
        points = np.concatenate(lines) + self._reach @ turn.T
        low = np.maximum(np.floor(points.min(axis=0) - 2), 0).astype(int)
        high = np.minimum(np.ceil(points.max(axis=0) + 2), size[::-1]).astype(int)
        if (high - low < 2).any():
            return None
        shift = middle - 0.5 - low + turn @ (self._corner - texture.middle)
        went = face.landmarks[self._indices.iris, :2] - middle
        return _Place(
            lines=lines,
            gap=_widest(lines),
            turn=turn,
            shift=shift,
            ways=(
                self._margins[0].ways((lines.upper - middle) @ back + texture.middle),
                self._margins[1].ways((lines.lower - middle) @ back + texture.middle),
            ),
            iris_shift=shift + went - turn @ (texture.iris_center - texture.middle),
            corner=low,
            size=(int(high[0] - low[0]), int(high[1] - low[1])),
        )

    def _eyeball(self, place: _Place) -> Floats:
        """(h, w, 4): the eyeball and its iris, `DARKEST` added."""
        layer = _placed(self._texture.white, place.affine(place.shift), place)
        iris = _placed(self._texture.iris, place.affine(place.iris_shift), place)
        _lay_over(layer, iris)
        layer += DARKEST
        return layer

    def _lid_map(self, lid: int, place: _Place) -> Floats:
        """(h, w, 2): where pixels that go with a lid were in the portrait's patch."""
        ways = self._along[lid] @ place.ways[lid].astype(np.float32)
        sources = self._places - ways.reshape(self._places.shape)
        return _placed(sources, place.affine(place.shift, _STEP), place)

    def _opening(self, place: _Place, thinness: float) -> Floats:
        """(h, w), 1 inside the opening; a line as soft as lashes where it is all but shut."""
        line, other = self._smooth @ place.lines.upper, self._smooth @ place.lines.lower
        loop = np.concatenate([line, other[::-1]]) - (place.corner + 0.5)
        mask = np.zeros(place.size[::-1], np.uint8)
        points = np.round(loop * (1 << _FRACTION_BITS)).astype(np.int32)
        cv2.fillPoly(mask, [points], 255, cv2.LINE_AA, _FRACTION_BITS)
        thickness = round(_LINE_WIDTH * self._width)
        if thinness > 0.0 and thickness > 1:  # else the polygon's own outline is the line
            cv2.polylines(
                mask, [points[: len(line)]], False, 255, thickness, cv2.LINE_AA, _FRACTION_BITS
            )
        sigma = _SOFTNESS * (1.0 + 0.6 * thinness)
        soft = _floats(cv2.GaussianBlur(mask.astype(np.float32), (0, 0), sigma))
        return np.minimum(soft * np.float32(_FULLNESS / 255.0), np.float32(1.0))


def _reach(texture: EyeTexture) -> Points:
    """(18, 2), how far beyond each point of the margins there is something to paint, at rest."""
    upper, lower = texture.lines
    axis = (upper[-1] - upper[0]) / np.linalg.norm(upper[-1] - upper[0])
    down = np.array([-axis[1], axis[0]])
    down *= 1.0 if down @ (lower - upper).mean(axis=0) > 0 else -1.0
    reach = np.concatenate(
        [
            -texture.rims_reach[0] * np.ones((9, 1)) * down,
            texture.rims_reach[1] * np.ones((9, 1)) * down,
        ]
    )
    side = max(texture.rims_reach) / SIDEWAYS * axis
    reach[[0, 9]] -= side
    reach[[8, 17]] += side
    return reach


def _widest(lines: EyeLines) -> float:
    apart = lines.upper - lines.lower
    return math.sqrt(float(np.einsum("ij,ij->i", apart, apart).max()))


def _inverse(matrix: Points) -> Points:
    (a, b), (c, d) = matrix.tolist()
    return np.array([[d, -b], [-c, a]]) / (a * d - b * c)


def _floats(array: NDArray[Any]) -> Floats:
    """State to the type checker what OpenCV keeps of a float32 array: its type."""
    return np.asarray(array, np.float32)


def _placed(texture: Floats, affine: Points, place: _Place) -> Floats:
    return _floats(
        cv2.warpAffine(
            texture, affine, place.size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        )
    )


def _carried(texture: Floats, map_: Floats) -> Floats:
    return _floats(
        cv2.remap(texture, map_, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    )


def _fourfold(plane: NDArray[Any]) -> Floats:
    return _floats(cv2.merge([plane, plane, plane, plane]))


def _of_alpha(factor: float, more: float) -> NDArray[np.float32]:
    """(4, 5): lets `cv2.transform` give each of four channels the last one, times and plus this."""
    matrix = np.zeros((4, 5), np.float32)
    matrix[:, 3], matrix[:, 4] = factor, more
    return matrix


_THROUGH = _of_alpha(-1.0, 1.0)
"""How much of what is below shows through a layer."""


def _lay_over(layer: Floats, over: Floats) -> None:
    """Put colours times cover (h, w, 4) over others, in place."""
    layer *= _floats(cv2.transform(over, _THROUGH))
    layer += over


def _lay_edge(layer: Floats, edge: Floats, least: float) -> None:
    """Put a lid's edge over others, in place, where its margin is nearer than `least` allows."""
    steep = FADE / (FADE - 1.0)
    cover = _floats(cv2.transform(edge, _of_alpha(steep, -steep * least)))
    np.clip(cover, 0.0, 1.0, out=cover)
    edge[..., 3] = 1.0
    edge -= layer
    edge *= cover
    layer += edge


def _blend(canvas: Image, layer: Floats, place: _Place) -> None:
    (left, top), (width, height) = place.corner, place.size
    window = canvas[top : top + height, left : left + width]
    below = cv2.cvtColor(window, cv2.COLOR_RGB2RGBA).astype(np.float32)
    _lay_over(below, layer)
    window[...] = cv2.cvtColor(cv2.convertScaleAbs(cv2.max(below, 0.0)), cv2.COLOR_RGBA2RGB)
