"""Heatmaps to Gaussians and back.

The detector's heatmap of a keypoint is read as a probability over the image; its mean is the
keypoint and its covariance the Gaussian's shape (Monkey-Net, arXiv 1812.08861, section 3.1;
FOMM, arXiv 2003.00196, section 3.1).
"""

import torch
from torch import Tensor

from avatarify.geometry import matrix2
from avatarify.geometry.grid import identity_grid


def spatial_softmax(logits: Tensor, temperature: float) -> Tensor:
    """Normalise each map to a probability over its pixels.

    Args:
        logits: (B, K, H, W).
        temperature: Above 0; smaller is sharper.

    Returns:
        (B, K, H, W), each map summing to 1.
    """
    return torch.softmax(logits.flatten(2) / temperature, dim=-1).view_as(logits)


def centre(heatmap: Tensor) -> Tensor:
    """Return the mean of each heatmap.

    Args:
        heatmap: (B, K, H, W), each map summing to 1.

    Returns:
        (B, K, 2), (x, y) in [-1, 1].
    """
    grid = identity_grid(heatmap.shape[2], heatmap.shape[3], like=heatmap)
    return (heatmap[..., None] * grid).sum(dim=(2, 3))


def covariance(heatmap: Tensor, mean: Tensor, kind: str, smallest: float | None = None) -> Tensor:
    """Fit the Gaussian's covariance to each heatmap (Monkey-Net eq. 2).

    Args:
        heatmap: (B, K, H, W), each map summing to 1.
        mean: (B, K, 2), from `centre`.
        kind: "matrix" for a full covariance, "single" for one variance on the diagonal.
        smallest: With "matrix", the covariance is scaled so that its smaller singular value is
            at least this; keeps a collapsed heatmap from an infinite inverse.

    Returns:
        (B, K, 2, 2), symmetric.
    """
    grid = identity_grid(heatmap.shape[2], heatmap.shape[3], like=heatmap)
    offset = grid - mean[:, :, None, None, :]
    if kind == "single":
        variance = (heatmap[..., None] * offset**2).sum(dim=(2, 3)).mean(dim=-1)
        return variance[..., None, None] * torch.eye(2, dtype=mean.dtype, device=mean.device)
    outer = offset[..., :, None] * offset[..., None, :]
    matrix = (heatmap[..., None, None] * outer).sum(dim=(2, 3))
    if smallest is None:
        return matrix
    singular = matrix2.smallest_singular_value(matrix)[..., None, None]
    return singular.clamp_min(smallest) * matrix / singular


def gaussian(value: Tensor, height: int, width: int, variance: float | Tensor) -> Tensor:
    """Draw the unnormalised Gaussian of each keypoint, 1 at its centre.

    Args:
        value: (B, K, 2), (x, y) in [-1, 1].
        height: Rows of the map.
        width: Columns of the map.
        variance: One number for all, or covariances (B, K, 2, 2), in units of [-1, 1] squared.

    Returns:
        (B, K, H, W), in [0, 1].
    """
    offset = identity_grid(height, width, like=value) - value[:, :, None, None, :]
    if isinstance(variance, Tensor):
        precision = matrix2.inverse(variance)[:, :, None, None]
        distance = (offset * (precision * offset[..., None, :]).sum(dim=-1)).sum(dim=-1)
    else:
        distance = (offset**2).sum(dim=-1) / variance
    return torch.exp(-0.5 * distance)
