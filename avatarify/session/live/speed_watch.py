"""Notices when the avatar moves too slowly to look alive, and says what helps."""

from avatarify.streaming.statistics import StreamReport

SLOW_FPS = 12.0
"""Below this people see single pictures."""

RECOVERED_FPS = 15.0
"""Above this the notice is taken away."""

PERSISTENCE_S = 5.0
"""It must be slow for this long: a start or a hiccup is no reason to worry anyone."""


class SpeedWatch:
    """Fed with reports while the avatar should move."""

    def __init__(self) -> None:
        """Start content."""
        self._slow_since_s: float | None = None
        self._is_told = False

    def update(self, report: StreamReport, now_s: float) -> str | None:
        """Take the newest report into account.

        Args:
            report: Of a session that is live.
            now_s: The time.

        Returns:
            What to tell, empty to take it back, or None when nothing changes.
        """
        slowest = min(SLOW_FPS, 0.5 * report.capture_fps)  # a slow camera is not our doing
        if report.output_fps >= slowest:
            self._slow_since_s = None
            if self._is_told and report.output_fps >= min(RECOVERED_FPS, 0.6 * report.capture_fps):
                self._is_told = False
                return ""
            return None
        if self._slow_since_s is None:
            self._slow_since_s = now_s
        if self._is_told or now_s - self._slow_since_s < PERSISTENCE_S:
            return None
        self._is_told = True
        return (
            f"Only {report.output_fps:.0f} pictures per second. Close other programs, choose a "
            "smaller model, or see in the doctor's report whether the graphics card is used "
            "(`avatarify doctor`, or F1 in the window)."
        )

    def forget(self) -> None:
        """The avatar is not supposed to move now: begin anew later."""
        self._slow_since_s = None
