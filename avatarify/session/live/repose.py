"""When the session may rest: a call needs the processor, and nobody may be watching.

Tracking and animating cost most of a core. While no program reads the virtual camera, no preview is
visible and nothing is recorded, nobody would see what they make.
"""

from avatarify.session.keeping.settings import WhenUnwatched
from avatarify.session.live.listener import Audience

REST_AFTER_S = 5.0
"""Nobody must have watched for this long: programs close and open a camera as they start."""

UNCALIBRATED_REST_AFTER_S = 60.0
"""The same while there is no driving reference: who joins a call should find the avatar ready."""


class Repose:
    """Decides, from who watches, whether to rest."""

    def __init__(self, wish: WhenUnwatched) -> None:
        """Start awake.

        Args:
            wish: What to do while nobody watches.
        """
        self.wish = wish
        self.is_previewed: bool | None = None
        """Whether a preview is visible to the user; None without a window."""
        self._watched_s: float | None = None

    def update(
        self,
        now_s: float,
        *,
        goes_out: bool,
        is_read: bool | None,
        is_kept: bool,
        is_ready: bool,
        is_starting: bool = False,
    ) -> Audience:
        """Look who watches.

        Args:
            now_s: The time; asked for with every picture that is written.
            goes_out: Whether pictures go to a virtual camera.
            is_read: Whether a program reads it; None where that is not known.
            is_kept: Whether pictures are recorded, or go to a file.
            is_ready: Whether a driving reference exists, so that motion can begin at once.
            is_starting: Whether devices and model are still being opened: no time to rest.

        Returns:
            Who watches, and whether to rest.
        """
        may_be_seen = is_read is not False if goes_out else self.is_previewed is None
        is_wanted = is_kept or is_starting or bool(self.is_previewed) or may_be_seen
        if is_wanted or self._watched_s is None or self.wish is WhenUnwatched.GO_ON:
            self._watched_s = now_s
        patience_s = REST_AFTER_S if is_ready else UNCALIBRATED_REST_AFTER_S
        is_resting = not is_wanted and now_s - self._watched_s >= patience_s
        return Audience(is_read if goes_out else None, is_resting=is_resting)
