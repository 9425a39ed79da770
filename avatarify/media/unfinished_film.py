"""A film on its way to a file: under its name only once it plays, unchanged once a write failed.

What stands under that name is somebody's film until there is a better one. And a container format
goes back to its beginning when it is finished: after a full disk has cut off its end, that would
leave a file which promises more than it holds and which nothing can play.
"""

import errno
import io
import os
import shutil
from contextlib import suppress
from pathlib import Path

from avatarify.errors import OutputError, VideoError
from avatarify.file_names import part_beside
from avatarify.media.output_errors import output_error
from avatarify.media.video_file import VideoFile

_LOOK_EVERY_S = 1.0


class UnfinishedFilm:
    """A file to write and seek in; after the first failed write it swallows all others.

    It is written beside its place, hidden, and moved there by `publish`. A device or a pipe has no
    place beside it and is written at once.
    """

    def __init__(self, path: Path) -> None:
        """Make sure that `path` can be written; nothing is left there before the first byte.

        Raises:
            OSError: It cannot be written.
        """
        if "\0" in str(path):
            raise OSError(errno.EINVAL, "No file can have that name")
        self._is_direct = path.exists() and not path.is_file()
        self._target = path if self._is_direct else Path(os.path.realpath(path))
        self._part = part_beside(self._target)
        self.replaces = self._target.is_file()
        self.is_published = self._is_direct
        self._next_look_s = _LOOK_EVERY_S
        self._error: OSError | None = None
        self._stream: io.FileIO | None = io.FileIO(path, "r+b") if self._is_direct else None
        if not self._is_direct:
            self._check_access()

    @property
    def error(self) -> OSError | None:
        """Why a write failed; None as long as all is well."""
        return self._error

    def write(self, content: bytes) -> int:
        """Write all of `content` where the file stands.

        Raises:
            OSError: The disk is full or the device failed; told once, in the write that failed.
        """
        if self._error is not None:
            return len(content)
        try:
            if self._stream is None:
                self._stream = io.FileIO(self._part, "x+b")
            _write_all(self._stream, memoryview(content))
        except OSError as error:
            self._error = error
            raise
        return len(content)

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move to a place in the file and return its distance from the beginning."""
        return 0 if self._stream is None else self._stream.seek(offset, whence)

    def tell(self) -> int:
        """Return how far from its beginning the file stands."""
        return 0 if self._stream is None else self._stream.tell()

    def publish(self) -> bool:
        """Give the film its name if it plays; writing goes on.

        Returns:
            Whether the film has its name now.

        Raises:
            OSError: It plays, and cannot be moved there; it stays where it is.
        """
        if self.is_published or self._stream is None:
            return self.is_published
        if not _plays(self._part):
            return False
        with suppress(OSError):  # what a file may be read by is kept where that is possible
            if self._target.exists():
                shutil.copymode(self._target, self._part)
        place = self._stream.tell()
        self._stream.close()  # some systems move no open file
        try:
            self._part.replace(self._target)
            self.is_published = True
        finally:
            self._stream = io.FileIO(self._target if self.is_published else self._part, "r+b")
            self._stream.seek(place)
        return True

    def publish_in_time(self, time_s: float) -> None:
        """Publish if the film plays, so that a killed program loses little of it.

        Args:
            time_s: How long the film is now; it is looked at once for each second.
        """
        if not self.is_published and time_s >= self._next_look_s:
            self._next_look_s = time_s + _LOOK_EVERY_S
            with suppress(OSError):  # tried again, and told, when it settles
                self.publish()

    def settle(self, *, has_failed: bool) -> None:
        """Release the file: published if it plays, else removed; a second call does nothing.

        Args:
            has_failed: Whether the film has broken off. Then it replaces none that stands in its
                place, unless it did so already.

        Raises:
            OutputError: The film plays, and cannot be moved to its place; it says where it is.
        """
        try:
            if not (has_failed and self.replaces):
                self.publish()
        except OSError as error:
            self._close()
            reason = output_error(self._target, error)
            raise OutputError(f"{reason} The film itself is whole, in {self._part}.") from error
        self._close()
        if not self.is_published:
            with suppress(OSError):  # the folder is gone: why is already told
                self._part.unlink(missing_ok=True)

    def _close(self) -> None:
        if self._stream is not None:
            self._stream.close()
            self._stream = None

    def _check_access(self) -> None:
        if self.replaces and not os.access(self._target, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        io.FileIO(self._part, "xb").close()
        self._part.unlink()


def _plays(path: Path) -> bool:
    try:
        VideoFile(path).close()
    except VideoError:
        return False
    return True


def _write_all(stream: io.FileIO, content: memoryview) -> None:
    while content:
        content = content[stream.write(content) :]
