"""A clock for code that waits for the time to come."""


class Clock:
    """Stands in for the module `time`: time passes only when somebody sleeps, or adds to it."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def monotonic(self) -> float:
        """Return the time in seconds."""
        return self.now_s

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.now_s += seconds
