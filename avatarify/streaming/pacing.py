"""When to write the next picture: as soon as a new one comes, within the output's rate.

Writing on a fixed grid would make a picture that comes just too late wait a whole period. So a new
picture is written at once if the rate of new ones allows, and only silence is filled with repeats,
which cost the new ones nothing. All methods take the time, so that tests can invent it.
"""

CREDIT_LIMIT = 1.5
"""Periods that may be saved up: absorbs a camera's jitter without ever bursting two pictures."""

HEADROOM = 1.1
"""New pictures may come this much faster than the nominal rate: no camera keeps it to the last
digit, and one that is a little faster would be delayed more and more."""

SPACING = 0.25
"""Periods between any two writes, at least: readers need time to take a picture over."""

GRACE = 1.5
"""Periods of silence after a new picture before it is repeated: its successor may just be late."""


class OutputPacer:
    """Decides from the times of the past writes."""

    def __init__(self, fps: float) -> None:
        """Start with one write allowed.

        Args:
            fps: The output's nominal rate, above 0.
        """
        if fps <= 0:
            raise ValueError("The output's rate is above 0 frames per second.")
        self._period_s = 1.0 / fps
        self._credit = CREDIT_LIMIT
        self._credit_at_s: float | None = None
        self._last_write_s: float | None = None
        self._last_was_new = False

    def wait_for_new(self, now_s: float) -> float:
        """Seconds until a new picture may be written, 0 when it may be now."""
        if self._last_write_s is None:
            return 0.0
        for_credit_s = (1.0 - self._credit_now(now_s)) * self._period_s / HEADROOM
        for_spacing_s = self._last_write_s + SPACING * self._period_s - now_s
        return max(0.0, for_credit_s, for_spacing_s)

    def wait_for_repeat(self, now_s: float) -> float:
        """Seconds until the last picture should be written again if no new one comes."""
        if self._last_write_s is None:
            return 0.0
        periods = GRACE if self._last_was_new else 1.0
        return max(0.0, self._last_write_s + periods * self._period_s - now_s)

    def note_write(self, now_s: float, is_new: bool) -> None:
        """Remember that a picture was written."""
        if is_new:
            self._credit = self._credit_now(now_s) - 1.0
            self._credit_at_s = now_s
        self._last_write_s = now_s
        self._last_was_new = is_new

    def _credit_now(self, now_s: float) -> float:
        if self._credit_at_s is None:
            return CREDIT_LIMIT
        earned = (now_s - self._credit_at_s) * HEADROOM / self._period_s
        return min(CREDIT_LIMIT, self._credit + earned)


class Backoff:
    """Growing pauses between attempts to reopen something."""

    def __init__(self, first_s: float = 0.25, limit_s: float = 4.0) -> None:
        """Start with the shortest pause.

        Args:
            first_s: Pause after the first failure; each further one doubles it.
            limit_s: Longest pause.
        """
        self._first_s = first_s
        self._limit_s = limit_s
        self._next_s = first_s

    def next_pause(self) -> float:
        """The pause to make now, in seconds."""
        pause_s = self._next_s
        self._next_s = min(self._limit_s, 2.0 * pause_s)
        return pause_s

    def reset(self) -> None:
        """An attempt succeeded: start again with the shortest pause."""
        self._next_s = self._first_s
