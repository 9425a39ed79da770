"""What is shown to the driver must not flicker with every frame."""

from collections.abc import Collection

from avatarify.tracking.conditions import Condition


class SteadyText:
    """Keeps each text long enough to be read, and lets none come that is true for a moment only.

    Nobody who blinks needs to be told to open their eyes.
    """

    def __init__(self, read_s: float = 0.8, last_s: float = 0.3) -> None:
        """Start without a text; the first one comes at once.

        Args:
            read_s: How long each text is shown at least.
            last_s: How long another one must have been true to take its place.
        """
        self._read_s, self._last_s = read_s, last_s
        self._text: str | None = None
        self._since_s = 0.0
        self._next = ""
        self._next_s = 0.0

    def show(self, text: str, time_s: float) -> str:
        """Return the text to show now.

        Args:
            text: What is true for the present frame.
            time_s: When that frame was taken; rising.
        """
        if text != self._next:
            self._next, self._next_s = text, time_s
        has_lasted = time_s - self._next_s >= self._last_s
        was_read = time_s - self._since_s >= self._read_s
        if self._text is None or (text != self._text and has_lasted and was_read):
            self._text, self._since_s = text, time_s
        return self._text


class SteadyConditions:
    """Lets warnings come when they last, and stay until they are gone for a while."""

    def __init__(self, appear_s: float = 1.0, vanish_s: float = 1.5) -> None:
        """Start without warnings.

        Args:
            appear_s: How long a condition must last before it is shown.
            vanish_s: How long it must be absent before it is taken away.
        """
        self._appear_s, self._vanish_s = appear_s, vanish_s
        self._came_s: dict[Condition, float] = {}
        self._seen_s: dict[Condition, float] = {}

    def show(self, present: Collection[Condition], time_s: float) -> tuple[Condition, ...]:
        """Return the conditions to show now, the gravest first.

        Args:
            present: Those of the present frame.
            time_s: When that frame was taken; rising.
        """
        for condition in present:
            self._came_s.setdefault(condition, time_s)
            self._seen_s[condition] = time_s
        for condition in [c for c, seen_s in self._seen_s.items() if self._is_over(seen_s, time_s)]:
            del self._came_s[condition], self._seen_s[condition]
        return tuple(
            condition
            for condition in Condition
            if condition in self._came_s
            and self._seen_s[condition] - self._came_s[condition] >= self._appear_s
        )

    def _is_over(self, seen_s: float, time_s: float) -> bool:
        return time_s - seen_s > self._vanish_s
