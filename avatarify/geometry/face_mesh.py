"""Which of mediapipe's 478 face landmarks are what, and the triangles between them.

Right and left are the person's own. All loops run in the order of their outline. The triangles and
the numbering are those of mediapipe's face mesh (Apache-2.0).
"""

import functools
import json
from dataclasses import dataclass
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

LANDMARK_COUNT = 478
MESH_COUNT = 468
"""Landmarks 0 to 467 are the mesh; the irises follow."""

OVAL = (
    10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377,
    152, 148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109,
)  # fmt: skip
"""The face's outline, from the middle of the forehead over the person's left side to the chin."""

INNER_LIPS_UPPER = (78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308)
INNER_LIPS_LOWER = (78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308)
"""From the person's right corner to the left one; pairs of both meet when the mouth shuts."""

INNER_LIPS = (*INNER_LIPS_UPPER, *reversed(INNER_LIPS_LOWER[1:-1]))
"""The loop around the opening of the mouth."""

OUTER_LIPS_UPPER = (61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291)
OUTER_LIPS_LOWER = (61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291)
OUTER_LIPS = (*OUTER_LIPS_UPPER, *reversed(OUTER_LIPS_LOWER[1:-1]))

LIPS = tuple(sorted({*OUTER_LIPS, *INNER_LIPS}))

RIGID = (
    10, 151, 9, 8, 168, 6, 197, 195, 5, 4, 1, 33, 263, 133, 362, 127, 356, 234, 454, 67, 297, 103,
    332, 21, 251, 54, 284, 162, 389, 143, 372, 117, 346, 50, 280,
)  # fmt: skip
"""Landmarks that expressions hardly move: forehead, bridge of the nose, eye corners, temples."""

BROWS = (
    70, 63, 105, 66, 107, 46, 53, 52, 65, 55, 300, 293, 334, 296, 336, 276, 283, 282, 295, 285,
)  # fmt: skip

NOSE_BASE = 2
CHIN = 152
FOREHEAD = 10


@dataclass(frozen=True, slots=True)
class EyeIndices:
    """One eye's landmarks; pairs of `upper` and `lower` meet when it shuts."""

    outer: int
    inner: int
    upper: tuple[int, ...]
    """From the outer to the inner corner, without them."""
    lower: tuple[int, ...]
    iris: int
    """The iris's centre."""
    rim: tuple[int, int, int, int]
    """Four points on the iris's rim."""

    @property
    def loop(self) -> tuple[int, ...]:
        """The outline of the opening."""
        return (self.outer, *self.upper, self.inner, *reversed(self.lower))


RIGHT_EYE = EyeIndices(
    outer=33,
    inner=133,
    upper=(246, 161, 160, 159, 158, 157, 173),
    lower=(7, 163, 144, 145, 153, 154, 155),
    iris=468,
    rim=(469, 470, 471, 472),
)
LEFT_EYE = EyeIndices(
    outer=263,
    inner=362,
    upper=(466, 388, 387, 386, 385, 384, 398),
    lower=(249, 390, 373, 374, 380, 381, 382),
    iris=473,
    rim=(474, 475, 476, 477),
)
EYES = (RIGHT_EYE, LEFT_EYE)


@functools.lru_cache(maxsize=1)
def face_triangles() -> NDArray[np.int32]:
    """Return (T, 3) landmark numbers: the mesh, its holes at eyes and mouth filled."""
    text = files("avatarify.geometry").joinpath("face_mesh.json").read_text("utf-8")
    triangles = [tuple(triangle) for triangle in json.loads(text)["triangles"]]
    triangles += _strip(INNER_LIPS_UPPER, INNER_LIPS_LOWER)
    for eye in EYES:
        triangles += _strip((eye.outer, *eye.upper, eye.inner), (eye.outer, *eye.lower, eye.inner))
    return np.array(triangles, np.int32)


FACE_TRIANGLE_COUNT = 852
"""The first triangles of `face_triangles` are skin; those that fill its holes follow."""


@functools.lru_cache(maxsize=1)
def counterparts() -> NDArray[np.int64]:
    """Return (478,), the number of each landmark's counterpart on the other side of the face."""
    text = files("avatarify.geometry").joinpath("mirrored_landmarks.json").read_text("utf-8")
    other = np.arange(LANDMARK_COUNT)
    for right, left in json.loads(text)["pairs"]:
        other[right], other[left] = left, right
    return other


def mirrored_landmarks(landmarks: NDArray[np.float32], width: float) -> NDArray[np.float32]:
    """Return the landmarks (478, 3) of a picture `width` pixels wide after it was mirrored."""
    flipped = landmarks[counterparts()].copy()
    flipped[:, 0] = width - flipped[:, 0]
    return flipped


def _strip(upper: tuple[int, ...], lower: tuple[int, ...]) -> list[tuple[int, int, int]]:
    """Fill the lens between two lines that share their ends."""
    triangles = []
    for i in range(len(upper) - 1):
        a, b, c, d = upper[i], upper[i + 1], lower[i], lower[i + 1]
        triangles += [t for t in ((a, b, c), (b, d, c)) if len(set(t)) == 3]
    return triangles
