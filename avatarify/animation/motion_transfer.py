"""From the driver's keypoints to those of the picture to be painted.

Every step is tensor arithmetic on whatever device the keypoints are: nothing waits for a GPU.
"""

from collections.abc import Sequence

from torch import Tensor

from avatarify.animation.settings import MotionSettings
from avatarify.geometry import transfer
from avatarify.geometry.keypoints import Keypoints
from avatarify.geometry.one_euro import OneEuroFilter, OneEuroSettings
from avatarify.geometry.soft_limit import limit_motion
from avatarify.geometry.transfer import Span

_COMMON_TREMBLE = 0.005
"""Standard deviation of a keypoint under a common webcam's noise, in [-1, 1] units."""

_JACOBIAN_TREMBLE = 4.0
"""Jacobians tremble this much more than values."""


class MotionTransfer:
    """Crop compensation, smoothing, transfer, gain and limits, in this order."""

    def __init__(
        self, settings: MotionSettings, spans: Sequence[Span] = (), jacobian_noise: float = 0.0
    ) -> None:
        """Start without a portrait and a driving reference.

        Args:
            settings: How motion is transferred.
            spans: What the model's expressions lack.
            jacobian_noise: What the model's Jacobians change by themselves.
        """
        self._settings = settings
        self._spans = spans
        self._jacobian_noise = jacobian_noise
        self._source: Keypoints | None = None
        self._reference: Keypoints | None = None
        self._scale = 1.0
        self._smoother = _Smoother(settings.smoothing)

    @property
    def settings(self) -> MotionSettings:
        """How motion is transferred."""
        return self._settings

    @settings.setter
    def settings(self, settings: MotionSettings) -> None:
        if settings.smoothing != self._settings.smoothing:
            self._smoother = _Smoother(settings.smoothing)
        self._settings = settings
        self._measure_scale()

    @property
    def source(self) -> Keypoints | None:
        """Keypoints of the portrait."""
        return self._source

    @source.setter
    def source(self, keypoints: Keypoints) -> None:
        self._source = keypoints
        self._measure_scale()

    @property
    def reference(self) -> Keypoints | None:
        """Keypoints of the driving frame stored at calibration, or None before."""
        return self._reference

    @reference.setter
    def reference(self, keypoints: Keypoints | None) -> None:
        self._reference = keypoints
        self._smoother.reset()
        self._measure_scale()

    def __call__(
        self,
        driving: Keypoints,
        time_s: float,
        strength: float = 1.0,
        crop_change: Tensor | None = None,
    ) -> Keypoints:
        """Return the keypoints of the picture to be painted.

        Args:
            driving: Found in the current driving crop.
            time_s: When that frame was taken.
            strength: 0 for the still portrait, 1 for all motion.
            crop_change: (2, 3), see `transfer.apply_affine`; None when the crop has not moved.

        Raises:
            ValueError: There is no portrait.
        """
        if self._source is None:
            raise ValueError("there is no portrait to move")
        if crop_change is not None:
            driving = transfer.apply_affine(driving, crop_change.to(driving.value))
        driving = self._smoother(driving, time_s)
        moved = self._transfer(self._source, driving)
        moved = transfer.amplify(self._source, moved, self._settings.gain * strength)
        return limit_motion(self._source, moved) if self._settings.soft_limits else moved

    def _transfer(self, source: Keypoints, driving: Keypoints) -> Keypoints:
        if self._settings.motion == "absolute":
            return transfer.absolute(driving)
        if self._reference is None:
            if not self._settings.first_frame_is_reference:
                return source
            self._reference = driving
            self._measure_scale()
        # A reference that was read from a file lies on the CPU.
        reference = self._reference.to(driving.value.device)
        moved = transfer.relative(source, driving, reference, self._scale)
        return transfer.corrected(source, moved, self._spans, self._jacobian_noise)

    def _measure_scale(self) -> None:
        self._scale = 1.0
        is_known = self._source is not None and self._reference is not None
        if is_known and self._settings.adapt_scale:
            assert self._source is not None
            assert self._reference is not None
            self._scale = transfer.movement_scale(self._source, self._reference)


class _Smoother:
    def __init__(self, strength: float) -> None:
        self._is_on = strength > 0.0
        tremble = _COMMON_TREMBLE * 16.0 ** (strength - 0.5)
        self._value: OneEuroFilter[Tensor] = OneEuroFilter(OneEuroSettings.for_noise(tremble))
        self._jacobian: OneEuroFilter[Tensor] = OneEuroFilter(
            OneEuroSettings.for_noise(_JACOBIAN_TREMBLE * tremble)
        )

    def reset(self) -> None:
        self._value.reset()
        self._jacobian.reset()

    def __call__(self, keypoints: Keypoints, time_s: float) -> Keypoints:
        if not self._is_on:
            return keypoints
        value = self._value(keypoints.value, time_s)
        jacobian = keypoints.jacobian
        if jacobian is not None:
            jacobian = self._jacobian(jacobian, time_s)
        return keypoints._replace(value=value, jacobian=jacobian)
