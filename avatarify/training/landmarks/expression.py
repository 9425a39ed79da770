"""Teaches the network that turns points into blendshapes; a minute suffices."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from avatarify.networks.expression_net import BLENDSHAPES, ExpressionNet
from avatarify.tracking.landmark_crops import frame_of
from avatarify.tracking.landmark_reader import in_frame

_NOISE = 0.006
"""Of the points in training, in units of the face: our own points are not exact."""

_BATCH = 256
_RATE = 2e-3


def teach_expression(
    points: NDArray[np.float32],
    shapes: NDArray[np.float32],
    mean: NDArray[np.float32],
    steps: int = 3000,
    seed: int = 0,
) -> ExpressionNet:
    """Fit the network to mediapipe's blendshapes.

    Args:
        points: (N, 478, 3), in any pixels.
        shapes: (N, 52), of these faces.
        mean: (478, 3), the mean face.
        steps: How long.
        seed: Decides weights and draws.

    Returns:
        The network in eval mode.
    """
    torch.manual_seed(seed)
    level = np.stack([in_frame(face, frame_of(face, mean)) for face in points])
    faces, wanted = torch.from_numpy(level), torch.from_numpy(shapes)
    net = ExpressionNet()
    net.mean.copy_(faces.flatten(1).mean(dim=0))
    net.scale.copy_(faces.flatten(1).std(dim=0) + 0.02)
    optimiser = torch.optim.AdamW(net.parameters(), lr=_RATE, weight_decay=0.02)
    course = torch.optim.lr_scheduler.OneCycleLR(optimiser, _RATE, total_steps=steps)
    weight = 1.0 / (wanted.std(dim=0) + 0.05)
    assert weight.shape == (BLENDSHAPES,)
    for _ in range(steps):
        rows = torch.randint(len(faces), (_BATCH,))
        noisy = faces[rows] + _NOISE * torch.randn(_BATCH, *faces.shape[1:])
        loss = (functional.l1_loss(net(noisy), wanted[rows], reduction="none") * weight).mean()
        optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]  # untyped in torch
        optimiser.step()
        course.step()
    return net.eval()
