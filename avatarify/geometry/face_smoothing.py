"""Calms what trembles in a face's motion, in the head's own frame.

The tracker's points tremble in noise. Head motion and expression are smoothed apart, each part in
its own unit: a nod does not loosen the lips, and a talking mouth does not shake the head.
"""

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
    """One-Euro filters over all of a face's motion (see `geometry.one_euro`)."""

    def __init__(self, tremble: FaceTremble | None = None) -> None:
        """Start without a past.

        Args:
            tremble: What counts as noise.
        """
        tremble = tremble or FaceTremble()
        deviations = {
            "turn": tremble.turn,
            "shift": tremble.shift,
            "growth": tremble.shift,
            "expression": tremble.expression,
            "lids": tremble.lids,
            "gaze": tremble.gaze,
            "lips": tremble.expression,
        }
        self._filters: dict[str, OneEuroFilter[NDArray[np.floating]]] = {
            name: OneEuroFilter(OneEuroSettings.for_noise(deviation))
            for name, deviation in deviations.items()
        }

    def reset(self) -> None:
        """Forget the past: the next motion is taken as it is."""
        for filtered in self._filters.values():
            filtered.reset()

    def __call__(self, motion: FaceMotion, time_s: float) -> FaceMotion:
        """Smooth the next motion; one that is not after the last is left out."""
        return motion._replace(
            **{name: one(getattr(motion, name), time_s) for name, one in self._filters.items()}
        )
