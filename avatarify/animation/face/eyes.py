"""The eyeballs of a portrait: they turn under the lids instead of being squeezed by them."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from avatarify.animation.face.eyes_lids import FADE, PIECES, SIDEWAYS
from avatarify.animation.face.eyes_texture import DARKEST, EyeTexture, eye_texture
from avatarify.frames import Image
from avatarify.geometry.eye_outline import (
    LOOP_BITS,
    MarginsAtRest,
    margin_indices,
    opening_mask,
    smoothing_matrix,
)
from avatarify.geometry.eye_place import EyePlace, EyeShape, widest
from avatarify.geometry.face_mesh import EYES, EyeIndices
from avatarify.geometry.face_transfer import MovedFace

Points = NDArray[np.floating]
Floats = NDArray[np.float32]

SOFTNESS = (0.6, 0.96)
"""Blur of the opening's edge, in pixels of the picture: of an open eye, and of the line between
lids, which is as soft as lashes."""

FULLNESS = 2.2
"""The blurred edge times this: the opening is full where the lids' edges begin to cover it."""

THIN_GAP = 0.12
"""An eye that is open less than this part of its own opening shows the line between lids."""

_LINE_WIDTH = 0.025
"""Of that line, in widths of the eye."""

SHUT_EDGE = 0.45
"""Shut lids show less of their edges: what is nearer to the margin than this remains."""

STEEPNESS = FADE / (FADE - 1.0)
"""How fast the cover of a lid's edge grows with its nearness to the margin."""

_STEPS = (1, 2)
"""Pixels of the portrait between two places at which the motion of the lids is known: in small
eyes, and in others."""

_SMALL = 40.0
"""Pixels: narrower eyes are small."""


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
        self.eyes: list[Eye] = []
        """Those that are open in the portrait."""
        for eye in EYES:
            texture = eye_texture(picture, landmarks, eye)
            if texture is not None:
                self.eyes.append(Eye(eye, texture))
                left, top = texture.origin
                height, width = texture.skin.shape[:2]
                self.skin[top : top + height, left : left + width] = np.round(texture.skin)

    def draw(self, canvas: Image, face: MovedFace) -> None:
        """Paint both eyes, in place.

        Args:
            canvas: RGB (H, W, 3), with the skin of the moved face.
            face: Where the face is.
        """
        for eye in self.eyes:
            eye.draw(canvas, face)


class Eye:
    """One eye: textures of the portrait, each carried to its place by a motion of its own."""

    def __init__(self, eye: EyeIndices, texture: EyeTexture) -> None:
        """Take an eye apart.

        Args:
            eye: Which eye.
            texture: What it is painted from.
        """
        self.texture = texture
        self.shape = _shape(eye, texture)
        self.smooth = smoothing_matrix(len(texture.lines.upper), PIECES)
        """(N, 9), makes a margin a smooth line."""
        self.thickness = round(_LINE_WIDTH * self.shape.margins.width)
        """Of the line between shut lids, in pixels."""
        self._lash = np.append(texture.lash, np.float32(1.0)).astype(np.float32)
        height, width = texture.white.shape[:2]
        self._step = step = _STEPS[self.shape.margins.width >= _SMALL]
        x, y = np.meshgrid(np.arange(0, width, step), np.arange(0, height, step))
        self._grid = np.stack([x, y], axis=2).astype(np.float32)
        self._along = [
            np.ascontiguousarray(a[::step, ::step].reshape(-1, a.shape[2])) for a in texture.along
        ]

    def draw(self, canvas: Image, face: MovedFace) -> None:
        """Paint the eye, in place; see `Eyeballs.draw`."""
        place = self.shape.find(face, canvas.shape[:2])
        if place is not None:
            _lay_over_picture(canvas[place.window], self._layer(place))

    def _layer(self, place: EyePlace) -> Floats:
        """(h, w, 4): what the eye adds to the window, and how much of it it covers."""
        layer = self._eyeball(place)
        upper, lower = self._lid_map(0, place), self._lid_map(1, place)
        for shade, map_ in zip(self.texture.shades, (upper, lower), strict=True):
            layer *= _carried(shade, map_)
        layer -= DARKEST
        thinness = _thinness(place)
        if thinness > 0.0:
            layer += thinness * (self._lash - layer)
        layer *= _fourfold(self._opening(place, thinness))
        least = SHUT_EDGE * (1.0 - place.openness)
        for edge, map_ in zip(self.texture.rims[::-1], (lower, upper), strict=True):
            _lay_edge(layer, _carried(edge, map_), least)
        return layer

    def _eyeball(self, place: EyePlace) -> Floats:
        """(h, w, 4): the eyeball and its iris, `DARKEST` added."""
        layer = _placed(self.texture.white, place, place.shift)
        iris = _placed(self.texture.iris, place, place.iris_shift)
        _lay_over(layer, iris)
        layer += DARKEST
        return layer

    def _lid_map(self, lid: int, place: EyePlace) -> Floats:
        """(h, w, 2): where pixels that go with a lid were in the portrait's patch."""
        ways = self._along[lid] @ place.ways[lid].astype(np.float32)
        sources = self._grid - ways.reshape(self._grid.shape)
        return _placed(sources, place, place.shift, self._step)

    def _opening(self, place: EyePlace, thinness: float) -> Floats:
        """(h, w), 1 inside the opening, and on the line that is left of a shut eye."""
        upper, lower = place.lines.reshape(2, -1, 2)
        loop = np.concatenate([self.smooth @ upper, (self.smooth @ lower)[::-1]])
        fixed = np.rint(loop * (1 << LOOP_BITS)).astype(np.int32)
        width, height = place.size
        mask = opening_mask(fixed, (height, width), self.thickness if thinness > 0.0 else 0)
        sigma = SOFTNESS[0] + thinness * (SOFTNESS[1] - SOFTNESS[0])
        soft = _floats(cv2.GaussianBlur(mask.astype(np.float32), (0, 0), sigma))
        return np.minimum(soft * np.float32(FULLNESS / 255.0), np.float32(1.0))


def _shape(eye: EyeIndices, texture: EyeTexture) -> EyeShape:
    corner = np.array(texture.origin) + 0.5
    return EyeShape(
        indices=margin_indices(eye).ravel(),
        iris=eye.iris,
        margins=MarginsAtRest(texture.lines),
        reach=_reach(texture),
        gap=widest(np.concatenate(texture.lines)),
        middle=texture.middle,
        to_patch=corner - texture.middle,
        to_iris=corner - texture.iris_center,
    )


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


def _thinness(place: EyePlace) -> float:
    """How much of the line between lids the opening has become, 0 to 1."""
    return max(0.0, 1.0 - place.openness / THIN_GAP)


def _floats(array: NDArray[Any]) -> Floats:
    """State to the type checker what OpenCV keeps of a float32 array: its type."""
    return np.asarray(array, np.float32)


def _placed(texture: Floats, place: EyePlace, shift: Points, step: float = 1.0) -> Floats:
    """Show a patch in the window, its pixels `step` of the portrait's apart."""
    affine = np.empty((2, 3))  # faster than np.column_stack, which took 8 µs of each use
    affine[:, :2], affine[:, 2] = step * place.turn, shift
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
    cover = _floats(cv2.transform(edge, _of_alpha(STEEPNESS, -STEEPNESS * least)))
    np.clip(cover, 0.0, 1.0, out=cover)
    edge[..., 3] = 1.0
    edge -= layer
    edge *= cover
    layer += edge


def _lay_over_picture(window: Image, layer: Floats) -> None:
    """The same of a part of a picture RGB (h, w, 3)."""
    below = cv2.cvtColor(window, cv2.COLOR_RGB2RGBA).astype(np.float32)
    _lay_over(below, layer)
    window[...] = cv2.cvtColor(cv2.convertScaleAbs(cv2.max(below, 0.0)), cv2.COLOR_RGBA2RGB)
