"""A file that stops changing once a write to it has failed.

A container format goes back to its beginning when it is finished. After a full disk has cut off
its end, that would leave a file which promises more than it holds and which nothing can play.
"""

import io
from pathlib import Path


class FileLatch:
    """A file to write and seek in; after the first failed write it swallows all others."""

    def __init__(self, path: Path) -> None:
        """Open `path` for writing, without emptying it before the first byte is written.

        Raises:
            OSError: The file cannot be opened.
        """
        self._was_there = path.exists()
        self._path = path
        self._stream = io.FileIO(path, "r+b" if self._was_there else "xb")
        self._is_untouched = True
        self._error: OSError | None = None

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
            if self._is_untouched and self._path.is_file():  # a device has no length
                self._stream.truncate(0)
            self._is_untouched = False
            self._write_all(memoryview(content))
        except OSError as error:
            self._error = error
            raise
        return len(content)

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move to a place in the file and return its distance from the beginning."""
        return self._stream.seek(offset, whence)

    def tell(self) -> int:
        """Return how far from its beginning the file stands."""
        return self._stream.tell()

    def close(self) -> None:
        """Release the file; one that was created for nothing disappears."""
        if self._stream.closed:
            return
        self._stream.close()
        if self._is_untouched and not self._was_there:
            self._path.unlink(missing_ok=True)

    def _write_all(self, content: memoryview) -> None:
        while content:
            content = content[self._stream.write(content) :]
