"""A symmetric average face, the common chart against which local affine motion is measured.

It is computed from the prepared clips themselves: landmarks of all people, aligned by similarity
to their running mean, and made symmetric. Which landmarks change places in a mirror is a fact of
the mesh and stands in a table: guessed from the mean, it went wrong where people looked aside.
"""

import numpy as np
from numpy.typing import NDArray

from avatarify.geometry.face_mesh import counterparts

Points = NDArray[np.float64]


def average_face(landmarks: NDArray[np.float32], framing: float = 1.9) -> Points:
    """Average many faces.

    Args:
        landmarks: (N, L, 2), (x, y) in any unit, faces of any pose.
        framing: The crop's side over the face's larger side.

    Returns:
        (L, 2), (x, y) in [-1, 1] units of the project's framing, symmetric in x; the larger side is
        2 / framing units long.
    """
    faces = landmarks.astype(np.float64)
    mean = _centred(faces[0])
    for _ in range(3):
        mean = _centred(np.mean([_align(face, mean) for face in faces], axis=0))
    mean = mean @ _upright(mean)
    reflection = mean[counterparts()] * np.array([-1.0, 1.0])
    symmetric = (mean + reflection) / 2.0
    side = np.ptp(symmetric, axis=0).max()
    return symmetric * (2.0 / framing / side)


def affine_fit_weights(canonical: Points, keypoints: list[int], radius: float) -> Points:
    """Return the weights that turn landmarks into local affine maps.

    The least-squares map from the canonical face to a face, Gaussian-weighted around each
    keypoint, is linear in the face's landmarks: A_k = Σ_j p_j g_kjᵀ.

    Args:
        canonical: (L, 2).
        keypoints: K landmark indices.
        radius: Standard deviation of the Gaussian, in units of `canonical`.

    Returns:
        (K, L, 2), g.
    """
    weights = []
    for index in keypoints:
        distance = ((canonical - canonical[index]) ** 2).sum(axis=1)
        share = np.exp(-distance / (2.0 * radius**2))
        share /= share.sum()
        offset = canonical - share @ canonical
        moment = (share[:, None] * offset).T @ offset
        weights.append(share[:, None] * offset @ np.linalg.inv(moment))
    return np.stack(weights)


def _centred(points: Points) -> Points:
    centred = points - points.mean(axis=0)
    return centred / np.sqrt((centred**2).sum(axis=1).mean())


def _align(face: Points, target: Points) -> Points:
    """Rotate and scale one face onto another (Procrustes; both centred)."""
    centred = _centred(face)
    left, _, right = np.linalg.svd(centred.T @ target)
    return centred @ left @ right


def _upright(mean: Points) -> Points:
    """Return the rotation, to be multiplied from the right, that sets the middle line upright."""
    angle = _tilt(mean)
    return np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])


def _tilt(mean: Points) -> float:
    """Return the angle of the face's middle line, from landmarks 10 (forehead) and 152 (chin)."""
    down = mean[152] - mean[10]
    return float(np.arctan2(down[0], down[1]) * -1.0)
