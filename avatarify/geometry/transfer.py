"""Carries the driver's keypoints over to the source (FOMM section 3.3, relative motion)."""

import math

from avatarify.geometry import matrix2
from avatarify.geometry.hull import convex_hull_area
from avatarify.geometry.keypoints import Keypoints


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


def absolute(driving: Keypoints) -> Keypoints:
    """Use the driver's keypoints as they are: the portrait takes the driver's pose and shape."""
    return driving


def adapt_covariance(
    source: Keypoints, driving: Keypoints, driving_reference: Keypoints
) -> Keypoints:
    """Return `driving` with the source's covariance, changed as the driver's has changed.

    C = sym(C_d C_r⁻¹ C_s), Monkey-Net's variance adaptation.

    Args:
        source: Keypoints with covariances.
        driving: Keypoints with covariances.
        driving_reference: Keypoints with covariances.

    Returns:
        `driving` with another covariance.

    Raises:
        ValueError: One of them has no covariance.
    """
    covariances = (source.covariance, driving.covariance, driving_reference.covariance)
    of_source, of_driving, of_reference = covariances
    if of_source is None or of_driving is None or of_reference is None:
        raise ValueError("Adapting covariances needs keypoints that have them.")
    change = matrix2.product(of_driving, matrix2.inverse(of_reference))
    moved = matrix2.product(change, of_source)
    return driving._replace(covariance=(moved + moved.transpose(-1, -2)) / 2.0)
