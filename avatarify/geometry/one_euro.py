"""Smoothing that is strong while things rest and lets go when they move.

Casiez, Roussel and Vogel, "1€ Filter: A Simple Speed-based Low-pass Filter for Noisy Input in
Interactive Systems", CHI 2012. Plain arithmetic, so that NumPy arrays and torch tensors both work.
"""

from dataclasses import dataclass
from math import pi
from typing import Any, Generic, Protocol, TypeVar


class Signal(Protocol):
    """What the filter needs: an array, a tensor or a number."""

    def __abs__(self) -> Any:
        """Element by element."""

    def __add__(self, other: Any, /) -> Any:
        """Element by element."""

    def __sub__(self, other: Any, /) -> Any:
        """Element by element."""

    def __mul__(self, other: Any, /) -> Any:
        """Element by element."""


SignalT = TypeVar("SignalT", bound=Signal)


@dataclass(frozen=True, slots=True)
class OneEuroSettings:
    """How strongly to smooth.

    The defaults are made for keypoints (-1 to 1 across the picture) that tremble by 0.005: at 30
    frames per second the tremble falls to 1/3.3, a turn of 0.3 in 0.3 s arrives 0.13 frames late,
    speech (0.04 at 3 Hz) keeps 95 % of its size.
    """

    min_cutoff_hz: float = 0.7
    """Cut-off while at rest (fc_min in the paper): lower is calmer."""

    speed_coefficient: float = 40.0
    """Hz of cut-off for each unit per second (beta in the paper): higher lags less."""

    speed_floor: float = 0.1
    """Units per second taken for noise. Not in the paper (0 there): it allows a much higher
    `speed_coefficient`, which noise alone would otherwise open."""

    derivative_cutoff_hz: float = 2.0
    """Cut-off for the speed (1 in the paper); higher reacts sooner."""

    def __post_init__(self) -> None:
        if self.min_cutoff_hz <= 0 or self.derivative_cutoff_hz <= 0:
            raise ValueError("Cut-off frequencies must be above 0.")
        if self.speed_coefficient < 0 or self.speed_floor < 0:
            raise ValueError("The speed's coefficient and floor must not be below 0.")

    @classmethod
    def for_noise(cls, standard_deviation: float) -> "OneEuroSettings":
        """Return the settings that treat this much tremble as the defaults treat 0.005."""
        if standard_deviation <= 0:
            raise ValueError("The noise must be above 0.")
        return cls(speed_coefficient=0.2 / standard_deviation, speed_floor=20 * standard_deviation)


class OneEuroFilter(Generic[SignalT]):
    """Smooths one signal over time; every element has its own cut-off."""

    def __init__(self, settings: OneEuroSettings | None = None) -> None:
        """Start without a past.

        Args:
            settings: How strongly to smooth.
        """
        self.settings = settings or OneEuroSettings()
        self.reset()

    def reset(self) -> None:
        """Forget the past: the next value is taken as it is."""
        self._time_s = 0.0
        self._value: SignalT | None = None
        self._speed: Any = 0.0
        self._smooth: SignalT | None = None

    def __call__(self, value: SignalT, time_s: float) -> SignalT:
        """Smooth the next value.

        Args:
            value: Any shape, the same at each call.
            time_s: When it was measured. If not after the previous one, the value is left out.

        Returns:
            The smoothed value; the first one unchanged.
        """
        if self._value is None or self._smooth is None:
            self._time_s, self._value, self._smooth = time_s, value, value
            return value
        elapsed_s = time_s - self._time_s
        if elapsed_s <= 0:
            return self._smooth
        measured_speed = (value - self._value) * (1 / elapsed_s)
        share = _share_of_new(self.settings.derivative_cutoff_hz, elapsed_s)
        self._speed = self._speed + (measured_speed - self._speed) * share
        share = _share_of_new(self._cutoff_hz(), elapsed_s)
        self._smooth = self._smooth + (value - self._smooth) * share
        self._time_s, self._value = time_s, value
        return self._smooth

    def _cutoff_hz(self) -> Any:
        """Cut-off: fc = fc_min + beta |speed|, with |speed| less the floor, never below 0."""
        above = abs(self._speed) - self.settings.speed_floor
        return self.settings.min_cutoff_hz + self.settings.speed_coefficient * 0.5 * (
            above + abs(above)
        )


def _share_of_new(cutoff_hz: Any, elapsed_s: float) -> Any:
    """Share: alpha = 1 / (1 + tau / T_e) with tau = 1 / (2 pi f_c)."""
    return 1 / (1 + 1 / (2 * pi * elapsed_s * cutoff_hz))
