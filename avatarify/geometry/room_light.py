"""The light of the room that a portrait was taken in, told from its skin.

How bright matt skin is follows its normal n smoothly: to first order of spherical harmonics it is
a + b · n (Ramamoorthi and Hanrahan, "An Efficient Representation for Irradiance Environment Maps",
SIGGRAPH 2001, equation 11, cut after its linear terms). Here the logarithm is of that form, so that
light is never negative, and what is left when the skin's own colour cancels is a ratio of two
shadings: exp(b · (n' − n)).

One picture cannot tell light from colour: foreheads face up, and beards face down. So b is the most
probable one, given the lights that portraits usually have.
"""

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.floating]

USUAL_LIGHT = (0.0, -0.15, -0.12)
"""From above and from the viewer's side: the mean of 17 filmed and ten rendered people who turned
their heads, which tells light and colour apart."""

_TRUST = (0.02, 0.03, 0.03)
"""How stiffly each part of the light keeps to the usual one, in variances of the normals. Left and
right are told best, since faces are nearly symmetric."""

_STRONGEST = 0.6
"""Length of b that is never passed: beyond it is hair over half a face."""

_OUTLIER = 1.5
"""Residuals of so many standard deviations count half."""

_ROUNDS = 6


def smoothed_normals(points: Points, triangles: NDArray[np.integer], rounds: int) -> Points:
    """Return (V, 3), unit normals of a mesh, on the viewer's side for most of it.

    Args:
        points: (V, 3), depth grows away from the viewer.
        triangles: (T, 3), all wound the same way.
        rounds: How often each normal becomes the mean of itself and its neighbours'.
    """
    corners = points[triangles].astype(np.float64)
    across = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    near = np.zeros((len(points), len(points)))
    sums = np.zeros((len(points), 3))
    for corner in range(3):
        np.add.at(sums, triangles[:, corner], across)
        near[triangles, triangles[:, [corner]]] = 1.0
    normals = _unit(sums if np.median(sums[:, 2]) <= 0.0 else -sums)
    for _ in range(rounds):
        normals = _unit(near @ normals)
    return normals


def fitted_light(normals: Points, brightness: Points) -> Points:
    """Return (3,), b: which way, and how fast, the logarithm of the brightness grows.

    Least squares with a prior, reweighted by a Cauchy function: glasses, strands of hair and beards
    are outvoted.

    Args:
        normals: (N, 3), unit normals of skin.
        brightness: (N,), as the picture has it, any unit, above 0.
    """
    if len(normals) < 4:
        return np.array(USUAL_LIGHT)
    usual = np.append(USUAL_LIGHT, 0.0)
    known = np.column_stack([normals, np.ones(len(normals))])
    wanted = np.log(brightness) - known @ usual
    trust = np.diag([*_TRUST, 1e-6])
    weights = np.ones(len(normals))
    for _ in range(_ROUNDS):
        shares = (known * (weights / weights.sum())[:, None]).T
        more = np.linalg.solve(shares @ known + trust, shares @ wanted)
        left = wanted - known @ more
        spread = 1.4826 * float(np.median(np.abs(left))) + 1e-6
        weights = 1.0 / (1.0 + (left / (_OUTLIER * spread)) ** 2)
    light: Points = (usual + more)[:3]
    length = float(np.linalg.norm(light))
    return light * (_STRONGEST * np.tanh(length / _STRONGEST) / max(length, 1e-9))


def brightening(normals: Points, light: Points, rotation: Points) -> Points:
    """Return (N,), the logarithm of how much brighter skin becomes when the head turns.

    Args:
        normals: (N, 3), before the turn.
        light: (3,), see `fitted_light`.
        rotation: (3, 3), the turn.
    """
    change: Points = normals @ (rotation.T @ light - light)
    return change


def _unit(vectors: Points) -> Points:
    unit: Points = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    return unit
