"""Made-up people whose cheeks darken, in proportion to their smiles, by a law that tests know."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from avatarify.geometry.average_face import average_face
from avatarify.geometry.face_mesh import MESH_COUNT
from avatarify.geometry.face_motion import face_unit
from avatarify.geometry.similarity import rotation_from_vector
from avatarify.geometry.skin_folds import fold_map
from avatarify.training.clip_cache import Clip
from tests.geometry.smiles import smile

SIDE = 320
UNIT = 130.0
SIZE_OF_SMILE = 0.12
DARKER = -0.2
"""Logarithm of the ratio in the middle of the fold, at the whole smile."""

MakeClip = Callable[..., Clip]


def place(face: NDArray[np.floating]) -> NDArray[np.float64]:
    return face * UNIT + np.array([SIDE / 2, 0.4 * SIDE, 0.0])


def fold_of(places: NDArray[np.floating]) -> NDArray[np.float64]:
    """How dark the made-up fold is at points (P, 2) of the average face: 1 in its middle."""
    middle = np.array([0.33, 0.6])
    return np.exp(-((np.abs(places) * (1, 1) - middle) ** 2).sum(axis=1) / (2 * 0.07**2))


def known_shade(size: float) -> NDArray[np.float64]:
    """The true logarithm in each cell of the map."""
    places = fold_map().places(average_face() / face_unit(average_face()))
    return DARKER * size * fold_of(places)


@pytest.fixture(scope="session")
def make_clip() -> MakeClip:
    def make(person: str = "ann", frames: int = 60, seed: int = 0, gain: float = 1.0) -> Clip:
        rng = np.random.default_rng(seed)
        face = average_face() / face_unit(average_face())
        pictures, marks = [], []
        sizes = np.r_[0.0, rng.uniform(0.0, 1.0, frames - 1)]
        for size in sizes:
            moved = face.copy()
            moved[:MESH_COUNT] += size * smile(SIZE_OF_SMILE)
            # heads that did not move would be told by the smile, which the rigid fit meets too
            turn = rotation_from_vector(rng.normal(0.0, 0.06, 3))
            size_of_head = np.exp(rng.normal(0.0, 0.03))
            points = place(size_of_head * moved @ turn.T) + np.append(rng.normal(0.0, 3.0, 2), 0.0)
            shade, level = gain * known_shade(size), np.full((SIDE, SIDE), 140.0)
            # the fold goes along with the skin: drawn where the map's cells have gone
            cells = np.round(fold_map().places(points)).astype(int)
            for (x, y), ratio in zip(cells.tolist(), np.exp(shade), strict=True):
                level[y - 3 : y + 4, x - 3 : x + 4] = 140.0 * ratio
            pictures.append(np.repeat(level[..., None], 3, axis=2).astype(np.uint8))
            marks.append(points)
        faces = np.stack(marks).astype(np.float32)
        return Clip(person, person, np.stack(pictures), faces[..., :2], faces[..., 2])

    return make
