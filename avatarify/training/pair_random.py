"""Random numbers that belong to a pair, not to the process that happens to train on it."""

import torch
from torch import Tensor

from avatarify.geometry.thin_plate_spline import ThinPlateSpline, random_thin_plate_spline


class PairRandom:
    """Draws random tensors with one row for each pair of a batch.

    Each pair has a generator of its own, seeded by run, step and the pair's place in the step. So
    two processes with half of the pairs each draw what one process would have drawn for all.
    """

    def __init__(self, seed: int, step: int, pairs: range) -> None:
        """Seed the generators.

        Args:
            seed: Of the run.
            step: Its number.
            pairs: Places of this batch's pairs in the step.
        """
        self._generators = [
            torch.Generator().manual_seed(((seed * 1_000_003 + step) * 4099 + pair) % 2**63)
            for pair in pairs
        ]

    def chance(self, *shape: int) -> Tensor:
        """Draw from [0, 1): (B, *shape)."""
        return torch.stack([torch.rand(*shape, generator=one) for one in self._generators])

    def uniform(self, *shape: int) -> Tensor:
        """Draw from [-1, 1): (B, *shape)."""
        return 2.0 * self.chance(*shape) - 1.0

    def normal(self, *shape: int) -> Tensor:
        """Draw from the standard normal distribution: (B, *shape)."""
        return torch.stack([torch.randn(*shape, generator=one) for one in self._generators])

    def noise(self, like: Tensor) -> Tensor:
        """Draw a whole picture's noise from the standard normal distribution.

        It is drawn on the pictures' device: the processor would be slower at it than a GPU is at
        the rest of the step. CPU and GPU draw different noise, any two GPUs the same.

        Args:
            like: (B, C, H, W).
        """
        fields = []
        for one in self._generators:
            seed = int(torch.randint(2**62, (), generator=one))
            on_device = torch.Generator(like.device).manual_seed(seed)
            fields.append(torch.randn(like.shape[1:], generator=on_device, device=like.device))
        return torch.stack(fields)

    def thin_plate_spline(
        self, affine_sigma: float, spline_sigma: float, lattice: int
    ) -> ThinPlateSpline:
        """Draw one smooth map for each pair; see `random_thin_plate_spline`."""
        drawn = [
            random_thin_plate_spline(1, affine_sigma, spline_sigma, lattice, one)
            for one in self._generators
        ]
        return ThinPlateSpline(
            torch.cat([spline.affine for spline in drawn]),
            drawn[0].control_points,
            torch.cat([spline.weights for spline in drawn]),
        )
