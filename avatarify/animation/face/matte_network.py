"""A small network that has learnt what of a portrait is the person; runs on NumPy alone.

It runs once for a portrait, so a tenth of a second matters less than not to load torch for it. The
network is that of `networks/matte_net.py`, which it is tested against.
"""

import functools
import logging
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from avatarify.animation.face.matte_file import Weights, levels_of, read_matte_weights
from avatarify.animation.face.matte_frame import IS_FACE, REACH, SIDE, MatteFrame
from avatarify.animation.face.matte_prior import SUREST, surely_face
from avatarify.errors import CheckpointError
from avatarify.frames import Image
from avatarify.zoo import store
from avatarify.zoo.registry import MATTE

_LOG = logging.getLogger(__name__)

Plane = NDArray[np.float32]


class MatteNetwork:
    """Tells the person from the room."""

    def __init__(self, weights: Weights) -> None:
        """Take the weights, see `matte_file.py`."""
        self._weights, self._levels = weights, levels_of(weights)

    @classmethod
    def load(cls, path: Path) -> "MatteNetwork":
        """Load a file.

        Raises:
            CheckpointError: It is missing or broken.
        """
        return cls(read_matte_weights(path))

    def log_odds(self, picture: Image, landmarks: NDArray[np.floating]) -> tuple[Plane, MatteFrame]:
        """Return (S, S), log odds of the person in a square around the face, and that square.

        The inside of the face is the person's, whatever the network says.

        Args:
            picture: RGB (H, W, 3).
            landmarks: (478, 3) in pixels of the picture.
        """
        frame = MatteFrame.of(landmarks)
        seen = frame.see(picture, landmarks)
        odds = self(seen)
        odds[surely_face(seen[IS_FACE] > 0.0, SIDE / REACH)] = SUREST
        return odds, frame

    def __call__(self, seen: Plane) -> Plane:
        """Return (H, W), log odds of what (6, H, W) shows; sides are multiples of 32."""
        channels, height, width = seen.shape
        cells = seen.reshape(channels, height // 2, 2, width // 2, 2)
        features = cells.transpose(1, 3, 0, 2, 4).reshape(height // 2, width // 2, 4 * channels)
        features = _positive(self._layer("stem", features))
        levels = []
        for level in range(self._levels):
            features = self._pair(f"down{level}", features, 2 if level else 1)
            levels.append(features)
        for level in reversed(range(self._levels - 1)):
            rows, columns = levels[level].shape[:2]
            flat = self._layer(f"up{level}", features)
            raised = cv2.resize(flat, (columns, rows), interpolation=cv2.INTER_LINEAR)
            features = self._pair(
                f"join{level}", levels[level] + raised.reshape(levels[level].shape)
            )
        made = self._layer("head", features).reshape(height // 2, width // 2, 2, 2)
        return np.ascontiguousarray(made.transpose(0, 2, 1, 3).reshape(height, width))

    def _pair(self, name: str, features: Plane, step: int = 1) -> Plane:
        features = _positive(self._layer(f"{name}.first", features, step))
        return _positive(features + self._layer(f"{name}.second", features))

    def _layer(self, name: str, features: Plane, step: int = 1) -> Plane:
        """A convolution, as one product of matrices for each place of its filter."""
        filters, bias = self._weights[f"{name}.weight"], self._weights[f"{name}.bias"]
        side, edge = len(filters), len(filters) // 2
        height, width = (-(-length // step) for length in features.shape[:2])
        padded = np.pad(features, ((edge, edge), (edge, edge), (0, 0)))
        made = np.broadcast_to(bias, (height * width, len(bias))).copy()
        for row in range(side):
            for column in range(side):
                rows = slice(row, row + step * height, step)
                part = padded[rows, column : column + step * width : step]
                made += part.reshape(height * width, -1) @ filters[row, column]
        return made.reshape(height, width, -1)


@functools.lru_cache(maxsize=1)
def shipped_matte_network() -> MatteNetwork | None:
    """Load the shipped network, once for the whole program.

    Returns:
        None where the file is missing or broken: landmarks and colours decide alone then.
    """
    path = store.find(MATTE.installed_name)
    if path is None:
        return None
    try:
        return MatteNetwork.load(path)
    except CheckpointError as error:
        _LOG.warning("People are told from rooms without a network: %s", error)
        return None


def _positive(features: Plane) -> Plane:
    return np.maximum(features, np.float32(0.0))
