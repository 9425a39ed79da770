"""Looks for the frame to calibrate with, and tells how well the present one would do."""

from collections import deque
from dataclasses import dataclass
from enum import Enum, auto

from avatarify.frames import Image
from avatarify.session.live.listener import CalibrationStatus
from avatarify.tracking.auto_calibration import AutoCalibrator, CalibrationState
from avatarify.tracking.calibration import Rating, rate
from avatarify.tracking.conditions import Observation
from avatarify.tracking.face import Face

BEFORE_S = 0.15
"""Movement is judged against a frame this much older."""

TELL_EVERY_S = 0.1
"""The status is told this often at most."""

BLIND_ADVICE = "Sit in the middle as the avatar does, then press Calibrate."
"""Without a tracker nobody can tell how well a pose fits."""

SETTLE_FRAMES = 15
"""Without a tracker, this many frames pass before one is taken: webcams need about half a second
to find their exposure."""


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """A frame that can be taken."""

    image: Image
    """The whole camera frame."""

    face: Face | None
    """The driver in it; None without a tracker."""


class _Wish(Enum):
    NONE = auto()
    NEXT_FACE = auto()
    """The user pressed calibrate."""

    ANY_SETTLED = auto()
    """Looking by itself without a tracker."""


class CalibrationSearch:
    """Belongs to the tracking thread; sees every frame."""

    def __init__(self) -> None:
        """Start without avatar, not looking."""
        self._calibrator: AutoCalibrator[Candidate] = AutoCalibrator()
        self._avatar_face: Face | None = None
        self._past: deque[Observation] = deque()
        self._wish = _Wish.NONE
        self._frames_left = SETTLE_FRAMES
        self._told_s = float("-inf")
        self._is_asked_to_begin = False
        self._began_s = 0.0
        self._best: tuple[Candidate, Rating] | None = None

    @property
    def is_searching(self) -> bool:
        """Whether a frame will be taken by itself."""
        is_collecting = self._calibrator.state is CalibrationState.COLLECTING
        return is_collecting or self._wish is _Wish.ANY_SETTLED

    @property
    def is_expecting(self) -> bool:
        """Whether the next frame may be taken: it should be seen."""
        is_wished = self._is_asked_to_begin or self._wish is not _Wish.NONE
        return is_wished or self.is_searching

    def set_avatar(self, face: Face | None) -> None:
        """Compare with this face from now on; None compares with a neutral one."""
        self._avatar_face = face

    def begin(self) -> None:
        """Look for the best frame from the next one on."""
        self._is_asked_to_begin = True

    def cancel(self) -> None:
        """Stop looking."""
        self._is_asked_to_begin = False
        self._wish = _Wish.NONE
        self._calibrator.cancel()

    def take_next(self) -> None:
        """Take the next frame with a face, however good it is."""
        self._wish = _Wish.NEXT_FACE

    def decline(self, time_s: float) -> None:
        """Do not offer again for a while."""
        self._calibrator.decline(time_s)

    def undo(self) -> None:
        """The reference before the last one is in use again."""
        self._calibrator.undo()

    def look(
        self,
        now: Observation,
        image: Image,
        *,
        has_tracker: bool,
        is_mirrored: bool,
        is_calibrated: bool,
    ) -> tuple[Candidate | None, CalibrationStatus | None]:
        """Take a frame into account.

        Args:
            now: What is known of it.
            image: The frame itself, RGB (H, W, 3).
            has_tracker: Whether faces can be found at all.
            is_mirrored: Whether the frame was mirrored, for advice about left and right.
            is_calibrated: Whether there is a reference already. While there is none, a poor one is
                better: the avatar would not move at all.

        Returns:
            The frame to calibrate with, if one is taken now; and what to tell the user, if it is
            time to. `is_calibrated` and `can_undo` are left to the caller.
        """
        if not has_tracker:
            return self._look_blindly(now, image)
        if self._is_asked_to_begin:
            self._is_asked_to_begin = False
            self._calibrator.begin(now.time_s)
            self._began_s, self._best = now.time_s, None
        rating = rate(now, self._avatar_face, before=self._before(now), is_mirrored=is_mirrored)
        candidate = Candidate(image, now.face)
        status = self._calibrator.update(now.time_s, now.face, rating, candidate)
        taken = status.taken
        if taken is None and not is_calibrated and self.is_searching:
            taken = self._make_do(candidate, rating, now.time_s)
        if self._wish is _Wish.NEXT_FACE and now.face is not None:
            self._wish = _Wish.NONE
            self._calibrator.take(candidate, rating, now.face)
            taken = candidate
        if taken is None and now.time_s - self._told_s < TELL_EVERY_S:
            return None, None
        self._told_s = now.time_s
        return taken, CalibrationStatus(
            is_calibrated=False,
            is_searching=self.is_searching,
            score=None if now.face is None else rating.score,
            advice=status.advice if now.face is not None else "",
            can_undo=False,
            has_drifted=self._calibrator.state is CalibrationState.OFFERING,
        )

    def _make_do(self, candidate: Candidate, rating: Rating, now_s: float) -> Candidate | None:
        """Take the best frame when none is good after a while, and go on looking."""
        if candidate.face is not None and (
            self._best is None or rating.score > self._best[1].score
        ):
            self._best = (candidate, rating)
        if self._best is None or now_s - self._began_s < self._calibrator.settings.patience_s:
            return None
        taken, taken_rating = self._best
        self._calibrator.take(taken, taken_rating, taken.face)
        self.begin()
        return taken

    def _look_blindly(
        self, now: Observation, image: Image
    ) -> tuple[Candidate | None, CalibrationStatus | None]:
        """Without a tracker any frame will do, once the camera has settled."""
        if self._is_asked_to_begin:
            self._is_asked_to_begin = False
            self._wish, self._frames_left = _Wish.ANY_SETTLED, SETTLE_FRAMES
        self._frames_left -= 1
        is_taken = self._wish is _Wish.NEXT_FACE or (self.is_searching and self._frames_left <= 0)
        if not is_taken and now.time_s - self._told_s < TELL_EVERY_S:
            return None, None
        self._told_s = now.time_s
        if is_taken:
            self._wish = _Wish.NONE
        status = CalibrationStatus(
            is_calibrated=True,
            is_searching=self.is_searching,
            score=None,
            advice=BLIND_ADVICE,
            can_undo=False,
        )
        return Candidate(image, now.face) if is_taken else None, status

    def _before(self, now: Observation) -> Observation | None:
        """An observation some frames ago."""
        self._past.append(now)
        while len(self._past) > 1 and self._past[1].time_s <= now.time_s - BEFORE_S:
            self._past.popleft()
        oldest = self._past[0]
        return oldest if 0 < now.time_s - oldest.time_s <= 0.5 else None
