"""Says what the camera's picture lacks, once it has lacked it for a while."""

from avatarify.tracking.conditions import Condition

PERSISTENCE_S = 1.5
"""A condition must last this long to be told, and be gone this long to be withdrawn."""

_SHOWN_ELSEWHERE = {Condition.NO_FACE}


class FramingAdvice:
    """Turns conditions of single frames into a text that does not flicker."""

    def __init__(self) -> None:
        """Start with nothing to say."""
        self._candidate: Condition | None = None
        self._since_s = 0.0
        self._told: Condition | None = None

    def update(self, conditions: tuple[Condition, ...], now_s: float) -> str | None:
        """Take the next frame into account.

        Args:
            conditions: What it lacks, the gravest first.
            now_s: When it was taken.

        Returns:
            The new text, empty to withdraw it, or None when nothing changes.
        """
        worst = next((item for item in conditions if item not in _SHOWN_ELSEWHERE), None)
        if worst is not self._candidate:
            self._candidate, self._since_s = worst, now_s
        if worst is self._told or now_s - self._since_s < PERSISTENCE_S:
            return None
        self._told = worst
        return "" if worst is None else worst.value
