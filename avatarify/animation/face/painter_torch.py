"""A painter's network in torch, for machines without OpenVINO."""

import numpy as np
import torch

from avatarify.animation.face.painter_file import PainterWeights
from avatarify.animation.face.painter_graph import MakeRunner, Patches
from avatarify.networks.face_painter import FacePainter


def painter_on_torch(weights: PainterWeights) -> MakeRunner:
    """Put a painter together."""
    network = network_of(weights).eval()

    def run(patches: Patches) -> Patches:
        with torch.inference_mode():
            return np.asarray(network(torch.from_numpy(patches)).numpy(), np.float32)

    return lambda: run


def network_of(weights: PainterWeights) -> FacePainter:
    """Return a painter's network with its weights."""
    network = FacePainter(weights.config)
    network.load_state_dict(
        {name: torch.from_numpy(tensor) for name, tensor in weights.tensors.items()}
    )
    return network


def weights_of(network: FacePainter) -> PainterWeights:
    """Return a network's weights as they lie in a file."""
    tensors = {
        name: tensor.detach().float().cpu().numpy() for name, tensor in network.state_dict().items()
    }
    return PainterWeights(network.config, tensors)
