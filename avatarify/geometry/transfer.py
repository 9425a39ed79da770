"""Carries the driver's keypoints over to the source (FOMM section 3.3, relative motion)."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from avatarify.geometry import matrix2
from avatarify.geometry.hull import convex_hull_area
from avatarify.geometry.keypoints import Keypoints


class Span(NamedTuple):
    """Two keypoints whose distance is an expression: lips that open, lids that close."""

    first: int
    """Index of a keypoint."""

    second: int
    """Index of another."""

    gain: float
    """What the change of their distance is multiplied with."""

    knee: float = 0.0
    """The length of a change, in [-1, 1] units, of which half of the extra is left: small openings
    lack more than wide ones. 0 stretches all alike."""


def movement_scale(source: Keypoints, driving_reference: Keypoints) -> float:
    """Return how much larger the source's face is than the driver's.

    The square root of the ratio of the convex-hull areas, so that it scales lengths.

    Args:
        source: Keypoints of one image (B = 1).
        driving_reference: Keypoints of one image (B = 1).

    Returns:
        Above 0; 1 when the driver's keypoints are collapsed onto a line or a point.
    """
    driving_area = convex_hull_area(driving_reference.value[0])
    if driving_area <= 0.0:
        return 1.0
    return math.sqrt(convex_hull_area(source.value[0]) / driving_area)


def relative(
    source: Keypoints, driving: Keypoints, driving_reference: Keypoints, scale: float = 1.0
) -> Keypoints:
    """Move the source's keypoints by what the driver has moved since the reference.

    value = s + scale · (d - r); jacobian = J_d J_r⁻¹ J_s; the covariance stays the driver's own
    (Monkey-Net without variance adaptation).

    Args:
        source: Keypoints of the portrait.
        driving: Keypoints of the current driving frame.
        driving_reference: Keypoints of the driving frame stored at calibration.
        scale: Multiplies the displacement, from `movement_scale` or a user's gain.

    Returns:
        Keypoints of the frame to be generated.
    """
    value = source.value + scale * (driving.value - driving_reference.value)
    jacobian = None
    if (
        source.jacobian is not None
        and driving.jacobian is not None
        and driving_reference.jacobian is not None
    ):
        change = matrix2.product(driving.jacobian, matrix2.inverse(driving_reference.jacobian))
        jacobian = matrix2.product(change, source.jacobian)
    return Keypoints(value, jacobian, driving.covariance)


def corrected(
    source: Keypoints, moved: Keypoints, spans: Sequence[Span], jacobian_noise: float
) -> Keypoints:
    """Make up for what a model is known to do wrong: first `quieten`, then `stretch`.

    Args:
        source: Keypoints of the portrait.
        moved: From `relative`.
        spans: See `stretch`.
        jacobian_noise: See `quieten`.
    """
    return stretch(source, quieten(source, moved, jacobian_noise), spans)


def stretch(source: Keypoints, moved: Keypoints, spans: Sequence[Span]) -> Keypoints:
    """Let expressions arrive in full that a model is known to answer too weakly.

    With c = (m_a - s_a) - (m_b - s_b), the change of a span, and the extra
    e = (gain - 1) / (1 + (|c| / knee)²), m_a moves by e c / 2 and m_b by as much the other way:
    the change becomes (1 + e) c, and their middle stays.

    Args:
        source: Keypoints of the portrait.
        moved: Keypoints of the frame to be generated.
        spans: No two of them share a keypoint.
    """
    value = moved.value.clone()
    displacement = moved.value - source.value
    for first, second, gain, knee in spans:
        change = displacement[:, first] - displacement[:, second]
        extra = torch.full_like(change[:, :1], gain - 1.0)
        if knee > 0.0:
            extra = extra / (1.0 + change.square().sum(dim=1, keepdim=True) / knee**2)
        half = 0.5 * extra * change
        value[:, first] += half
        value[:, second] -= half
    return moved._replace(value=value)


def quieten(source: Keypoints, moved: Keypoints, noise: float) -> Keypoints:
    """Take small changes of the Jacobians for the noise that most of them are.

    With D = J_m J_s⁻¹ - I and d its Frobenius norm, J = (I + d² / (d² + noise²) D) J_s: the gain of
    a Wiener filter, near 0 far below the noise and near 1 far above.

    Args:
        source: Keypoints of the portrait.
        moved: Keypoints of the frame to be generated.
        noise: Norm of a change that a still face shows; 0 changes nothing.
    """
    if noise == 0.0 or source.jacobian is None or moved.jacobian is None:
        return moved
    identity = torch.eye(2, dtype=moved.jacobian.dtype, device=moved.jacobian.device)
    change = matrix2.product(moved.jacobian, matrix2.inverse(source.jacobian)) - identity
    power = change.square().sum(dim=(2, 3), keepdim=True)
    kept = identity + power / (power + noise**2) * change
    return moved._replace(jacobian=matrix2.product(kept, source.jacobian))


def absolute(driving: Keypoints) -> Keypoints:
    """Use the driver's keypoints as they are: the portrait takes the driver's pose and shape."""
    return driving


def amplify(source: Keypoints, moved: Keypoints, gain: float) -> Keypoints:
    """Do part of a motion, or more than all of it.

    value = s + gain · (m - s); jacobian = J_s + gain · (J_m - J_s), which is the change of the
    Jacobian, J_m J_s⁻¹, interpolated from the identity. A covariance goes no further than `moved`,
    because beyond it could lose its positive eigenvalues.

    Args:
        source: Keypoints of the portrait.
        moved: Keypoints of the frame to be generated.
        gain: 0 gives `source`, 1 gives `moved`.
    """
    if gain == 1.0:
        return moved
    value = source.value + gain * (moved.value - source.value)
    jacobian, covariance = moved.jacobian, moved.covariance
    if source.jacobian is not None and jacobian is not None:
        jacobian = source.jacobian + gain * (jacobian - source.jacobian)
    if source.covariance is not None and covariance is not None:
        covariance = source.covariance + min(gain, 1.0) * (covariance - source.covariance)
    return Keypoints(value, jacobian, covariance)


def apply_affine(keypoints: Keypoints, affine: Tensor) -> Keypoints:
    """Say where keypoints lie in another crop of the same frame.

    value = A d + t; jacobian = A J; covariance = A C Aᵀ.

    Args:
        keypoints: Found in one crop.
        affine: (2, 3) or (B, 2, 3), [A | t], from that crop's coordinates to the other's, (x, y)
            in [-1, 1].

    Returns:
        What would have been found in the other crop.
    """
    linear = affine[..., None, :, :2]
    value = matrix2.product(linear, keypoints.value[..., None])[..., 0] + affine[..., None, :, 2]
    jacobian, covariance = keypoints.jacobian, keypoints.covariance
    if jacobian is not None:
        jacobian = matrix2.product(linear, jacobian)
    if covariance is not None:
        covariance = matrix2.product(matrix2.product(linear, covariance), linear.mT)
    return Keypoints(value, jacobian, covariance)
