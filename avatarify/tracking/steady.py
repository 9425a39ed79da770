"""What is shown to the driver must not flicker with every frame."""


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
