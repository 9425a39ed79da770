"""Keeps broken pictures of a camera away: cables, hubs and networks lose parts of them."""

from collections.abc import Callable

END_OF_JPEG = b"\xff\xd9"
_BEGIN, _SCAN = b"\xff\xd8", b"\xff\xda"
_ENDLESS = 15
"""After so many JPEGs without an end the camera is one that never writes it."""

_OTHER_SIZE = 5
"""After so many pictures of another size it is the camera's size, as when a phone is turned."""


class FrameGuard:
    """Judges the pictures of one source; says once that it leaves some out."""

    def __init__(self, tell: Callable[[str], None], advice: str) -> None:
        """Begin with a source of unknown size.

        Args:
            tell: Hears of the first picture that was left out after a good one.
            advice: What the user can do.
        """
        self._tell = tell
        self._advice = advice
        self._size: tuple[int, ...] | None = None
        self._other: tuple[int, ...] = ()
        self._others = self._endless = 0
        self._has_told = False
        self.left_out = 0
        """How many pictures could not be used."""

    def is_whole(self, jpeg: bytes) -> bool:
        """Return whether a JPEG has a beginning and an end; otherwise it is left out."""
        scan = jpeg.rfind(_SCAN)
        if not jpeg.startswith(_BEGIN) or scan < 0:
            self.leave_out()
            return False
        if jpeg.find(END_OF_JPEG, scan) > 0:
            self._endless = 0
            return True
        self._endless += 1
        if self._endless > _ENDLESS:
            return True
        self.leave_out()
        return False

    def admits(self, size: tuple[int, ...]) -> bool:
        """Return whether a picture of this size belongs to the stream; otherwise it is left out.

        Args:
            size: (height, width).
        """
        if min(size) < 1:
            self.leave_out()
            return False
        if self._size is not None and size != self._size:
            self._others = self._others + 1 if size == self._other else 1
            self._other = size
            if self._others < _OTHER_SIZE:
                self.left_out += 1
                return False
        elif self._others:  # it goes on as before: no phone was turned
            self._say_once()
        self._size, self._others = size, 0
        return True

    def leave_out(self) -> None:
        """Note that a picture could not be used."""
        self.left_out += 1
        if self._size is not None:
            self._say_once()

    def _say_once(self) -> None:
        if not self._has_told:
            self._has_told = True
            self._tell(
                f"Some of the camera's pictures arrive broken and are left out. {self._advice}"
            )
