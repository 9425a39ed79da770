"""Making folders for output, and why a file could not be written, in words."""

import errno
import os
from contextlib import suppress
from pathlib import Path

from avatarify.errors import OutputError
from avatarify.file_names import barred_folder, is_folder, is_there, shown

_FULL = {errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)}


_REFUSED_NAME = {errno.EINVAL, errno.EILSEQ}
"""What disks answer that take no such letters: those of other systems, or in other encodings."""


def make_output_folder(folder: Path) -> None:
    """Make a folder, with those above it, for what is written.

    Raises:
        OutputError: It cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except FileExistsError as error:
        raise OutputError(f"{shown(folder)} is a file. Choose another folder.") from error
    except NotADirectoryError as error:
        raise OutputError(
            f"Cannot make the folder {shown(folder)}: one of the folders above it is a file. "
            "Choose another place."
        ) from error
    except (OSError, ValueError) as error:
        raise output_error(folder, error) from error


def refuse_unwritable(path: Path) -> None:
    """Say before the work what could only fail at its end.

    Args:
        path: The file that will be written, or the folder that will be made.

    Raises:
        OutputError: It cannot be written: its folder is missing or barred, a folder has its name,
            or no file can be called so.
    """
    try:
        if is_folder(path):
            raise IsADirectoryError
        with suppress(FileNotFoundError):
            path.lstat()
        if not is_folder(path.parent):
            raise FileNotFoundError
        if not (os.access(path.parent, os.W_OK | os.X_OK) or os.access(path, os.W_OK)):
            raise PermissionError
    except (OSError, ValueError) as error:
        raise output_error(path, error) from error


def output_error(path: Path, error: OSError | ValueError) -> OutputError:
    """Say what happened to `path` and what to do about it.

    Args:
        path: The file or folder that was being written.
        error: What the operating system answered; a ValueError where it was not even asked.

    Returns:
        The error to raise, `from error`.
    """
    if not isinstance(error, OSError) or error.errno in _REFUSED_NAME:
        advice = "The disk does not take this name. Choose another one."
    elif error.errno == errno.ENAMETOOLONG:
        advice = "The name is longer than the disk allows. Choose a shorter one."
    elif error.errno in _FULL:
        advice = "The disk is full. Free some space or choose another place."
    elif isinstance(error, PermissionError) or error.errno == errno.EROFS:
        advice = f"There is no permission to write into {_refusing(path)}. Choose another place."
    elif isinstance(error, (FileNotFoundError, NotADirectoryError)):
        advice = f"The folder {path.parent} does not exist. Create it or choose another place."
    elif isinstance(error, FileExistsError):
        advice = "Something of that name is in the way. Choose another name."
    elif isinstance(error, IsADirectoryError):
        advice = "A folder of that name is in the way. Choose another name."
    else:
        advice = f"{error.strerror or error}. Choose another place."
    return OutputError(f"Cannot write {shown(path)}. {advice}")


def _refusing(path: Path) -> str:
    """Name what does not let itself be written: a folder, or the file where it is there."""
    if is_there(path):
        return str(path)
    folder = barred_folder(path)
    return f"the folder {folder}"
