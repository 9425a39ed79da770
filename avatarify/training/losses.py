"""The terms of the training objective, each a function that a reader can check by hand."""

import torch
from torch import Tensor
from torch.nn import functional

from avatarify.geometry import matrix2
from avatarify.geometry.keypoints import Keypoints
from avatarify.geometry.thin_plate_spline import ThinPlateSpline

MOUTH = (13, 14, 61, 291, 0, 17)
EYES = ((33, 133, 159, 145), (362, 263, 386, 374))


def pyramid(image: Tensor, levels: int) -> list[Tensor]:
    """Return the image at full size, half, quarter, …, by 2×2 means."""
    steps = [image]
    for _ in range(levels - 1):
        steps.append(functional.avg_pool2d(steps[-1], 2))
    return steps


def weighted_l1(left: Tensor, right: Tensor, weight: Tensor) -> Tensor:
    """Return the mean of weight · |left - right|, each picture's weights normalised to mean 1.

    Args:
        left: (B, C, H, W).
        right: (B, C, H, W).
        weight: (B, 1, H, W), above 0.
    """
    return _weighted_mean(left - right, weight)


def gradient_l1(left: Tensor, right: Tensor, weight: Tensor) -> Tensor:
    """Return `weighted_l1` of horizontal plus that of vertical differences.

    An edge at the wrong place costs, a wrong level of light does not.
    """
    difference = left - right
    across = difference[..., :, 1:] - difference[..., :, :-1]
    down = difference[..., 1:, :] - difference[..., :-1, :]
    return _weighted_mean(across, weight[..., :, 1:]) + _weighted_mean(down, weight[..., 1:, :])


def _weighted_mean(difference: Tensor, weight: Tensor) -> Tensor:
    magnitude = difference.abs().mean(dim=1, keepdim=True)
    pixels = (1, 2, 3)
    return ((magnitude * weight).sum(dim=pixels) / weight.sum(dim=pixels)).mean()


def structural_similarity(left: Tensor, right: Tensor, window: int = 7) -> Tensor:
    """Return the mean SSIM (Wang 2004, eq. 13) over uniform windows.

    Args:
        left: (B, C, H, W), in [0, 1].
        right: (B, C, H, W), in [0, 1].
        window: Side of the windows, pixels.

    Returns:
        A number, 1 for equal images.
    """

    def mean(values: Tensor) -> Tensor:
        return functional.avg_pool2d(values, window, stride=1)

    left_mean, right_mean = mean(left), mean(right)
    left_variance = mean(left * left) - left_mean**2
    right_variance = mean(right * right) - right_mean**2
    common = mean(left * right) - left_mean * right_mean
    light = (2 * left_mean * right_mean + 1e-4) / (left_mean**2 + right_mean**2 + 1e-4)
    structure = (2 * common + 9e-4) / (left_variance + right_variance + 9e-4)
    return (light * structure).mean()


def region_weight(landmarks: Tensor, size: int, mouth: float, eyes: float) -> Tensor:
    """Weigh mouth and eyes: 1 elsewhere, more in their middle.

    Args:
        landmarks: (B, L, 2), mediapipe's, in [-1, 1].
        size: Side of the map.
        mouth: Added to the 1 in the middle of the mouth, at least 0.
        eyes: Added to the 1 in the middle of each eye, at least 0.

    Returns:
        (B, 1, size, size).
    """
    line = torch.linspace(-1.0, 1.0, size, device=landmarks.device)
    blobs = [mouth * _blob(landmarks[:, list(MOUTH)], line)]
    blobs += [eyes * _blob(landmarks[:, list(eye)], line) for eye in EYES]
    return 1.0 + torch.stack(blobs).amax(dim=0)[:, None]


def _blob(points: Tensor, line: Tensor) -> Tensor:
    middle = points.mean(dim=1)
    radius = (points.amax(dim=1) - points.amin(dim=1)).amax(dim=1) * 0.6
    across = (line[None] - middle[:, :1]) ** 2
    down = (line[None] - middle[:, 1:]) ** 2
    squared = down[:, :, None] + across[:, None, :]
    return torch.exp(-0.5 * squared / (radius**2)[:, None, None].clamp_min(1e-4))


def equivariance(
    found: Keypoints, found_in_warped: Keypoints, warp: ThinPlateSpline
) -> tuple[Tensor, Tensor]:
    """Return how far keypoints are from moving with the image (FOMM eqs. 9 and 10).

    The warped image shows at z what the image shows at T(z), so p = T(p') and
    J = T'(p') J'.

    Args:
        found: In the image.
        found_in_warped: p', J', in the warped image.
        warp: T.

    Returns:
        L1 of the values, and L1 between J⁻¹ T'(p') J' and the identity (0 at zero order).
    """
    value = functional.l1_loss(found.value, warp(found_in_warped.value))
    if found.jacobian is None or found_in_warped.jacobian is None:
        return value, torch.zeros_like(value)
    slope = warp.jacobian(found_in_warped.value)
    moved = matrix2.product(slope, found_in_warped.jacobian)
    change = matrix2.product(matrix2.inverse(found.jacobian), moved)
    identity = torch.eye(2, device=change.device).expand_as(change)
    return value, functional.l1_loss(change, identity)


def least_squares_real(scores: Tensor) -> Tensor:
    """Return mean (D - 1)², the generator's term of a least-squares GAN (Mao 2017, eq. 9)."""
    return ((scores - 1.0) ** 2).mean()


def least_squares_generated(scores: Tensor) -> Tensor:
    """Return mean D², the discriminator's term for generated pictures."""
    return (scores**2).mean()


def least_squares_discriminator(real: Tensor, generated: Tensor) -> Tensor:
    """Return mean (D(real) - 1)² + mean D(generated)²."""
    return least_squares_real(real) + least_squares_generated(generated)


def feature_matching(real: list[Tensor], generated: list[Tensor]) -> Tensor:
    """Return the mean L1 distance of the discriminator's features (FOMM supplementary)."""
    terms = [functional.l1_loss(b, a.detach()) for a, b in zip(real, generated, strict=True)]
    return torch.stack(terms).mean()
