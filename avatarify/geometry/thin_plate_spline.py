"""Random smooth warps, for equivariance and for turning one picture into a pair.

An affine map plus a thin-plate spline on a coarse lattice (FOMM section 3.4, supplementary).
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from avatarify.geometry.grid import identity_grid


@dataclass(frozen=True, slots=True)
class ThinPlateSpline:
    """A batch of smooth maps of the plane; calling it moves points."""

    affine: Tensor
    """(B, 2, 3), row-wise [A | t]."""

    control_points: Tensor
    """(P, 2), the lattice in [-1, 1]."""

    weights: Tensor
    """(B, P, 2), displacement weight of each control point; zeros leave the affine map."""

    def __call__(self, points: Tensor) -> Tensor:
        """Move points.

        Args:
            points: (B, N, 2), (x, y).

        Returns:
            (B, N, 2).
        """
        moved = points @ self.affine[:, :, :2].transpose(1, 2) + self.affine[:, None, :, 2]
        difference = points[:, :, None, :] - self.control_points
        squared = (difference**2).sum(dim=-1)
        radial = 0.5 * squared * torch.log(squared + 1e-9)
        return moved + radial @ self.weights

    def jacobian(self, points: Tensor) -> Tensor:
        """Return the derivative at each point.

        Args:
            points: (B, N, 2).

        Returns:
            (B, N, 2, 2), [i, j] = d out_i / d in_j.
        """
        difference = points[:, :, None, :] - self.control_points
        squared = (difference**2).sum(dim=-1)
        slope = torch.log(squared + 1e-9) + squared / (squared + 1e-9)
        gradient = slope[..., None] * difference
        bend = torch.einsum("bnpj,bpi->bnij", gradient, self.weights)
        return self.affine[:, None, :, :2] + bend

    def grid(self, height: int, width: int) -> Tensor:
        """Return the map as a backward warp.

        Args:
            height: Rows.
            width: Columns.

        Returns:
            (B, H, W, 2).
        """
        plane = identity_grid(height, width, like=self.affine).flatten(0, 1)
        batch = self.affine.shape[0]
        return self(plane.expand(batch, -1, -1)).view(batch, height, width, 2)


def random_thin_plate_spline(
    batch: int,
    affine_sigma: float,
    spline_sigma: float,
    lattice: int,
    generator: torch.Generator,
) -> ThinPlateSpline:
    """Draw smooth maps near the identity.

    Args:
        batch: How many.
        affine_sigma: Standard deviation of each entry of [A | t] around [I | 0].
        spline_sigma: Standard deviation of each control point's weight.
        lattice: Control points along each side.
        generator: A CPU generator, so that a seed gives the same warps on every device.

    Returns:
        Maps on the CPU.
    """
    identity = torch.eye(2, 3).expand(batch, 2, 3)
    affine = identity + affine_sigma * torch.randn(batch, 2, 3, generator=generator)
    control = identity_grid(lattice, lattice, like=affine).flatten(0, 1)
    weights = spline_sigma * torch.randn(batch, lattice * lattice, 2, generator=generator)
    return ThinPlateSpline(affine, control, weights)
