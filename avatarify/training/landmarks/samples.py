"""Draws batches: the whole face, its mouth and one eye, each as the finder might cut them.

The crops are laid along the true points and then jittered, so that the close networks need not wait
until the coarse one has learnt where a mouth is. Faces come in twos of one clip: a frame in two
lights, which must not move a point; two that follow each other; or any two, between which exactly
what moved must move.
"""

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from avatarify.geometry.face_mesh import counterparts
from avatarify.networks.landmark_net import PARTS
from avatarify.networks.landmark_points import (
    LEFT_EYE_POINTS,
    MOUTH_POINTS,
    RIGHT_EYE_POINTS,
    LandmarkConfig,
)
from avatarify.tracking.landmark_crops import FACE_SIDE, Square, apply, cut, frame_of
from avatarify.training.landmarks.face_crops import FaceCrops
from avatarify.training.landmarks.photometry import relight, spoil

_MOUTH, _RIGHT, _LEFT = (np.array(p) for p in (MOUTH_POINTS, RIGHT_EYE_POINTS, LEFT_EYE_POINTS))


@dataclass(frozen=True, slots=True)
class Jitter:
    """How far a crop may lie beside the ideal one."""

    shift: float
    """Standard deviation, over the crop's side."""

    scale: float
    """Of the logarithm of its side."""

    turn: float
    """In radians."""

    squeeze: float = 0.05
    """Of the logarithm of its proportions, along any axis: other faces."""

    stretch: float = 0.0
    """The same along its own axes: what is narrow is not always high."""


FOLLOWING = Jitter(shift=0.035, scale=0.07, turn=0.08)
"""The whole face, as found from the last frame."""

FIRST = Jitter(shift=0.09, scale=0.2, turn=0.25)
"""The whole face, as a cascade finds it."""

CLOSE = Jitter(shift=0.035, scale=0.07, turn=0.06)
"""Mouth and eyes, as cut along coarse points."""


_FIRST_SHARE = 0.25
"""Of the faces, how many are cut as a cascade would."""

_SAME, _NEXT = 0.25, 0.25
"""Of the pairs, how many show one frame twice, and how many two that follow each other."""


_UNUSED = 1
"""Side of a black crop for a network that does not learn."""


class Batch(NamedTuple):
    """What one step learns from; points are in [-1, 1] of their crop.

    Faces 2 i and 2 i + 1 are a pair: of one clip, both mirrored or neither, the same eye.
    """

    face: Tensor
    """(B + E, 3, S, S), the last E without a face."""

    points: Tensor
    """(B, 478, 3)."""

    mouth: Tensor
    """(B, 3, M, M)."""

    mouth_points: Tensor
    """(B, 40, 2)."""

    eye: Tensor
    """(B, 3, Y, Y)."""

    eye_points: Tensor
    """(B, 31, 2)."""


class Sampler:
    """Draws batches without end."""

    def __init__(
        self,
        crops: FaceCrops,
        weights: NDArray[np.float64],
        empty: NDArray[np.uint8],
        mean: NDArray[np.float32],
        config: LandmarkConfig,
        *,
        seed: int,
        parts: tuple[str, ...] = PARTS,
        mouth_stretch: float = 0.0,
    ) -> None:
        """Take the faces.

        Args:
            crops: All faces.
            weights: (N,) how often each one is drawn.
            empty: (E, S, S, 3) pictures without a face.
            mean: (478, 3), the mean face.
            config: Sizes of the networks' inputs.
            seed: Decides what is drawn, with the step.
            parts: Networks that learn; the others' crops are one black pixel.
            mouth_stretch: `Jitter.stretch` of mouths.
        """
        self._crops, self._empty, self._mean, self._config = crops, empty, mean, config
        self._edges = np.cumsum(weights)
        self._spans = crops.spans()
        self._seed, self._parts = seed, parts
        self._mouth = replace(CLOSE, stretch=mouth_stretch)
        self._random = np.random.default_rng(seed)
        self._light = torch.Generator().manual_seed(seed)
        self._other = counterparts()

    def draw(self, faces: int, empty: int, step: int = 0) -> Batch:
        """Draw `faces` faces, an even number, and `empty` pictures without one; a step draws alike.

        Args:
            faces: How many, in pairs.
            empty: How many.
            step: Its number decides what is drawn.
        """
        self._random = np.random.default_rng((self._seed, step))
        self._light.manual_seed(int(self._random.integers(2**62)))
        drawn = [face for _ in range(faces // 2) for face in self._pair()]
        empties = [self._without_face() for _ in range(empty)]
        whole, mouth, eye = ([getattr(d, part) for d in drawn] for part in _Drawn._fields)
        return Batch(
            self._pictures([crop.picture for crop in whole] + empties),
            _points(whole),
            self._pictures([crop.picture for crop in mouth]),
            _points(mouth),
            self._pictures([crop.picture for crop in eye]),
            _points(eye),
        )

    def _pictures(self, pictures: list[NDArray[np.uint8]]) -> Tensor:
        batch = torch.from_numpy(np.stack(pictures)).permute(0, 3, 1, 2).float() / 255.0
        return relight(batch, self._light)

    def _pair(self) -> tuple["_Drawn", "_Drawn"]:
        first = self._row(0, len(self._crops))
        begin, end = self._spans[first].tolist()
        chance = self._random.random()
        if chance < _SAME:
            second = first
        elif chance < _SAME + _NEXT:
            second = first + 1 if first + 1 < end else max(begin, first - 1)
        else:
            second = self._row(begin, end)
        mirrored, is_left = (bool(self._random.random() < 0.5) for _ in range(2))
        return self._face(first, mirrored, is_left), self._face(second, mirrored, is_left)

    def _row(self, begin: int, end: int) -> int:
        """Draw one of some crops, by their weights."""
        low = self._edges[begin - 1] if begin else 0.0
        place = low + self._random.random() * (self._edges[end - 1] - low)
        return int(np.clip(np.searchsorted(self._edges, place), begin, end - 1))

    def _face(self, row: int, mirrored: bool, is_left: bool) -> "_Drawn":
        image, points = self._crops.images[row], self._crops.points[row]
        frame = frame_of(points, self._mean)
        ordered = points[self._other] if mirrored else points
        jitter = FIRST if self._random.random() < _FIRST_SHARE else FOLLOWING
        around = self._jittered(frame.face_square(), jitter, mirrored)
        depth = ordered[:, 2:] * (2.0 / (FACE_SIDE * frame.unit))
        whole = np.concatenate((apply(around, ordered), depth), axis=1).astype(np.float32)
        square = frame.mouth_square(points, self._config.mouth_side)
        mouth = self._jittered(square, self._mouth, mirrored)
        eye = self._jittered(frame.eye_squares(points)[is_left], CLOSE, is_left)
        face_size, mouth_size, eye_size = self._sizes()
        return _Drawn(
            _Crop(self._cut(image, around, face_size, 0.15), whole),
            _Crop(self._cut(image, mouth, mouth_size, 0.05), apply(mouth, ordered[_MOUTH])),
            _Crop(
                self._cut(image, eye, eye_size, 0.05),
                apply(eye, points[_LEFT if is_left else _RIGHT]),
            ),
        )

    def _sizes(self) -> tuple[int, int, int]:
        """Return the sides of the three crops."""
        size = self._config
        sides = (size.face_size, size.mouth_size, size.eye_size)
        face, mouth, eye = (
            side if part in self._parts else _UNUSED
            for part, side in zip(PARTS, sides, strict=True)
        )
        return face, mouth, eye

    def _jittered(self, square: Square, jitter: Jitter, mirrored: bool) -> NDArray[np.float64]:
        """Return the map from pixels to a square that lies near the given one."""
        normal = self._random.normal
        size = float(np.exp(normal(0, jitter.scale)))
        near = Square(
            square.x + normal(0, jitter.shift) * square.side,
            square.y + normal(0, jitter.shift) * square.side,
            square.side * size,
            square.angle + normal(0, jitter.turn),
        )
        matrix = near.to_square(mirrored)
        axis, squeeze = self._random.uniform(0, np.pi), float(np.exp(normal(0, jitter.squeeze)))
        turn = np.array([[np.cos(axis), np.sin(axis)], [-np.sin(axis), np.cos(axis)]])
        stretch = float(np.exp(normal(0, jitter.stretch))) if self._mouth.stretch else 1.0
        level = np.diag((stretch, 1.0 / stretch))
        return level @ turn.T @ np.diag((squeeze, 1.0 / squeeze)) @ turn @ matrix

    def _cut(
        self, image: NDArray[np.uint8], matrix: NDArray[np.float64], size: int, occluded: float
    ) -> NDArray[np.uint8]:
        if size == _UNUSED:
            return np.zeros((size, size, 3), np.uint8)
        return spoil(cut(image, matrix, size), self._random, occluded)

    def _without_face(self) -> NDArray[np.uint8]:
        """Cut a square that shows no face: of an empty picture, or far beside a face."""
        size, is_room = self._sizes()[0], self._random.random() < 0.5
        if is_room:
            image = self._empty[self._random.integers(len(self._empty))]
            half, turn = image.shape[0] / 2, self._random.uniform(-np.pi, np.pi)
            square = Square(half, half, 2 * half * self._random.uniform(0.5, 1.0), turn)
        else:
            row = int(self._random.integers(len(self._crops)))
            image = self._crops.images[row]
            square = self._beside(frame_of(self._crops.points[row], self._mean).face_square())
        mirrored = bool(self._random.random() < 0.5)
        return self._cut(image, square.to_square(mirrored), size, 0.3 if is_room else 0.1)

    def _beside(self, face: Square) -> Square:
        """Return a square that meets a face at a corner only, or is much too small for it."""
        choose = self._random
        share = choose.uniform(0.2, 0.4) if choose.random() < 0.5 else 1.0
        way = choose.uniform(0.62, 0.9) * face.side * (1.0 if share == 1.0 else 0.4)
        towards = choose.uniform(0, 2 * np.pi)
        x, y = face.x + way * np.cos(towards), face.y + way * np.sin(towards)
        return Square(x, y, face.side * share, face.angle + choose.uniform(-0.5, 0.5))


class _Crop(NamedTuple):
    picture: NDArray[np.uint8]
    points: NDArray[np.float32]


class _Drawn(NamedTuple):
    whole: _Crop
    mouth: _Crop
    eye: _Crop


def _points(crops: list[_Crop]) -> Tensor:
    return torch.from_numpy(np.stack([crop.points for crop in crops]))
