"""Calms what trembles in a face's motion, in the head's own frame.

The tracker's points tremble in noise. Head motion and expression are smoothed apart, each number in
its own unit, its tremble: a nod does not loosen the lips, and a talking mouth does not shake the
head.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from avatarify.geometry.face_motion import FaceMotion
from avatarify.geometry.one_euro import OneEuroFilter, OneEuroSettings


@dataclass(frozen=True, slots=True)
class FaceTremble:
    """Standard deviations of a still driver's motion in a common webcam's noise."""

    turn: float = 0.004
    """Radians."""
    shift: float = 0.004
    """Distances of the outer eye corners; `growth` trembles alike."""
    expression: float = 0.0025
    """Distances of the outer eye corners, each landmark; gaps of lips tremble alike."""
    lids: float = 0.03
    """Of the opening at calibration."""
    gaze: float = 0.006
    """Widths of an eye."""

    def scaled(self, factor: float) -> "FaceTremble":
        """Return a tremble that is larger everywhere."""
        return FaceTremble(*(factor * getattr(self, name) for name in self.__slots__))


class FaceSmoother:
    """A One-Euro filter over all of a face's motion (see `geometry.one_euro`)."""

    def __init__(self, tremble: FaceTremble | None = None) -> None:
        """Start without a past.

        Args:
            tremble: What counts as noise.
        """
        tremble = tremble or FaceTremble()
        self._deviations = {
            "turn": tremble.turn,
            "shift": tremble.shift,
            "growth": tremble.shift,
            "expression": tremble.expression,
            "lids": tremble.lids,
            "gaze": tremble.gaze,
            "lips": tremble.expression,
        }
        self._units: NDArray[np.floating] | None = None
        self._filter: OneEuroFilter[NDArray[np.floating]] = OneEuroFilter(
            OneEuroSettings.for_noise(1.0)
        )

    def reset(self) -> None:
        """Forget the past: the next motion is taken as it is."""
        self._filter.reset()

    def __call__(self, motion: FaceMotion, time_s: float) -> FaceMotion:
        """Smooth the next motion; one that is not after the last is left out."""
        parts = [getattr(motion, name) for name in self._deviations]
        if self._units is None:
            sizes = [part.size for part in parts]
            self._units = np.repeat(list(self._deviations.values()), sizes)
        flat = np.concatenate([part.ravel() for part in parts])
        smooth = self._filter(flat / self._units, time_s) * self._units
        return motion._replace(**dict(zip(self._deviations, _cut_like(parts, smooth), strict=True)))


def _cut_like(
    parts: list[NDArray[np.floating]], flat: NDArray[np.floating]
) -> Iterator[NDArray[np.floating]]:
    """Cut an array into pieces of these shapes."""
    begin = 0
    for part in parts:
        yield flat[begin : begin + part.size].reshape(part.shape)
        begin += part.size
