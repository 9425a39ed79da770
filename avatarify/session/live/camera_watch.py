"""Keeps track of whether the camera delivers, and says so in words."""

import time

from avatarify.session.live.listener import LiveListener, Notice, Severity, Topic

STALL_S = 2.0
"""A camera that is open but silent for this long has stalled."""


class CameraWatch:
    """Hears of one camera from its capturing thread; asked by the others."""

    def __init__(self, listener: LiveListener) -> None:
        """Watch a camera that is not open yet.

        Args:
            listener: Told in words.
        """
        self._listener = listener
        self._is_told_of_stall = False
        self._remark = ""
        self._last_frame_s = time.monotonic()
        self.is_open = False
        self.has_delivered = False
        self.is_over = False
        self.error: Exception | None = None

    def camera_opened(self, name: str, fps: float) -> None:
        """The source delivers now."""
        self._last_frame_s = time.monotonic()
        self.is_open = self.has_delivered = True
        self.error = None
        self._listener.camera_opened(name)
        self._tell(self._remark, Severity.INFORMATION)

    def remark(self, text: str) -> None:
        """Something is worth knowing of a camera that works; it stays until the next loss."""
        self._remark = text
        if self.is_open:
            self._tell(text, Severity.INFORMATION)

    def camera_lost(self, error: Exception) -> None:
        """The source stopped; it is tried again."""
        self.is_open = False
        self.error = error
        self._remark = ""
        self._tell(f"{error} Trying again by itself.", Severity.WARNING)

    def camera_released(self) -> None:
        """The source was let go while nobody watches."""
        self.is_open = False

    def camera_ended(self) -> None:
        """A file is over."""
        self.is_open = False
        self.is_over = True

    def camera_failed(self, error: Exception) -> None:
        """The source can never deliver."""
        self.is_open = False
        self.is_over = True
        self.error = error
        self._tell(str(error), Severity.ERROR)

    def camera_delivered(self) -> None:
        """A frame came, whether or not anybody has the time to look at it."""
        self._last_frame_s = time.monotonic()
        if self._is_told_of_stall:
            self._is_told_of_stall = False
            self._tell(self._remark, Severity.INFORMATION)

    def is_stalled(self, now_s: float) -> bool:
        """Whether an open camera has gone silent; told in words once."""
        stalled = self.is_open and now_s - self._last_frame_s > STALL_S
        if stalled and not self._is_told_of_stall:
            self._is_told_of_stall = True
            self._tell(
                "The camera is silent. Look for a privacy shutter or another program that uses "
                "it, or unplug it and plug it in again.",
                Severity.WARNING,
            )
        return stalled

    def _tell(self, text: str, severity: Severity) -> None:
        self._listener.noticed(Notice(Topic.CAMERA, text, severity))
