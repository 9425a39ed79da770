"""Taking the calibration frame without a hand: when to take it, when to offer it again.

Pure logic: every time is handed in, nothing is drawn or waited for. What a frame's *reference* is,
is the caller's business (the cropped driving frame); it is kept and handed back.
"""

from collections import deque
from dataclasses import dataclass
from enum import Enum
from typing import Generic, NamedTuple, TypeVar

import numpy as np

from avatarify.tracking.calibration import Rating
from avatarify.tracking.face import Face
from avatarify.tracking.steady import SteadyText

ReferenceT = TypeVar("ReferenceT")


class CalibrationState(Enum):
    """What the calibrator is doing."""

    IDLE = "idle"
    """Nothing: not asked to, or done."""

    COLLECTING = "collecting"
    """Looking for the best frame."""

    OFFERING = "offering"
    """The driver sits differently than when calibrated, and is asked whether to do it again."""


@dataclass(frozen=True, slots=True)
class AutoCalibrationSettings:
    """How long to look, what to accept, when to offer again."""

    settle_s: float = 0.5
    """No frame is taken before: the camera's exposure and the driver settle."""

    patience_s: float = 4.0
    """After this time the best frame is taken if it reaches `least_score`."""

    first_score: int = 90
    """A frame this good is taken at once; the mark sinks evenly to `least_score`."""

    least_score: int = 40
    """Below this nothing is taken, only advised."""

    forget_s: float = 1.0
    """A face away for longer may be another person: looking starts anew."""

    drift_window_s: float = 20.0
    """The pose that counts for drift is the median over this time."""

    drift_deg: float = 12.0
    """How far the median yaw, pitch or roll may be from the calibrated one."""

    offer_again_s: float = 120.0
    """An offer that was declined is not repeated before."""

    def __post_init__(self) -> None:
        if not 0 <= self.settle_s < self.patience_s:
            raise ValueError("Needs 0 <= settle_s < patience_s.")
        if not 0 <= self.least_score <= self.first_score <= 100:
            raise ValueError("Needs 0 <= least_score <= first_score <= 100.")


@dataclass(frozen=True, slots=True)
class CalibrationStatus(Generic[ReferenceT]):
    """What to show, and what has just happened."""

    state: CalibrationState
    score: int
    """Of the present frame, 0 to 100."""

    advice: str
    """What the driver should change, or why a new calibration is offered; steady enough to read."""

    best_score: int
    """Of the frame that would be taken, while collecting; else of the one in use."""

    countdown_s: float
    """Time until a frame is taken at the latest if one is good enough; 0 unless collecting."""

    taken: ReferenceT | None = None
    """The reference to use from now on, in the one status after it was taken."""


class _Calibrated(NamedTuple, Generic[ReferenceT]):
    """One frame that may be or was accepted."""

    reference: ReferenceT
    score: int
    pose: tuple[float, float, float]


class AutoCalibrator(Generic[ReferenceT]):
    """Chooses among frames; feed it every frame with `update`."""

    def __init__(self, settings: AutoCalibrationSettings | None = None) -> None:
        """Start idle, without a reference.

        Args:
            settings: How long to look, what to accept, when to offer again.
        """
        self.settings = settings or AutoCalibrationSettings()
        self._state = CalibrationState.IDLE
        self._began_s = 0.0
        self._seen_s = 0.0
        self._best: _Calibrated[ReferenceT] | None = None
        self._current: _Calibrated[ReferenceT] | None = None
        self._previous: _Calibrated[ReferenceT] | None = None
        self._poses: deque[tuple[float, tuple[float, float, float]]] = deque()
        self._no_offer_before_s = float("-inf")
        self._advice = SteadyText()

    @property
    def state(self) -> CalibrationState:
        """What the calibrator is doing."""
        return self._state

    @property
    def can_undo(self) -> bool:
        """Whether there is an earlier reference to go back to."""
        return self._previous is not None

    def begin(self, time_s: float) -> None:
        """Look for a good frame from now on: at the start, for a new avatar, or when asked to.

        The reference in use stays in use until a frame is taken.
        """
        self._state = CalibrationState.COLLECTING
        self._began_s = self._seen_s = time_s
        self._best = None

    def cancel(self) -> None:
        """Stop looking and keep the reference in use."""
        self._state = CalibrationState.IDLE
        self._best = None

    def decline(self, time_s: float) -> None:
        """Turn an offer down: it is not repeated for a while."""
        self._state = CalibrationState.IDLE
        self._no_offer_before_s = time_s + self.settings.offer_again_s

    def take(self, reference: ReferenceT, rating: Rating, face: Face | None) -> None:
        """Use a frame because the user said so, however good it is."""
        self._accept(_Calibrated(reference, rating.score, _pose(face)))

    def undo(self) -> ReferenceT | None:
        """Go back to the reference before the last one.

        Returns:
            That reference, to be used from now on; None if there is none.
        """
        if self._previous is None:
            return None
        self._current, self._previous = self._previous, None
        self.cancel()
        self._poses.clear()
        return self._current.reference

    def update(
        self, time_s: float, face: Face | None, rating: Rating, reference: ReferenceT
    ) -> CalibrationStatus[ReferenceT]:
        """Take the next frame into account.

        Args:
            time_s: When it was taken; rising.
            face: The driver's face in it.
            rating: How good it is for calibration with the present avatar.
            reference: What to use if this frame is taken.
        """
        taken = None
        if self._state is CalibrationState.COLLECTING:
            taken = self._collect(time_s, face, rating, reference)
        elif face is not None:
            self._watch(time_s, face)
        return self._status(time_s, rating, taken)

    def _collect(
        self, time_s: float, face: Face | None, rating: Rating, reference: ReferenceT
    ) -> ReferenceT | None:
        if face is None:
            return None
        if time_s - self._seen_s > self.settings.forget_s:
            self.begin(time_s)
        self._seen_s = time_s
        if self._best is None or rating.score > self._best.score:
            self._best = _Calibrated(reference, rating.score, _pose(face))
        waited_s = time_s - self._began_s
        if waited_s < self.settings.settle_s or self._best.score < self._mark(waited_s):
            return None
        best = self._best
        self._accept(best)
        return best.reference

    def _mark(self, waited_s: float) -> float:
        """The score that is good enough after a time of waiting."""
        settings = self.settings
        progress = (waited_s - settings.settle_s) / (settings.patience_s - settings.settle_s)
        fall = settings.first_score - settings.least_score
        return settings.first_score - min(progress, 1.0) * fall

    def _accept(self, calibrated: _Calibrated[ReferenceT]) -> None:
        self._previous, self._current = self._current, calibrated
        self._poses.clear()
        self.cancel()

    def _watch(self, time_s: float, face: Face) -> None:
        """Offer a new calibration when the driver has long been sitting differently."""
        self._poses.append((time_s, _pose(face)))
        while self._poses[0][0] < time_s - self.settings.drift_window_s:
            self._poses.popleft()
        drifted = self._drift(time_s) > self.settings.drift_deg
        if self._state is CalibrationState.OFFERING and not drifted:
            self._state = CalibrationState.IDLE
        if drifted and time_s >= self._no_offer_before_s:
            self._state = CalibrationState.OFFERING

    def _drift(self, time_s: float) -> float:
        """Degrees between the calibrated pose and the usual one; 0 before the window is full."""
        is_full = time_s - self._poses[0][0] > 0.9 * self.settings.drift_window_s
        if self._current is None or not is_full:
            return 0.0
        usual = np.median([pose for _, pose in self._poses], axis=0)
        return float(np.abs(usual - self._current.pose).max())

    def _status(
        self, time_s: float, rating: Rating, taken: ReferenceT | None
    ) -> CalibrationStatus[ReferenceT]:
        is_collecting = self._state is CalibrationState.COLLECTING
        latest_s = self._began_s + self.settings.patience_s
        kept = self._best if is_collecting else self._current
        is_offering = self._state is CalibrationState.OFFERING
        advice = "You sit differently now. Calibrate again?" if is_offering else rating.advice
        return CalibrationStatus(
            state=self._state,
            score=rating.score,
            advice=self._advice.show(advice, time_s),
            best_score=kept.score if kept else 0,
            countdown_s=max(0.0, latest_s - time_s) if is_collecting else 0.0,
            taken=taken,
        )


def _pose(face: Face | None) -> tuple[float, float, float]:
    return (face.yaw_deg, face.pitch_deg, face.roll_deg) if face else (0.0, 0.0, 0.0)
