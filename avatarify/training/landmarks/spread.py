"""How the points that are not looked at closely follow those that are."""

import numpy as np
from numpy.typing import NDArray

from avatarify.networks.landmark_points import CLOSE_POINTS, LANDMARKS
from avatarify.tracking.landmark_crops import FaceFrame, frame_of
from avatarify.tracking.landmark_reader import LandmarkReader, in_frame
from avatarify.training.landmarks.face_crops import FaceCrops

_CLOSE = np.array(CLOSE_POINTS)
_RIDGE = 3e-4
"""Strength of the ridge, in squared units of the face."""


def fit_spread(
    reader: LandmarkReader,
    crops: FaceCrops,
    mean: NDArray[np.float32],
    rows: NDArray[np.int64],
    seed: int = 0,
) -> NDArray[np.float32]:
    """Return the map from the close points' corrections to all points' errors (ridge regression).

    Args:
        reader: The trained networks.
        crops: Faces.
        mean: (478, 3), the mean face.
        rows: Which faces to use.
        seed: Decides how far beside the faces the first look lies.

    Returns:
        (956, 204), zero for the close points themselves.
    """
    random = np.random.default_rng(seed)
    seen, missed = zip(*(_errors(reader, crops, mean, int(i), random) for i in rows), strict=True)
    known, wanted = np.stack(seen).astype(np.float64), np.stack(missed).astype(np.float64)
    moment = known.T @ known + _RIDGE * len(rows) * np.eye(known.shape[1])
    weights = np.linalg.solve(moment, known.T @ wanted).T.reshape(LANDMARKS, 2, -1)
    weights[_CLOSE] = 0.0
    return weights.reshape(2 * LANDMARKS, -1).astype(np.float32)


def _errors(
    reader: LandmarkReader,
    crops: FaceCrops,
    mean: NDArray[np.float32],
    row: int,
    random: np.random.Generator,
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return what the close look corrected, (204,), and what all points lacked, (956,)."""
    image, truth = crops.images[row], crops.points[row]
    rough = reader.glance(image, _beside(frame_of(truth, mean), random))
    close = reader.look_closely(image, rough)
    before, after, right = (
        in_frame(points, rough.frame)[:, :2] for points in (rough.points, close.points, truth)
    )
    return (after - before)[_CLOSE].reshape(-1), (right - before).reshape(-1)


def _beside(frame: FaceFrame, random: np.random.Generator) -> FaceFrame:
    """Return where a face would be thought to be that moved since the last frame."""
    return FaceFrame(
        frame.x + random.normal(0, 0.06) * frame.unit,
        frame.y + random.normal(0, 0.06) * frame.unit,
        frame.unit * float(np.exp(random.normal(0, 0.04))),
        frame.angle + random.normal(0, 0.04),
    )
