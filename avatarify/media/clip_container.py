"""Opens a clip for FFmpeg so that it can read that one file and nothing else.

FFmpeg takes a name with a colon for a protocol (`12:30.mp4`, `concat:a.mp4`), and a playlist under
any name makes it open what stands in it. So it gets an open file without a name, and no protocol.
"""

import errno
import io
from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

import av
from av.container import InputContainer
from av.stream import Disposition, Stream

from avatarify.errors import VideoError
from avatarify.file_names import is_there, not_found

_Stream = TypeVar("_Stream", bound=Stream)

_OPTIONS = {"protocol_whitelist": "none"}
_BUFFER_BYTES = 1 << 18
_PLAYLISTS = (b"#EXTM3U", b"ffconcat version", b"<?xml", b"v=0")


class ClipContainer:
    """An open clip."""

    def __init__(self, path: Path) -> None:
        """Open the file.

        Args:
            path: Any video or sound file, under any name.

        Raises:
            VideoError: The file is missing, unreadable, or in no format that is known.
        """
        self._file = _open(path)
        try:
            self.container: InputContainer = av.open(
                self._file, "r", options=dict(_OPTIONS), buffer_size=_BUFFER_BYTES
            )
        except (av.FFmpegError, OSError, ValueError) as error:
            reason = _unreadable(path, self._file)
            self._file.close()
            raise VideoError(reason) from error

    def close(self) -> None:
        """Release the file; a second call does nothing."""
        self.container.close()
        self._file.close()


def first_choice(streams: Sequence[_Stream]) -> _Stream | None:
    """Return the stream that the file itself names as the default, else the first one."""
    named = (stream for stream in streams if stream.disposition & Disposition.default)
    return next(named, next(iter(streams), None))


class _Nameless(io.FileIO):
    """A file of which FFmpeg is told no name: formats are known by content alone."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.name = ""

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Move to a place, or say as FFmpeg does that there is none: damaged files ask for it."""
        try:
            return super().seek(offset, whence)
        except (OSError, OverflowError):
            return -errno.EINVAL

    def __del__(self) -> None:
        self.close()  # as PyAV's own files do, without a warning


def _open(path: Path) -> io.FileIO:
    try:
        if path.is_dir():
            raise VideoError(f"{path} is a folder. Give one video file.")
        return _Nameless(path)
    except (OSError, ValueError) as error:
        raise VideoError(_unopened(path, error)) from error


def _unopened(path: Path, error: OSError | ValueError) -> str:
    """Say why the system does not open a file."""
    if not isinstance(error, OSError) or not is_there(path):
        return not_found("video", path)
    if isinstance(error, PermissionError):
        return (
            f"There is no permission to read the video {path}. Give yourself the permission, or "
            "use a copy elsewhere."
        )
    return f"The video {path} cannot be read ({error.strerror}). Copy it to another place."


def _unreadable(path: Path, file: io.FileIO) -> str:
    """Say why FFmpeg took nothing from an open file."""
    if file.seekable():
        file.seek(0)
        if file.read(32).lstrip().startswith(_PLAYLISTS):
            return f"{path} only names other files, as playlists do. Give the video itself."
    return (
        f"{path} is not a video that can be read here, or it is damaged. "
        "Copy it again or convert it to mp4."
    )
