"""One warp per keypoint: the Taylor expansion of the motion around it.

Each warp is a backward map from the driving frame to the source. Zero order keeps the value
(a displacement, Monkey-Net eq. 5); first order adds the derivative (FOMM eq. 4).
"""

import torch
from torch import Tensor

from avatarify.geometry import matrix2
from avatarify.geometry.grid import identity_grid
from avatarify.geometry.keypoints import Keypoints


def zero_order(source: Keypoints, driving: Keypoints, height: int, width: int) -> Tensor:
    """Shift the whole frame by each keypoint's displacement: T(z) = s_k + (z - d_k).

    Args:
        source: K keypoints; only `value` is used.
        driving: K keypoints; only `value` is used.
        height: Rows of the grids.
        width: Columns of the grids.

    Returns:
        (B, K + 1, H, W, 2); the first warp is the background's identity.
    """
    grid = identity_grid(height, width, like=driving.value)
    displacement = source.value - driving.value
    return _with_background(grid, grid + displacement[:, :, None, None, :])


def first_order(source: Keypoints, driving: Keypoints, height: int, width: int) -> Tensor:
    """Move the frame affinely around each keypoint: T(z) = s_k + J_s J_d⁻¹ (z - d_k).

    Args:
        source: K keypoints with Jacobians.
        driving: K keypoints with Jacobians.
        height: Rows of the grids.
        width: Columns of the grids.

    Returns:
        (B, K + 1, H, W, 2); the first warp is the background's identity. Without Jacobians the
        motion is of zero order.
    """
    if source.jacobian is None or driving.jacobian is None:
        return zero_order(source, driving, height, width)
    grid = identity_grid(height, width, like=driving.value)
    offset = grid - driving.value[:, :, None, None, :]
    local = matrix2.product(source.jacobian, matrix2.inverse(driving.jacobian))[:, :, None, None]
    moved = (local * offset[..., None, :]).sum(dim=-1) + source.value[:, :, None, None, :]
    return _with_background(grid, moved)


def _with_background(grid: Tensor, moved: Tensor) -> Tensor:
    background = grid.expand(moved.shape[0], 1, *grid.shape)
    return torch.cat((background, moved), dim=1)
