"""The seam between the animator and whatever runs a model: pictures and keypoints."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from avatarify.frames import Image
from avatarify.geometry.keypoints import Keypoints
from avatarify.networks.config import ModelConfig
from avatarify.networks.motion_model import Animation


@dataclass(frozen=True, slots=True)
class Portrait:
    """A source picture that one engine has encoded; other engines cannot use it."""

    keypoints: Keypoints
    """Of the source, B = 1, float32, on the engine's device."""

    encoding: object
    """Whatever the engine keeps of the picture."""


@dataclass(frozen=True, slots=True)
class EngineDescription:
    """What runs the model, in a user's words."""

    backend: str
    """"reference" for the readable networks, "torch", "openvino"."""

    device: str
    """"cpu", "cuda (NVIDIA H200)", ..."""

    precision: str
    """"fp32", "fp16", "bf16", "int8" or a mixture."""

    note: str = ""
    """Why it is not what was asked for, or empty."""


class Engine(Protocol):
    """A loaded model; one thread uses it."""

    @property
    def config(self) -> ModelConfig:
        """Sizes of pictures, number of keypoints."""

    @property
    def description(self) -> EngineDescription:
        """What runs the model."""

    def encode(self, source: Image) -> Portrait:
        """Do everything that does not depend on the driver.

        Args:
            source: RGB uint8 (S, S, 3), S = `config.output_size`.
        """

    def keypoints(self, driving: Image) -> Keypoints:
        """Find the keypoints.

        Args:
            driving: RGB uint8 (S, S, 3), S = `config.image_size`.

        Returns:
            B = 1, float32, on the engine's device. They are arithmetic's input only: the animator
            moves, smooths and scales them without looking at single values.
        """

    def render(self, portrait: Portrait, driving: Keypoints) -> Image:
        """Paint the portrait in the pose of the keypoints.

        Args:
            portrait: From this engine's `encode`.
            driving: B = 1, float32; of the picture to be painted.

        Returns:
            RGB uint8 (S, S, 3), S = `config.output_size`, in memory of its own.
        """

    def decompose(self, portrait: Portrait, driving: Keypoints) -> Animation:
        """Like `render`, with every intermediate result, on the CPU; for those who show them."""

    def lanes(self) -> Sequence["Engine"]:
        """Return engines that may work at the same time, a thread for each; this one is first.

        They take one another's portraits. An engine that nothing is gained from returns itself.
        """

    def close(self) -> None:
        """Free the memory; a second call does nothing."""
