"""What is evaluated: the model, and two baselines that it must beat."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Protocol

import torch
from torch import Tensor

from avatarify.animation.animator import PortraitAnimator
from avatarify.animation.checkpoint import load_model
from avatarify.animation.devices import choose_device
from avatarify.animation.torch_engine import TorchEngine
from avatarify.frames import Image
from avatarify.geometry.keypoints import Keypoints
from avatarify.networks.keypoint_detector import KeypointDetector
from avatarify.training.evaluation.measures import shrink
from avatarify.training.evaluation.sight import Sight

MODEL, ZERO_ORDER, DO_NOTHING = "model", "zero order only", "do nothing"


class Method(Protocol):
    """Animates a portrait with a sequence of driving pictures.

    Pictures come with the landmarks of their face: a method takes what it works on.
    """

    @property
    def name(self) -> str:
        """As tables call it."""

    def start(self, portrait: Sight, reference: Sight) -> None:
        """Choose the portrait, and the driving frame that shows what it shows."""

    def perform(self, driving: Sequence[Sight]) -> Iterator[Image]:
        """Yield one square picture for each driving frame, at the method's own size.

        Each call is a new sequence: what smooths over time begins anew.
        """

    def still(self) -> Image:
        """Return the portrait as the method would show it at rest, at its own size."""


class DoNothing:
    """Shows the portrait all the time."""

    name = DO_NOTHING

    def __init__(self) -> None:
        self._portrait: Image | None = None

    def start(self, portrait: Sight, reference: Sight) -> None:
        """Choose the portrait."""
        self._portrait = portrait.picture

    def perform(self, driving: Sequence[Sight]) -> Iterator[Image]:
        """Yield the portrait, the same object each time."""
        for _ in driving:
            yield self.still()

    def still(self) -> Image:
        """Return the portrait."""
        assert self._portrait is not None
        return self._portrait


class Animated:
    """A motion model behind the animator that the program uses."""

    def __init__(self, animator: PortraitAnimator, name: str = MODEL) -> None:
        self.name = name
        self._animator = animator
        self._portrait: Image | None = None

    def start(self, portrait: Sight, reference: Sight) -> None:
        """Choose portrait and driving reference."""
        self._portrait = portrait.picture
        self._animator.set_source(portrait.picture)
        self._animator.calibrate(reference.picture)

    def perform(self, driving: Sequence[Sight]) -> Iterator[Image]:
        """Animate one frame after the other."""
        for sight in driving:
            yield self._animator.animate(sight.picture)

    def still(self) -> Image:
        """Return the portrait at the model's output size."""
        assert self._portrait is not None
        return shrink(self._portrait, self._animator.output_size)


class WithoutJacobians(torch.nn.Module):
    """A keypoint detector that sees every local motion as a shift: zero order."""

    def __init__(self, detector: KeypointDetector) -> None:
        super().__init__()
        self.detector = detector

    def forward(self, image: Tensor) -> Keypoints:
        """Find the keypoints and put the identity in place of their Jacobians."""
        found: Keypoints = self.detector(image)
        if found.jacobian is None:
            return found
        return found._replace(jacobian=torch.eye(2).to(found.jacobian).expand_as(found.jacobian))


def load_methods(model: Path, device: str = "auto") -> list[Method]:
    """Load the model and the baselines; zero order is left out of a model that has no Jacobians.

    Raises:
        CheckpointError: The file is no model.
        DeviceError: The device does not work here.
    """
    chosen = choose_device(device)
    first_order = load_model(model)
    methods: list[Method] = [Animated(PortraitAnimator(TorchEngine(first_order, chosen)))]
    if first_order.config.keypoints.jacobian:
        zero_order = load_model(model)
        detector = WithoutJacobians(zero_order.keypoint_detector)
        zero_order.add_module("keypoint_detector", detector.eval())
        animator = PortraitAnimator(TorchEngine(zero_order, chosen))
        methods.append(Animated(animator, ZERO_ORDER))
    return [*methods, DoNothing()]
