"""The eyeballs of a portrait: they turn under the lids instead of being squeezed by them."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from avatarify.animation.face.eyes_lids import PIECES
from avatarify.animation.face.eyes_texture import DARKEST, EyeTexture, eye_texture
from avatarify.frames import Image
from avatarify.geometry.eye_outline import EyeLines, eye_lines, smoothing_matrix
from avatarify.geometry.face_mesh import EYES, EyeIndices
from avatarify.geometry.face_transfer import MovedFace

Points = NDArray[np.floating]
Floats = NDArray[np.float32]

_SOFTNESS = 0.6
"""Blur of the opening's edge, in pixels of the picture."""

_STEP = 2
"""Pixels of the portrait between two places at which the motion of the lids is known."""

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
    turn: Points
    """(2, 2), from the portrait's axes to the picture's."""
    shift: Points
    """(2,), where the pixel (0, 0) of the texture's patch goes in the window."""
    ways: tuple[Points, Points]
    """Upper and lower margin: (9, 2), how far its points went, in the portrait's axes."""
    iris_shift: Points
    """(2,), the same as `shift` for the iris."""
    corner: Points
    """(2,), the window's upper left pixel."""
    size: tuple[int, int]
    """(width, height) of the window."""

    def affine(self, shift: Points) -> Points:
        return np.column_stack([self.turn, shift])


class _Eye:
    """One eye: textures of the portrait, each carried to its place by a motion of its own."""

    def __init__(self, eye: EyeIndices, texture: EyeTexture) -> None:
        self._indices, self._texture = eye, texture
        self._smooth = smoothing_matrix(len(texture.lines.upper), PIECES)
        self._corner = np.array(texture.origin) + 0.5
        height, width = texture.white.shape[:2]
        x, y = np.meshgrid(np.arange(0, width, _STEP), np.arange(0, height, _STEP))
        self._places = np.stack([x, y, x, y], axis=2).astype(np.float32)
        along = np.concatenate([a[::_STEP, ::_STEP] for a in texture.along], axis=2)
        self._along = np.ascontiguousarray(along.reshape(-1, along.shape[2]))

    def draw(self, canvas: Image, face: MovedFace) -> None:
        place = self._find(face, canvas.shape[:2])
        if place is None:
            return
        layer = self._eyeball(place)
        upper, lower = self._lid_maps(place)
        for shade, map_ in zip(self._texture.shades, (upper, lower), strict=True):
            layer *= cv2.remap(shade, map_, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        layer -= DARKEST
        layer *= _fourfold(self._opening(place))
        for rim, map_ in zip(self._texture.rims[::-1], (lower, upper), strict=True):
            _lay_over(layer, cv2.remap(rim, map_, None, cv2.INTER_LINEAR))
        _blend(canvas, layer, place)

    def _find(self, face: MovedFace, size: tuple[int, ...]) -> _Place | None:
        texture = self._texture
        lines = eye_lines(face.landmarks, self._indices)
        middle = (lines.upper[0] + lines.upper[-1]) / 2
        turn = face.head.scale * face.head.rotation[:2, :2]
        back = _inverse(turn).T
        reach = texture.rim * face.head.scale + 2.0
        points = np.concatenate(lines)
        low = np.maximum(np.floor(points.min(axis=0) - reach), 0).astype(int)
        high = np.minimum(np.ceil(points.max(axis=0) + reach), size[::-1]).astype(int)
        if (high - low < 2).any():
            return None
        shift = middle - 0.5 - low + turn @ (self._corner - texture.middle)
        went = face.landmarks[self._indices.iris, :2] - middle
        return _Place(
            lines=lines,
            turn=turn,
            shift=shift,
            ways=(
                (lines.upper - middle) @ back + texture.middle - texture.lines.upper,
                (lines.lower - middle) @ back + texture.middle - texture.lines.lower,
            ),
            iris_shift=shift + went - turn @ (texture.iris_center - texture.middle),
            corner=low,
            size=(int(high[0] - low[0]), int(high[1] - low[1])),
        )

    def _eyeball(self, place: _Place) -> Floats:
        """(h, w, 4): the eyeball and its iris, `DARKEST` added."""
        layer = cv2.warpAffine(
            self._texture.white,
            place.affine(place.shift),
            place.size,
            flags=cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REPLICATE,
        )
        iris = cv2.warpAffine(
            self._texture.iris, place.affine(place.iris_shift), place.size, flags=cv2.INTER_LINEAR
        )
        _lay_over(layer, iris)
        layer += DARKEST
        return layer

    def _lid_maps(self, place: _Place) -> tuple[Floats, Floats]:
        """For each lid (h, w, 2): where the pixels that go with it were in the portrait's patch."""
        count = len(place.ways[0])
        ways = np.zeros((2 * count, 4), np.float32)
        ways[:count, :2], ways[count:, 2:] = place.ways
        sources = self._places - (self._along @ ways).reshape(self._places.shape)
        maps = cv2.warpAffine(
            sources,
            np.column_stack([_STEP * place.turn, place.shift]),
            place.size,
            flags=cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REPLICATE,
        )
        return np.ascontiguousarray(maps[..., :2]), np.ascontiguousarray(maps[..., 2:])

    def _opening(self, place: _Place) -> Floats:
        line, other = self._smooth @ place.lines.upper, self._smooth @ place.lines.lower
        loop = np.concatenate([line, other[::-1]]) - (place.corner + 0.5)
        mask = np.zeros(place.size[::-1], np.float32)
        points = np.round(loop * (1 << _FRACTION_BITS)).astype(np.int32)
        cv2.fillPoly(mask, [points], 1.0, cv2.LINE_8, _FRACTION_BITS)
        return cv2.GaussianBlur(mask, (0, 0), _SOFTNESS)


def _inverse(matrix: Points) -> Points:
    (a, b), (c, d) = matrix
    return np.array([[d, -b], [-c, a]]) / (a * d - b * c)


def _fourfold(plane: Floats) -> Floats:
    return cv2.merge([plane, plane, plane, plane])


def _lay_over(layer: Floats, over: Floats) -> None:
    """Put colours times cover (h, w, 4) over others, in place."""
    layer *= 1.0 - _fourfold(cv2.extractChannel(over, 3))
    layer += over


def _blend(canvas: Image, layer: Floats, place: _Place) -> None:
    (left, top), (width, height) = place.corner, place.size
    window = canvas[top : top + height, left : left + width]
    below = cv2.cvtColor(window, cv2.COLOR_RGB2RGBA).astype(np.float32)
    below *= 1.0 - _fourfold(cv2.extractChannel(layer, 3))
    below += layer
    window[...] = cv2.cvtColor(cv2.convertScaleAbs(cv2.max(below, 0.0)), cv2.COLOR_RGBA2RGB)
