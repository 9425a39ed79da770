"""Landmark guidance: what the keypoints and Jacobians should be, from a tracked mesh.

Left alone, an unsupervised detector spends its first hundred thousand steps finding a face's
parts. Drawn to landmarks at first, and let go later, it has them within a few hundred.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

from avatarify.geometry.keypoints import Keypoints
from avatarify.training.canonical_face import Points, affine_fit_weights
from avatarify.training.settings import GuidanceSettings


class LandmarkGuidance(nn.Module):
    """Turns landmarks into target keypoints and measures the distance to them."""

    emphasis: Tensor
    fit: Tensor

    def __init__(self, settings: GuidanceSettings, canonical: Points) -> None:
        super().__init__()
        self.settings = settings
        self.landmarks = list(settings.landmarks)
        weights = affine_fit_weights(canonical, self.landmarks, settings.radius)
        emphasis = torch.tensor(settings.emphasis or [1.0] * len(self.landmarks))
        self.register_buffer("emphasis", emphasis, persistent=False)
        self.register_buffer("fit", torch.from_numpy(weights).float(), persistent=False)

    def targets(self, landmarks: Tensor) -> Keypoints:
        """Return what the detector should find.

        Args:
            landmarks: (B, L, 2), in [-1, 1].
        """
        with torch.autocast(landmarks.device.type, enabled=False):
            jacobian = torch.einsum("bla,klc->bkac", landmarks, self.fit)
        return Keypoints(landmarks[:, self.landmarks], jacobian)

    def loss(self, found: Keypoints, target: Keypoints) -> Tensor:
        """Return the weighted L1 distance of values, spans and Jacobians."""
        loss = self.distance(found.value, target.value)
        if found.jacobian is not None and target.jacobian is not None:
            distance = functional.l1_loss(found.jacobian, target.jacobian)
            loss = loss + self.settings.jacobian_weight * distance
        return loss

    def distance(self, found: Tensor, target: Tensor) -> Tensor:
        """Return the weighted L1 distance of values, (B, K, 2), and spans."""
        offset = found - target
        loss = self.settings.keypoint_weight * (self.emphasis * offset.abs().mean((0, 2))).mean()
        if self.settings.spans:
            first, second = zip(*self.settings.spans, strict=True)
            change = offset[:, list(first)] - offset[:, list(second)]
            loss = loss + self.settings.span_weight * change.abs().mean()
        return loss

    def own_share(self, step: int) -> float:
        """Return how far the dense motion relies on the detector at a step, 0 to 1."""
        return ramp(step, self.settings.own_from, self.settings.own_by)

    def strength(self, step: int) -> float:
        """Return the guidance's weight at a step, from 1 down to the settings' floor."""
        faded = ramp(step, self.settings.anneal_from, self.settings.anneal_by)
        return 1.0 - faded * (1.0 - self.settings.floor)


def mix(target: Keypoints, found: Keypoints, share: float) -> Keypoints:
    """Blend keypoints: 0 is the target alone, 1 what was found alone."""
    if share >= 1.0:
        return found
    value = torch.lerp(target.value, found.value, share)
    if target.jacobian is None or found.jacobian is None:
        return Keypoints(value)
    return Keypoints(value, torch.lerp(target.jacobian, found.jacobian, share))


def ramp(step: int, start: int, end: int) -> float:
    """Return 0 before `start`, 1 from `end` on, and a straight line between."""
    if step >= end:
        return 1.0
    return max(0.0, (step - start) / max(1, end - start))
