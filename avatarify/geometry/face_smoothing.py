"""Calms what trembles in a face's motion, in the head's own frame.

The tracker's points tremble in noise. Head motion and expression are smoothed apart, each number in
its own unit, its tremble: a nod does not loosen the lips, and a talking mouth does not shake the
head. The light on the skin is calmer still: a face may be a moment late in the light, but it must
not flicker.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from avatarify.geometry.face_motion import FaceMotion
from avatarify.geometry.one_euro import OneEuroFilter, OneEuroSettings
from avatarify.geometry.similarity import length_of

_BOTH_WAYS = 0.8
"""Two filters of this tremble, one for each direction of time, calm as much as one of all of it."""

_LIGHT = 4.0
"""Light takes the head for trembling so many times as much: its turn comes some 0.1 s late."""

_LIGHT_PLAY = 2.0
"""How far the head turns before light follows, in trembles: at rest it does not flicker. At the
tremble of a common webcam these are 0.5°, and half a level of bright skin."""

_AHEAD, _BLOCK = 30, 60
"""Frames that are known of what comes, at least, and frames that share them."""


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
            "light_turn": _LIGHT * tremble.turn,
            "shift": tremble.shift,
            "growth": tremble.shift,
            "expression": tremble.expression,
            "lids": tremble.lids,
            "gaze": tremble.gaze,
            "lips": tremble.expression,
        }
        self._play = _LIGHT_PLAY * tremble.turn
        self._light_turn: NDArray[np.floating] | None = None
        self._units: NDArray[np.floating] | None = None
        self._filter: OneEuroFilter[NDArray[np.floating]] = OneEuroFilter(
            OneEuroSettings.for_noise(1.0)
        )

    def reset(self) -> None:
        """Forget the past: the next motion is taken as it is."""
        self._filter.reset()
        self._light_turn = None

    def __call__(self, motion: FaceMotion, time_s: float) -> FaceMotion:
        """Smooth the next motion; one that is not after the last is left out."""
        parts = [getattr(motion, name) for name in self._deviations]
        if self._units is None:
            sizes = [part.size for part in parts]
            self._units = np.repeat(list(self._deviations.values()), sizes)
        flat = np.concatenate([part.ravel() for part in parts])
        smooth = self._filter(flat / self._units, time_s) * self._units
        motion = motion._replace(
            **dict(zip(self._deviations, _cut_like(parts, smooth), strict=True))
        )
        self._light_turn = _dragged(self._light_turn, motion.light_turn, self._play)
        return motion._replace(light_turn=self._light_turn)


def smoothed_both_ways(
    track: Iterable[tuple[FaceMotion, float]], tremble: FaceTremble | None = None
) -> Iterator[FaceMotion]:
    """Smooth a motion of which it is known how it goes on: as calm as `FaceSmoother`, not late.

    The mean of a filter that comes from the past and one that comes from the future: one is late
    by as much as the other is early. A few seconds of the motion are held at a time.

    Args:
        track: Each motion and when it was.
        tremble: What counts as noise.

    Yields:
        The motions, as many as there are in the track.
    """
    tremble = (tremble or FaceTremble()).scaled(_BOTH_WAYS)
    forward = FaceSmoother(tremble)
    held: deque[tuple[FaceMotion, FaceMotion, float]] = deque()
    for motion, time_s in track:
        held.append((motion, forward(motion, time_s), time_s))
        if len(held) == _BLOCK + _AHEAD:
            yield from _met(held, tremble)[:_BLOCK]
            for _ in range(_BLOCK):
                held.popleft()
    yield from _met(held, tremble)


def _met(
    held: Iterable[tuple[FaceMotion, FaceMotion, float]], tremble: FaceTremble
) -> list[FaceMotion]:
    """Filter backwards, from the last of some motions on, and take the mean of both filters."""
    backward = FaceSmoother(tremble)
    met = [
        _mean(from_past, backward(motion, -time_s))
        for motion, from_past, time_s in reversed(list(held))
    ]
    return met[::-1]


def _mean(motion: FaceMotion, other: FaceMotion) -> FaceMotion:
    return FaceMotion(*((one + two) / 2.0 for one, two in zip(motion, other, strict=True)))


def _dragged(
    last: NDArray[np.floating] | None, wanted: NDArray[np.floating], play: float
) -> NDArray[np.floating]:
    """Return where a thing on a slack string of the length `play` is drawn to."""
    if last is None:
        return wanted
    way = wanted - last
    length = length_of(way)
    return last if length <= play else wanted - way * (play / length)


def _cut_like(
    parts: list[NDArray[np.floating]], flat: NDArray[np.floating]
) -> Iterator[NDArray[np.floating]]:
    """Cut an array into pieces of these shapes."""
    begin = 0
    for part in parts:
        yield flat[begin : begin + part.size].reshape(part.shape)
        begin += part.size
