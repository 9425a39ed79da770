"""Light that stays in the room while the head turns, and falls into the folds of a moving face.

Each landmark has a normal. The turn of the head tells by how much each becomes brighter or darker;
the values between landmarks are those of a wide blur, for they must not trace the mesh. What folds
of skin add lies in finer cells. Nothing changes at rest, beyond the head, and along its silhouette.
"""

from functools import lru_cache
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from avatarify.animation.face.sheet import Sheet
from avatarify.frames import Image
from avatarify.geometry.average_face import average_face
from avatarify.geometry.face_mesh import (
    BROWS,
    EYES,
    LIPS,
    MESH_COUNT,
    NOSE_BASE,
    OVAL,
    face_triangles,
)
from avatarify.geometry.face_motion import face_unit
from avatarify.geometry.face_transfer import MovedFace
from avatarify.geometry.room_light import brightening, fitted_light, smoothed_normals
from avatarify.geometry.skin_folds import fold_map, usual_folds

Points = NDArray[np.floating]

_SMOOTHING = 4
"""Rounds of smoothing the normals: noses are no mountains in the light of a room."""

_SEEN_SIGMA = 0.03
"""Brightness is seen through a blur this wide, in distances of the outer eye corners."""

_FACING = 0.25
"""Skin at a slant of a smaller cosine tells nothing of the light."""

_DARKEST = 4.0
"""No brightness is taken for less, in levels of 255."""

_UNLIKE_SKIN = (
    (tuple(index for eye in EYES for index in eye.loop), 0.08),
    (BROWS, 0.07),
    (LIPS, 0.04),
    ((NOSE_BASE, 97, 98, 326, 327), 0.06),
)
"""Landmarks, and how far around them the picture tells nothing of skin, in distances of the outer
eye corners."""

_DARKEST_GAIN, _BRIGHTEST_GAIN = -0.35, 0.16
"""Logarithms of gains that are never passed. Light dims a cheek more than it can brighten one."""

_WHITE = 250.0
"""Skin is never brightened beyond this level: highlights would turn into stains."""

_HIGHLIGHT = 0.1
"""How far around a landmark highlights count, in distances of the outer eye corners."""

_LEAST_ROOM = 0.004
"""Logarithm of the gain that remains to skin which is white already: one level."""

_UNSEEN = 0.5 / 255
"""Gains as near to 1 change no pixel."""

_STEP = 0.022
"""Side of a cell of the mask, in distances of the outer eye corners: 4 pixels if a head fills
two thirds of 720."""


class _Grain(NamedTuple):
    """How values between scattered points are found."""

    cell: float
    """Side of a cell in which points are gathered, in cells of the mask."""
    blur: float
    """Sigma of the blur between them, in such cells."""
    least: float
    """Where the points' blurred weights are less, the values fade away."""


_BROAD = _Grain(2.5, 1.6, 1e-3)
"""Between landmarks."""

_FINE = _Grain(1.0, 1.3, 0.02)
"""Between the cells of folds."""

_AROUND = np.ones((3, 3), np.uint8)

_SUBPIXEL_BITS = 4

_HIDES = (-0.1, 0.15)
"""Cosines to the viewer from which on a landmark counts at all, and whole."""

_HAIR = (1.05, 1.15)
"""Where the second ring is as near to the face's outline, in sizes of it, there is nothing to fade
on; from the second size on the light fades from the outline to that ring."""

_INNER_LOOPS = 3
"""So many loops of landmarks inside of the outline can be the silhouette of a cheek."""


class SkinLight:
    """Brightens and darkens one portrait's skin as its head turns; a `Layer`."""

    def __init__(
        self, picture: Image, landmarks: Points, sheet: Sheet, *, has_folds: bool = True
    ) -> None:
        """Tell the light from the portrait.

        Args:
            picture: RGB (H, W, 3).
            landmarks: (478, 3) in pixels of the picture.
            sheet: The mesh, which knows where the head ends.
            has_folds: Whether skin also folds; else it is only the head's turn that counts.
        """
        mesh = landmarks[:MESH_COUNT].astype(np.float64)
        eye_span = face_unit(mesh)
        self._folds = _Folds(picture, mesh, eye_span) if has_folds else None
        normals = smoothed_normals(mesh, face_triangles(), _SMOOTHING)
        seen = _brightness(picture, mesh, _SEEN_SIGMA * eye_span)
        self._brightest = _room_for_light(picture, mesh, _HIGHLIGHT * eye_span)
        tells = _is_bare_skin() & (normals[:, 2] < -_FACING)
        self.light = fitted_light(normals[tells], seen[tells])
        """(3,), see `fitted_light`."""
        self._step = max(1, round(_STEP * eye_span))
        oval, number = list(OVAL), len(OVAL)
        # the second ring of three: the last one may stand in the room beside an ear or a beard
        ring = sheet.rest[MESH_COUNT + number : MESH_COUNT + 2 * number]
        middle = mesh[oval].mean(axis=0)
        sizes = _lengths(ring[:, :2] - middle[:2]) / _lengths(mesh[oval, :2] - middle[:2])
        fades = _ramp(sizes, _HAIR)
        self._ends = mesh[oval] + fades[:, None] * (ring - mesh[oval])
        outwards = self._ends - middle
        self._normals = np.concatenate([normals, outwards / _lengths(outwards)[:, None]])
        self._weights = np.concatenate([np.ones(MESH_COUNT), fades])

    def draw(self, canvas: Image, face: MovedFace) -> None:
        """Light the skin in place; nothing changes while the head hardly turns."""
        turn = face.head.rotation if face.light_rotation is None else face.light_rotation
        gains = np.zeros(len(self._normals))  # in the room beyond the rings it has faded out
        more = brightening(self._normals[:MESH_COUNT], self.light, turn)
        gains[:MESH_COUNT] = _limited(more, self._brightest)
        folds = None if self._folds is None else self._folds.gains(face)
        if all(part is None or float(np.abs(part).max()) < _UNSEEN for part in (gains, folds)):
            return
        points = np.concatenate([face.landmarks[:MESH_COUNT], face.head.apply(self._ends)])[:, :2]
        left, top = np.maximum(points.min(axis=0), 0.0).astype(int).tolist()
        place = canvas[top : max(0, int(points[:, 1].max()) + 1)]
        place = place[:, left : max(0, int(points[:, 0].max()) + 1)]
        height, width = place.shape[:2]
        if height < self._step or width < self._step:
            return
        facing = -(self._normals @ face.head.rotation[2])
        grid = (points - (left, top)) / self._step
        size = -(-height // self._step), -(-width // self._step)
        field = _spread(grid, gains, self._weights * _ramp(facing, _HIDES), size, _BROAD)
        if self._folds is not None and folds is not None:
            cells = (fold_map().places(face.landmarks) - (left, top)) / self._step
            field += _spread(cells, folds, self._folds.facing(facing), size, _FINE)
        gain = cv2.exp(field * _seen_front(grid, size))
        fine = cv2.resize(gain, (size[1] * self._step, size[0] * self._step))
        lit = cv2.cvtColor(fine[:height, :width], cv2.COLOR_GRAY2BGR)
        cv2.multiply(place, lit, dst=place, dtype=cv2.CV_8U)


class _Folds:
    """What the folds of one portrait's skin brighten and darken."""

    def __init__(self, picture: Image, mesh: Points, eye_span: float) -> None:
        self._rest, self._eye_span = mesh, eye_span
        at = fold_map().places(mesh)
        self._brightest = _room_for_light(picture, at, _HIGHLIGHT * eye_span)

    def gains(self, face: MovedFace) -> Points:
        """Return (P,), logarithms of the gains in the cells of `fold_map`."""
        calm = face.head.undo(face.landmarks[:MESH_COUNT])
        more = usual_folds().change((calm - self._rest) / self._eye_span)
        return _limited(more, self._brightest)

    def facing(self, cosines: Points) -> Points:
        """Return (P,), how much cells count, of the cosines (V,) of landmarks to the viewer."""
        return _ramp(cosines[fold_map().corners], _HIDES).mean(axis=1)


def _spread(
    grid: Points, values: Points, weights: Points, size: tuple[int, int], grain: _Grain
) -> NDArray[np.float32]:
    """Return (h, w), values between scattered points: their blur over that of their weights.

    Args:
        grid: (V, 2), x and y in cells.
        values: (V,).
        weights: (V,), how much each counts.
        size: (h, w), in cells.
        grain: How finely.
    """
    columns, rows = (int(cells / grain.cell) + 3 for cells in size[::-1])
    place = np.minimum(np.maximum(grid / grain.cell + 0.5, 0.0), (columns - 1.001, rows - 1.001))
    first = place.astype(np.intp)
    right, down = (place - first).T
    index = first[:, 1] * columns + first[:, 0]
    index = np.concatenate([index, index + 1, index + columns, index + columns + 1])
    # shared among the four nearest cells: in a single one, points that tremble would jump
    near = ((1 - right) * (1 - down), right * (1 - down), (1 - right) * down, right * down)
    shares = [
        np.concatenate([part * each for part in near]) for each in (weights * values, weights)
    ]
    sums = [np.bincount(index, share, rows * columns) for share in shares]
    both = np.stack(sums, axis=1).reshape(rows, columns, 2).astype(np.float32)
    blurred = cv2.GaussianBlur(both, (0, 0), grain.blur, borderType=cv2.BORDER_CONSTANT)
    coarse = blurred[..., 0] / (blurred[..., 1] + np.float32(grain.least))
    start = 0.5 / grain.cell + 0.5  # of the first cell's centre, among centres of coarse cells
    to_coarse = np.array([[1 / grain.cell, 0.0, start], [0.0, 1 / grain.cell, start]])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    field = cv2.warpAffine(coarse, to_coarse, size[::-1], flags=flags)
    return np.asarray(field, np.float32)


def _seen_front(grid: Points, size: tuple[int, int]) -> NDArray[np.float32]:
    """Return (h, w), 1 where the head's front is seen, soft inside of its edge, 0 outside.

    Loops of landmarks lie within one another. Turned aside, one of them is the silhouette; so the
    front is seen in what they cover together.
    """
    mask = np.zeros((size[0] + 2, size[1] + 2), np.uint8)
    fixed = np.round((grid + 0.5) * (1 << _SUBPIXEL_BITS)).astype(np.int32)
    for loop in _loops():
        cv2.fillPoly(mask, [fixed[loop]], 255, cv2.LINE_8, _SUBPIXEL_BITS)
    border = cv2.BORDER_CONSTANT
    cv2.erode(mask, _AROUND, dst=mask, borderType=border, borderValue=0)
    soft = cv2.blur(mask, _AROUND.shape, borderType=border)[1:-1, 1:-1]
    return soft.astype(np.float32) * np.float32(1 / 255)


@lru_cache(maxsize=1)
def _loops() -> tuple[NDArray[np.intp], ...]:
    """Return the ring where light has faded, the face's outline, and loops inside of it.

    They hold numbers of vertices, those of the mesh first and those of the ring behind them.
    """
    face, triangles = average_face()[:MESH_COUNT], face_triangles()
    steps = np.where(np.isin(np.arange(MESH_COUNT), OVAL), 0, MESH_COUNT)
    for _ in range(_INNER_LOOPS):
        nearest = steps[triangles].min(axis=1) + 1
        np.minimum.at(steps, triangles, nearest[:, None])
    x, y = (face[:, :2] - face[list(OVAL), :2].mean(axis=0)).T
    order = np.argsort(np.arctan2(y, x))
    inner = [order[steps[order] == step] for step in range(1, _INNER_LOOPS + 1)]
    return (np.arange(len(OVAL)) + MESH_COUNT, np.array(OVAL), *inner)


@lru_cache(maxsize=1)
def _is_bare_skin() -> NDArray[np.bool_]:
    """Return (468,), whether a landmark lies in bare skin on most faces."""
    face = average_face()[:MESH_COUNT].astype(np.float64)
    is_skin = np.ones(MESH_COUNT, np.bool_)
    for seeds, reach in _UNLIKE_SKIN:
        ways = face[:, None] - face[list(seeds)]
        is_skin &= np.linalg.norm(ways, axis=2).min(axis=1) > reach * face_unit(face)
    return is_skin


def _brightness(picture: Image, mesh: Points, sigma: float) -> Points:
    """Return (468,), how bright a picture is at landmarks (468, 3) and close around them."""
    grey = cv2.GaussianBlur(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), (0, 0), max(sigma, 0.5))
    return _at(grey, mesh)


def _at(grey: cv2.typing.MatLike, points: Points) -> Points:
    """Return (N,), levels of a picture (H, W) at points (N, 2+)."""
    last = np.array(grey.shape[::-1]) - 1
    x, y = np.clip(points[:, :2], 0, last).astype(np.intp).T
    return np.maximum(grey[y, x].astype(np.float64), _DARKEST)


def _room_for_light(picture: Image, points: Points, reach: float) -> Points:
    """Return (N,), how much brighter a picture may become: logarithms of gains.

    Args:
        picture: RGB (H, W, 3).
        points: (N, 2+), where, in pixels.
        reach: How far highlights are looked for, in pixels.
    """
    lightest = cv2.blur(picture.max(axis=2), _AROUND.shape)  # a single pixel is noise
    side = 2 * round(reach) + 1
    around = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    level = _at(cv2.dilate(lightest, around), points)
    return np.clip(np.log(_WHITE / level), _LEAST_ROOM, _BRIGHTEST_GAIN)


def _limited(gains: Points, brightest: Points) -> Points:
    """Bend logarithms of gains, so that they never pass the limits."""
    most = np.where(gains < 0.0, _DARKEST_GAIN, brightest)
    limited: Points = most * np.tanh(gains / most)
    return limited


def _lengths(vectors: Points) -> Points:
    return np.maximum(np.linalg.norm(vectors, axis=1), 1e-9)


def _ramp(value: Points, ends: tuple[float, float]) -> Points:
    part = np.minimum(np.maximum((value - ends[0]) / (ends[1] - ends[0]), 0.0), 1.0)
    return part * part * (3.0 - 2.0 * part)
