"""Bends extreme motion back: a portrait turned further than any model was taught tears apart.

Motion up to the knee is left exactly as it is; beyond it grows ever more slowly towards the limit.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from avatarify.geometry import matrix2
from avatarify.geometry.keypoints import Keypoints


@dataclass(frozen=True, slots=True)
class SoftLimit:
    """A length that passes unchanged, and one that is never reached."""

    knee: float
    """Shorter lengths are not changed."""

    limit: float
    """No length comes out longer."""

    def __post_init__(self) -> None:
        if not 0.0 <= self.knee < self.limit:
            raise ValueError("a soft limit needs 0 <= knee < limit")

    def factor(self, length: Tensor) -> Tensor:
        """Return what to multiply each length with, in (0, 1].

        l' = knee + (limit - knee) · tanh((l - knee) / (limit - knee)) for l above the knee: slope
        1 at the knee, so that nothing jerks there.

        Args:
            length: Any shape, at least 0.
        """
        room = self.limit - self.knee
        bent = self.knee + room * torch.tanh((length - self.knee) / room)
        return torch.where(length > self.knee, bent / length.clamp_min(1e-12), 1.0)


SHIFT = SoftLimit(0.25, 0.6)
"""Of all keypoints together, in [-1, 1] units: the face on its way out of the picture."""

SPREAD = SoftLimit(0.2, 0.45)
"""Of a keypoint against the others: a head turned far, a mouth wide open."""

CHANGE = SoftLimit(0.6, 0.95)
"""Of the Jacobian's change, ‖J_m J_s⁻¹ - I‖: 0.6 is a roll of 25°. Below 1 it stays invertible."""


def limit_motion(source: Keypoints, moved: Keypoints) -> Keypoints:
    """Return `moved`, bent back where it is far from `source`.

    Args:
        source: Keypoints of the portrait.
        moved: Keypoints of the frame to be generated.
    """
    displacement = moved.value - source.value
    shift = displacement.mean(dim=1, keepdim=True)
    spread = displacement - shift
    value = source.value + shift * _factor(SHIFT, shift) + spread * _factor(SPREAD, spread)
    if source.jacobian is None or moved.jacobian is None:
        return moved._replace(value=value)
    identity = torch.eye(2, dtype=value.dtype, device=value.device)
    change = matrix2.product(moved.jacobian, matrix2.inverse(source.jacobian)) - identity
    share = CHANGE.factor(change.flatten(-2).norm(dim=-1))[..., None, None]
    jacobian = source.jacobian + share * (moved.jacobian - source.jacobian)
    return moved._replace(value=value, jacobian=jacobian)


def _factor(limit: SoftLimit, vectors: Tensor) -> Tensor:
    return limit.factor(vectors.norm(dim=-1, keepdim=True))
