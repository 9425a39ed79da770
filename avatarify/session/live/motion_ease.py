"""How much of the driver's motion the avatar shows: none without a face, and gently in between."""

PATIENCE_S = 0.25
"""A face may be missed this long (a blink of the tracker) before the avatar reacts."""

RELAX_S = 0.6
"""Time from full motion to the neutral pose."""

RETURN_S = 0.4
"""Time from the neutral pose to full motion."""


class MotionEase:
    """A share of motion between 0 (neutral) and 1 (all), following whether a face is seen."""

    def __init__(self) -> None:
        """Start neutral."""
        self._linear = 0.0
        self._last_s: float | None = None
        self._seen_s = float("-inf")

    def share(self, has_face: bool, now_s: float) -> float:
        """Take the next frame.

        Args:
            has_face: Whether the driver is seen.
            now_s: The frame's time; rises.

        Returns:
            The share of the motion to show, eased at both ends.
        """
        elapsed_s = 0.0 if self._last_s is None else max(0.0, now_s - self._last_s)
        self._last_s = now_s
        if has_face:
            self._seen_s = now_s
            self._linear = min(1.0, self._linear + elapsed_s / RETURN_S)
        elif now_s - self._seen_s > PATIENCE_S:
            self._linear = max(0.0, self._linear - elapsed_s / RELAX_S)
        return self._linear * self._linear * (3 - 2 * self._linear)
