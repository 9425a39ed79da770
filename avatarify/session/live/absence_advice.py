"""Says why no face is seen, once none was seen for a while."""

from collections.abc import Callable

from avatarify.frames import Image
from avatarify.tracking.missing_face import Missing

PATIENCE_S = 2.0
"""A face must be away this long: people look down and get up."""

LOOK_EVERY_S = 4.0
"""How often it is looked for the reason, which takes some hundred milliseconds."""


class AbsenceAdvice:
    """Turns frames without a face into a text that changes only when the reason does."""

    def __init__(self, explain: Callable[[Image], Missing | None]) -> None:
        """Start with nothing to say.

        Args:
            explain: Says why there is no face in a picture.
        """
        self._explain = explain
        self._gone_s: float | None = None
        self._looked_s = float("-inf")
        self._told: Missing | None = None

    def update(self, image: Image, time_s: float, *, has_face: bool) -> str | None:
        """Take the next frame.

        Args:
            image: RGB (H, W, 3).
            time_s: When it was taken.
            has_face: Whether a face was found in it.

        Returns:
            The new text, empty to withdraw it, or None when nothing changes.
        """
        if has_face:
            was_told, self._told, self._gone_s = self._told, None, None
            return None if was_told is None else ""
        if self._gone_s is None or time_s < self._gone_s:
            self._gone_s = time_s
        is_due = time_s - self._looked_s >= LOOK_EVERY_S or time_s < self._looked_s
        if time_s - self._gone_s < PATIENCE_S or not is_due:
            return None
        self._looked_s = time_s
        reason = self._explain(image)
        if reason is None or reason is self._told:
            return None
        self._told = reason
        return reason.value
