"""From a face's points to mediapipe's 52 blendshapes."""

import torch
from torch import Tensor, nn

from avatarify.networks.landmark_points import LANDMARKS

BLENDSHAPES = 52
_HIDDEN = 96


class ExpressionNet(nn.Module):
    """A perceptron over all points; it sees no picture."""

    def __init__(self) -> None:
        super().__init__()
        self.mean: Tensor
        """(1434,), subtracted from the points."""
        self.scale: Tensor
        """(1434,), what they are divided by."""
        self.register_buffer("mean", torch.zeros(3 * LANDMARKS))
        self.register_buffer("scale", torch.ones(3 * LANDMARKS))
        self.layers = nn.Sequential(
            nn.Linear(3 * LANDMARKS, _HIDDEN),
            nn.ReLU(),
            nn.Linear(_HIDDEN, _HIDDEN),
            nn.ReLU(),
            nn.Linear(_HIDDEN, BLENDSHAPES),
        )

    def forward(self, points: Tensor) -> Tensor:
        """Judge an expression.

        Args:
            points: (B, 478, 3), in the frame of the face: level, the mean face's irises 1 apart.

        Returns:
            (B, 52), 0 to 1.
        """
        normal = (points.flatten(1) - self.mean) / self.scale
        return torch.sigmoid(self.layers(normal))
