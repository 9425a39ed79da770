"""A value that rests until it is left far behind, then glides after: how the crop moves."""

from math import exp

import numpy as np
from numpy.typing import ArrayLike, NDArray


class Glide:
    """A resting value with a dead zone and, once that is left, a critically damped motion.

    While resting the value is exactly constant, whatever the target does inside the dead zone.
    """

    def __init__(
        self, value: ArrayLike, *, dead_zone: float, arrived: float, rate: float, patience_s: float
    ) -> None:
        """Start at rest.

        Args:
            value: (N,) where to start.
            dead_zone: Distance in any element that starts the motion.
            arrived: Distance in every element that ends it; below `dead_zone`.
            rate: Per second; the way left falls to 9 % in 4 / rate seconds.
            patience_s: How long the target must be outside before the motion starts.
        """
        if not 0 < arrived < dead_zone or rate <= 0:
            raise ValueError("Needs 0 < arrived < dead_zone and a rate above 0.")
        self._dead_zone, self._arrived = dead_zone, arrived
        self._rate, self._patience_s = rate, patience_s
        self.jump(value)

    @property
    def value(self) -> NDArray[np.float64]:
        """(N,) the present value."""
        return self._value.copy()

    @property
    def is_moving(self) -> bool:
        """Whether the value is on its way to the target."""
        return self._is_moving

    def jump(self, value: ArrayLike) -> None:
        """Be at a value at once, and rest there."""
        self._value = np.array(value, dtype=np.float64)
        self._speed = np.zeros_like(self._value)
        self._is_moving = False
        self._outside_s = 0.0

    def start(self) -> None:
        """Move to the next target even if it is inside the dead zone."""
        self._is_moving = True

    def follow(self, target: ArrayLike, elapsed_s: float, unit: float = 1.0) -> None:
        """Take the target for the time since the last call.

        Args:
            target: (N,) where to go.
            elapsed_s: At least 0.
            unit: What `dead_zone` and `arrived` are measured in.
        """
        goal = np.asarray(target, dtype=np.float64)
        distance = np.abs(goal - self._value).max() / unit
        if not self._is_moving:
            self._outside_s = self._outside_s + elapsed_s if distance > self._dead_zone else 0.0
            self._is_moving = distance > self._dead_zone and self._outside_s >= self._patience_s
        if self._is_moving:
            self._advance(goal, elapsed_s)
            if np.abs(goal - self._value).max() <= self._arrived * unit:
                self.jump(self._value)

    def _advance(self, target: NDArray[np.float64], elapsed_s: float) -> None:
        """Solve x'' = -rate² (x - target) - 2 rate x' exactly over the time elapsed."""
        left = self._value - target
        push = (self._speed + self._rate * left) * elapsed_s
        decay = exp(-self._rate * elapsed_s)
        self._value = target + (left + push) * decay
        self._speed = (self._speed - self._rate * push) * decay
