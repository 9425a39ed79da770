"""Whether another program holds a device file open, as Linux's inotify and /proc tell it.

v4l2loopback tells nobody who reads it. But whoever shows a camera keeps it open, and inotify
reports each opening and closing. Two openings at once may arrive as one report, so the open files
of all processes are looked through as well, as far as they may be seen.
"""

import ctypes
import logging
import os
import select
import struct
import time
from pathlib import Path
from threading import Thread

logger = logging.getLogger(__name__)

LOOK_EVERY_S = 5.0
"""/proc is looked through at least so often: programs in containers may open
the device by a file of their own, of which inotify says nothing."""

_IN_CLOSE_WRITE, _IN_CLOSE_NOWRITE, _IN_OPEN, _IN_Q_OVERFLOW = 0x08, 0x10, 0x20, 0x4000
_IN_CLOSE = _IN_CLOSE_WRITE | _IN_CLOSE_NOWRITE
_EVENT = struct.Struct("=iIII")
"""`inotify_event`: watch, mask, cookie, length of the name that follows."""


class DeviceOpeners:
    """Watches one device file. Make it after this program has opened the device itself."""

    def __init__(self, path: Path | str) -> None:
        """Begin to watch.

        Args:
            path: The device file, such as `/dev/video10`.
        """
        self._path = os.path.realpath(path)
        self._opened = 0
        self._is_held = bool(holders(self._path))
        self._events = _watch(self._path)
        self._end, self._ending = os.pipe()
        self._thread: Thread | None = None
        if self._events is not None:
            self._thread = Thread(target=self._listen, name="device-openers", daemon=True)
            self._thread.start()

    @property
    def is_open_elsewhere(self) -> bool | None:
        """Whether another program has the device open; None where the system does not tell."""
        if self._events is None:
            return None
        return self._opened > 0 or self._is_held

    def close(self) -> None:
        """Watch no longer; a second call does nothing."""
        if self._ending < 0:
            return
        os.close(self._ending)
        self._ending = -1
        if self._thread is not None:
            self._thread.join()
        os.close(self._end)
        if self._events is not None:
            os.close(self._events)
            self._events = None

    def _listen(self) -> None:
        events = self._events
        assert events is not None
        looked_s = time.monotonic()
        while True:
            ready, _, _ = select.select([events, self._end], [], [], LOOK_EVERY_S)
            if self._end in ready:
                return
            if events in ready:
                self._count(os.read(events, 4096))
            if events in ready or time.monotonic() - looked_s >= LOOK_EVERY_S:
                looked_s = time.monotonic()
                self._look()

    def _count(self, reports: bytes) -> None:
        """Add openings and closings up."""
        place = 0
        while place < len(reports):
            _watch_number, mask, _cookie, length = _EVENT.unpack_from(reports, place)
            place += _EVENT.size + length
            if mask & _IN_OPEN:
                self._opened += 1
            elif mask & _IN_CLOSE:
                self._opened = max(0, self._opened - 1)
            elif mask & _IN_Q_OVERFLOW:
                self._opened = 0

    def _look(self) -> None:
        """Look who has the device open; when the last one that could be seen is gone, all are."""
        was_held, self._is_held = self._is_held, bool(holders(self._path))
        if was_held and not self._is_held:
            self._opened = 0  # closings that arrived as one report would keep it up for ever


def holders(path: str) -> list[int]:
    """The other processes that have a file open, among those that may be looked into.

    Args:
        path: Absolute, without links.
    """
    own = os.getpid()
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        number = int(process.name)
        if number == own:
            continue
        try:
            files = list(os.scandir(process / "fd"))
        except OSError:  # it has ended, or is another user's
            continue
        if any(_leads_to(file.path, path) for file in files):
            found.append(number)
    return found


def _leads_to(link: str, path: str) -> bool:
    try:
        return os.readlink(link) == path  # noqa: PTH115 - thousands at once, none a Path
    except OSError:
        return False


def _watch(path: str) -> int | None:
    try:
        library = ctypes.CDLL(None, use_errno=True)
        events: int = library.inotify_init1(os.O_CLOEXEC | os.O_NONBLOCK)
    except (OSError, AttributeError, TypeError):  # another system
        return None
    if events < 0:
        return None
    mask = _IN_OPEN | _IN_CLOSE
    if library.inotify_add_watch(events, os.fsencode(path), mask) < 0:
        logger.debug("%s cannot be watched: %s", path, os.strerror(ctypes.get_errno()))
        os.close(events)
        return None
    return events
