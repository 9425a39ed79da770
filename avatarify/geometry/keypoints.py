"""Keypoints and what is known of the motion around each of them."""

from typing import NamedTuple

import torch
from torch import Tensor


class Keypoints(NamedTuple):
    """K keypoints of a batch of images; a NamedTuple because `torch.export` accepts it."""

    value: Tensor
    """(B, K, 2), (x, y) in [-1, 1]; -1 and 1 are the centres of the border pixels."""

    jacobian: Tensor | None = None
    """(B, K, 2, 2), the local affine map from the abstract reference (FOMM eq. 6), or None."""

    covariance: Tensor | None = None
    """(B, K, 2, 2), of the Gaussian fitted to the heatmap (Monkey-Net eq. 2), or None."""

    def at(self, batch: slice) -> "Keypoints":
        """Return the keypoints of a part of the batch."""
        return Keypoints(
            self.value[batch],
            None if self.jacobian is None else self.jacobian[batch],
            None if self.covariance is None else self.covariance[batch],
        )

    def to(self, device: torch.device) -> "Keypoints":
        """Return the keypoints on a device."""
        return Keypoints(
            self.value.to(device),
            None if self.jacobian is None else self.jacobian.to(device),
            None if self.covariance is None else self.covariance.to(device),
        )
