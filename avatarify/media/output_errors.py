"""Why a file could not be written, in words: shared by everything here that writes files."""

import errno
from pathlib import Path

from avatarify.errors import OutputError

_FULL = {errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)}


def output_error(path: Path, error: OSError) -> OutputError:
    """Say what happened to `path` and what to do about it.

    Args:
        path: The file or folder that was being written.
        error: What the operating system answered.

    Returns:
        The error to raise, `from error`.
    """
    if error.errno in _FULL:
        advice = "The disk is full. Free some space or choose another place."
    elif isinstance(error, PermissionError) or error.errno == errno.EROFS:
        advice = "There is no permission to write there. Choose another place."
    elif isinstance(error, (FileNotFoundError, NotADirectoryError)):
        advice = f"The folder {path.parent} does not exist. Create it or choose another place."
    elif isinstance(error, IsADirectoryError):
        advice = "A folder of that name is in the way. Choose another name."
    else:
        advice = f"{error.strerror or error}. Choose another place."
    return OutputError(f"Cannot write {path}. {advice}")
