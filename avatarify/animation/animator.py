"""The one object that everything above animates portraits with."""

from collections.abc import Generator, Iterable
from dataclasses import dataclass

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from avatarify.animation.engine import Engine, EngineDescription, Portrait
from avatarify.animation.lanes import Lanes
from avatarify.animation.motion_transfer import MotionTransfer
from avatarify.animation.settings import MotionSettings
from avatarify.frames import ClosedAfterUse, Image
from avatarify.geometry.keypoints import Keypoints
from avatarify.networks.config import ModelConfig
from avatarify.networks.motion_model import Animation

_ASSUMED_FRAME_TIME_S = 1.0 / 30.0


@dataclass(frozen=True, slots=True)
class Decomposition:
    """Everything that went into one animated picture, on the CPU."""

    source: Keypoints
    """Of the portrait."""

    driving: Keypoints
    """Found in the driving frame."""

    moved: Keypoints
    """Of the picture that was painted: the driver's motion carried over to the portrait."""

    animation: Animation
    """Flow, masks, occlusion and the picture."""


class PortraitAnimator(ClosedAfterUse):
    """Moves a portrait like the face in driving frames.

    Example:
        >>> animator = PortraitAnimator(TorchEngine(load_model(path)))
        >>> animator.set_source(portrait)
        >>> animator.calibrate(first_frame)
        >>> picture = animator.animate(frame)
    """

    def __init__(self, engine: Engine, settings: MotionSettings | None = None) -> None:
        """Animate with a loaded model.

        Args:
            engine: Runs the model; closed by `close`.
            settings: How motion is transferred.
        """
        self._engine = engine
        config = engine.config
        self._transfer = MotionTransfer(
            settings or MotionSettings(), config.spans, config.jacobian_noise
        )
        self._portrait: Portrait | None = None
        self._time_s = 0.0

    @property
    def settings(self) -> MotionSettings:
        """How motion is transferred; may be changed between frames."""
        return self._transfer.settings

    @settings.setter
    def settings(self, settings: MotionSettings) -> None:
        self._transfer.settings = settings

    @property
    def input_size(self) -> int:
        """Side of the driving squares that the model sees, in pixels."""
        return self._engine.config.image_size

    @property
    def output_size(self) -> int:
        """Side of the animated pictures, in pixels."""
        return self._engine.config.output_size

    @property
    def config(self) -> ModelConfig:
        """The model's configuration."""
        return self._engine.config

    @property
    def description(self) -> EngineDescription:
        """What runs the model."""
        return self._engine.description

    @property
    def reference(self) -> Keypoints | None:
        """The driving reference: keypoints of the frame stored at calibration, or None.

        Assigning one that was kept (see `reference_arrays`) restores a calibration; assigning None
        forgets it. It belongs to one model: other models' keypoints lie elsewhere.
        """
        return self._transfer.reference

    @reference.setter
    def reference(self, keypoints: Keypoints | None) -> None:
        count = self._engine.config.keypoints.num_keypoints
        if keypoints is not None and keypoints.value.shape != (1, count, 2):
            raise ValueError(
                f"the reference has the shape {tuple(keypoints.value.shape)}, the model needs "
                f"{(1, count, 2)}"
            )
        self._transfer.reference = keypoints

    def set_source(self, portrait: Image) -> None:
        """Choose the portrait; the driving reference stays.

        Args:
            portrait: RGB (S, S, 3), a square of any size.
        """
        self._portrait = self._engine.encode(_resized(portrait, self.output_size))
        self._transfer.source = self._portrait.keypoints

    def calibrate(self, driving: Image) -> None:
        """Store a driving frame's keypoints as the driving reference.

        From now on the portrait moves by what the driver moves away from this frame.

        Args:
            driving: RGB (S, S, 3), a square face crop of any size.
        """
        self._transfer.reference = self.detect(driving)

    def detect(self, driving: Image) -> Keypoints:
        """Find the keypoints of a driving frame, without moving anything.

        Args:
            driving: RGB (S, S, 3), a square face crop of any size.
        """
        return self._engine.keypoints(_resized(driving, self.input_size))

    def animate(
        self,
        driving: Image,
        *,
        time_s: float | None = None,
        strength: float = 1.0,
        crop_change: NDArray[np.floating] | None = None,
    ) -> Image:
        """Paint the portrait in the pose of a driving frame.

        Args:
            driving: RGB (S, S, 3), a square face crop of any size.
            time_s: When it was taken; the smoothing needs it. Without it, 1/30 s after the last.
            strength: 0 shows the still portrait, 1 all motion; for easing in and out.
            crop_change: (2, 3), maps this crop's coordinates to those of the crop at calibration,
                (x, y) in [-1, 1]: a crop that follows the driver does not move the portrait.

        Returns:
            RGB (`output_size`, `output_size`, 3).

        Raises:
            ValueError: `set_source` was not called.
        """
        portrait = self._require_portrait()
        moved = self._move(self.detect(driving), time_s, strength, crop_change)
        return self._engine.render(portrait, moved)

    def animate_all(self, drivings: Iterable[Image]) -> Generator[Image, None, None]:
        """Do what `animate` does with each frame of a clip, several at once where that is quicker.

        Close the iterator when not all of its pictures are wanted.

        Args:
            drivings: RGB (S, S, 3), square face crops of any size, 1/30 s apart; a few are read
                ahead.

        Yields:
            RGB (`output_size`, `output_size`, 3), in the order of the frames.

        Raises:
            ValueError: `set_source` was not called.
        """
        portrait, side = self._require_portrait(), self.input_size
        with Lanes(self._engine.lanes()) as lanes:
            squares = (_resized(driving, side) for driving in drivings)
            detected = lanes.each(lambda engine, square: engine.keypoints(square), squares)
            moved = (self._move(keypoints, None, 1.0, None) for keypoints in detected)
            yield from lanes.each(lambda engine, target: engine.render(portrait, target), moved)

    def still(self) -> Image:
        """Paint the portrait without any motion.

        Raises:
            ValueError: `set_source` was not called.
        """
        portrait = self._require_portrait()
        return self._engine.render(portrait, portrait.keypoints)

    def decompose(
        self,
        driving: Image,
        *,
        time_s: float | None = None,
    ) -> Decomposition:
        """Animate one frame and keep everything; slow, for those who show it.

        Args:
            driving: RGB (S, S, 3), a square face crop of any size.
            time_s: As for `animate`. Without it, the last frame's: showing a frame again does not
                disturb the smoothing.

        Raises:
            ValueError: `set_source` was not called.
        """
        portrait = self._require_portrait()
        detected = self.detect(driving)
        moved = self._move(detected, self._time_s if time_s is None else time_s, 1.0, None)
        animation = self._engine.decompose(portrait, moved)
        cpu = torch.device("cpu")
        return Decomposition(portrait.keypoints.to(cpu), detected.to(cpu), moved.to(cpu), animation)

    def close(self) -> None:
        """Free the model's memory; a second call does nothing."""
        self._engine.close()

    def _move(
        self,
        detected: Keypoints,
        time_s: float | None,
        strength: float,
        crop_change: NDArray[np.floating] | None,
    ) -> Keypoints:
        self._time_s = self._time_s + _ASSUMED_FRAME_TIME_S if time_s is None else time_s
        affine = None
        if crop_change is not None:
            affine = torch.as_tensor(np.asarray(crop_change, dtype=np.float32))
        return self._transfer(detected, self._time_s, strength, affine)

    def _require_portrait(self) -> Portrait:
        if self._portrait is None:
            raise ValueError("set_source must be called before a portrait can be animated")
        return self._portrait


def reference_arrays(keypoints: Keypoints) -> dict[str, NDArray[np.float32]]:
    """Return keypoints as plain arrays that a file can hold; `reference_from_arrays` undoes it."""
    fields = keypoints._asdict().items()
    return {
        name: tensor[0].detach().float().cpu().numpy()
        for name, tensor in fields
        if tensor is not None
    }


def reference_from_arrays(arrays: dict[str, NDArray[np.float32]]) -> Keypoints:
    """Return the keypoints that `reference_arrays` took apart.

    Args:
        arrays: "value" (K, 2); "jacobian" and "covariance" (K, 2, 2) where there are any.

    Raises:
        ValueError: A name or a shape is wrong, or a number is not finite.
    """
    unknown = arrays.keys() - set(Keypoints._fields)
    if unknown or "value" not in arrays or arrays["value"].ndim != 2:
        raise ValueError(f"not a driving reference: {sorted(arrays)}")
    count = arrays["value"].shape[0]
    for name, array in arrays.items():
        expected = (count, 2) if name == "value" else (count, 2, 2)
        if array.shape != expected or not np.isfinite(array).all():
            raise ValueError(f"{name} of the driving reference must be {expected} finite numbers")
    tensors = {
        name: torch.from_numpy(np.array(array, dtype=np.float32))[None]
        for name, array in arrays.items()
    }
    return Keypoints(**tensors)


def _resized(image: Image, side: int) -> Image:
    height, width = image.shape[:2]
    if height != width:
        raise ValueError(f"the model sees squares, not {width}x{height} pixels")
    if height == side:
        return image
    interpolation = cv2.INTER_AREA if height > side else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(image, (side, side), interpolation=interpolation), dtype=np.uint8)
