"""An exponential moving average of the weights: what is exported trembles less."""

import copy
from typing import Generic, TypeVar

import torch
from torch import nn

Model = TypeVar("Model", bound=nn.Module)


class AveragedWeights(Generic[Model]):
    """Follows a model's weights."""

    def __init__(self, model: Model, decay: float) -> None:
        self.model = copy.deepcopy(model).eval().requires_grad_(False)
        self.decay = decay

    @torch.no_grad()
    def update(self, model: nn.Module, step: int) -> None:
        """Move towards the model; young averages follow faster.

        Args:
            model: The one that is trained.
            step: Steps taken so far.
        """
        decay = min(self.decay, (1.0 + step) / (10.0 + step))
        current = model.state_dict()
        for name, average in self.model.state_dict().items():
            if average.is_floating_point():
                average.lerp_(current[name].to(average.dtype), 1.0 - decay)
            else:
                average.copy_(current[name])
