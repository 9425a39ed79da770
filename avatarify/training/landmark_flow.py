"""Where the dense flow should point, as far as tracked landmarks know it.

Pictures teach a flow only where they have texture, and only people whom the training has; the mesh
says for every skin, and for every stranger's motion, where a lip came from.
"""

import torch
from torch import Tensor
from torch.nn import functional

from avatarify.geometry.grid import warp

LIPS = (
    *(61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291, 409, 270, 269, 267, 0, 37, 39, 40, 185),
    *(78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308, 415, 310, 311, 312, 13, 82, 81, 80, 191),
)
"""mediapipe's outer and inner contour of the lips."""

LIDS = (
    *(33, 7, 163, 144, 145, 153, 154, 155, 133, 173, 157, 158, 159, 160, 161, 246),
    *(263, 249, 390, 373, 374, 380, 381, 382, 362, 398, 384, 385, 386, 387, 388, 466),
)
"""mediapipe's edges of the lids."""


def flow_distance(grid: Tensor, driving: Tensor, source: Tensor) -> Tensor:
    """Return how far from the source's landmarks the flow points at the driving ones.

    Args:
        grid: (B, h, w, 2), backward, (x, y) in [-1, 1].
        driving: (B, L, 2), in [-1, 1]: landmarks of the frame to be generated.
        source: (B, L, 2), in [-1, 1].

    Returns:
        L1 in [-1, 1] units: the mean of three means, over the lips, the lids and the whole mesh,
        because lips and lids are small.
    """
    grid, driving, source = grid.float(), driving.float(), source.float()
    pointed = warp(grid.permute(0, 3, 1, 2), driving[:, None], padding_mode="border")
    found = pointed[:, :, 0].transpose(1, 2)
    parts = [(found[:, part], source[:, part]) for part in (list(LIPS), list(LIDS), slice(None))]
    return torch.stack([functional.l1_loss(*part) for part in parts]).mean()
