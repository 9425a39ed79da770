"""The real motion model behind a live session."""

from pathlib import Path

from avatarify.animation.animator import (
    PortraitAnimator,
    reference_arrays,
    reference_from_arrays,
)
from avatarify.animation.settings import MotionSettings
from avatarify.frames import Image
from avatarify.session.avatars.avatar import Avatar
from avatarify.session.avatars.profiles import DrivingReference
from avatarify.session.keeping.settings import EngineSettings, MotionControls
from avatarify.session.live.listener import EngineReport, MotionView
from avatarify.session.live.sighting import Driving
from avatarify.session.live.xray import xray_panels


class ModelEngine:
    """Adapts a `PortraitAnimator` to what the live session needs; see `AvatarEngine`."""

    def __init__(self, animator: PortraitAnimator, model: str, warning: str = "") -> None:
        """Take an animator over.

        Args:
            animator: With a loaded model; closed by `close`.
            model: Its name, to tell references of different models apart.
            warning: Said in `report`: why a graphics card lies idle.
        """
        self._animator = animator
        self._model = model
        self._warning = warning
        self._portrait: Image | None = None
        self.set_motion(MotionControls())

    @property
    def report(self) -> EngineReport:
        """What runs, for the status bar."""
        description = self._animator.description
        return EngineReport(
            model=self._model,
            device=description.device,
            precision=description.precision,
            note=description.note,
            warning=self._warning,
        )

    @property
    def input_size(self) -> int:
        """Side of the driving squares, in pixels."""
        return self._animator.input_size

    @property
    def wants_landmarks(self) -> bool:
        """Motion models look at the square around the face."""
        return False

    def set_avatar(self, avatar: Avatar) -> None:
        """Encode a portrait: the square around its face."""
        self._portrait = avatar.as_square().image
        self._animator.set_source(self._portrait)

    def set_motion(self, motion: MotionControls) -> None:
        """Change how motion is transferred."""
        self._animator.settings = MotionSettings(
            motion="relative" if motion.is_relative else "absolute",
            adapt_scale=motion.adapts_scale,
            gain=motion.gain,
            smoothing=motion.smoothing,
            soft_limits=True,
            first_frame_is_reference=False,
        )

    def calibrate(self, driving: Driving) -> None:
        """Take a frame as driving reference."""
        self._animator.calibrate(_square(driving))

    @property
    def reference(self) -> DrivingReference | None:
        """The driving reference as numbers, or None while there is none."""
        keypoints = self._animator.reference
        if keypoints is None:
            return None
        return DrivingReference(self._model, tuple(reference_arrays(keypoints).items()))

    def use_reference(self, reference: DrivingReference) -> None:
        """Go back to an earlier driving reference.

        Raises:
            ValueError: It belongs to another model.
        """
        self._animator.reference = reference_from_arrays(dict(reference.arrays))

    def animate(self, driving: Driving, time_s: float, strength: float) -> Image:
        """Move the avatar like the driving frame, RGB (S, S, 3)."""
        return self._animator.animate(_square(driving), time_s=time_s, strength=strength)

    def xray(self, driving: Driving) -> MotionView | None:
        """Show what the model computes for a frame."""
        if self._portrait is None:
            return None
        square = _square(driving)
        return MotionView(xray_panels(self._animator.decompose(square), self._portrait, square))

    def close(self) -> None:
        """Free the model's memory; a second call does nothing."""
        self._animator.close()


def load_model_engine(settings: EngineSettings) -> ModelEngine:
    """Load the model that the settings name onto the fastest back end that proves itself.

    Raises:
        CheckpointError: The model is missing or broken.
        DeviceError: The device or precision is not available.
    """
    from avatarify.animation.backends.choice import open_engine
    from avatarify.zoo.store import locate

    path = locate(settings.model)
    engine = open_engine(path, settings.device, settings.precision, settings.backend, keeps=True)
    return ModelEngine(PortraitAnimator(engine), _name(path), _unused_gpu(settings.device))


def _square(driving: Driving) -> Image:
    if driving.square is None:
        raise ValueError("the square around the driver's face is missing")
    return driving.square


def _unused_gpu(device: str) -> str:
    from avatarify.animation.devices import unused_gpu

    return (unused_gpu() or "") if device == "auto" else ""


def _name(path: Path) -> str:
    return path.stem
