"""Names of files as people, settings and disks give them: too long, impossible, out of reach.

Where the system refuses to look a name up, `pathlib` raises one of several exceptions, each version
of Python others. Here such a file is simply not there, and `not_found` says why.
"""

import errno
import hashlib
import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

_LONGEST_PART_BYTES = 200
"""Every common disk allows 255 for one name."""

_LONGEST_SHOWN = 160
_ADDRESS = re.compile(r"(https?|rtsps?|rtmps?|rtp|udp|tcp|ftp):/", re.IGNORECASE)
"""With one slash: the other one goes when it becomes a path."""


def user_path(text: str) -> Path:
    """Return the path that a user wrote: `~` is a home, where the system knows whose."""
    path = Path(text)
    try:
        return path.expanduser()
    except RuntimeError:  # nobody of that name lives here
        return path


def is_file(path: Path) -> bool:
    """Tell whether there is a file that can be reached; never raises for the name."""
    return stat.S_ISREG(_mode(path))


def is_folder(path: Path) -> bool:
    """Tell whether there is a folder that can be reached; never raises for the name."""
    return stat.S_ISDIR(_mode(path))


def is_there(path: Path) -> bool:
    """Tell whether there is anything that can be reached; never raises for the name."""
    return _mode(path) != 0


def target_of(text: str) -> str:
    """Return where a path leads through all links; the path itself where none can be followed."""
    try:
        return os.path.realpath(text)
    except (OSError, ValueError):
        return text


def not_found(kind: str, path: Path) -> str:
    """Say why a file is not found, and what to do.

    Args:
        kind: What the user calls it, as in `image`.
        path: The file that is not there, or cannot be reached.
    """
    try:
        path.stat()
    except ValueError:
        return (
            f"There is no {kind} {shown(path)}: it holds a character that no name of a file can "
            "have. Check the path."
        )
    except OSError as error:
        if error.errno == errno.ENAMETOOLONG:
            return (
                f"There is no {kind} {shown(path)}: the name is longer than the disk allows. "
                "Check the path."
            )
        if error.errno == errno.ELOOP:
            return f"There is no {kind} {shown(path)}: its links lead in a circle. Check the path."
        if isinstance(error, PermissionError):
            return (
                f"The {kind} {shown(path)} is out of reach: there is no permission to look into "
                f"the folder {barred_folder(path)}. Give yourself the permission, or use a copy "
                "elsewhere."
            )
        address = _ADDRESS.match(str(path))
        advice = (
            ". Check the path."
            if address is None
            else f": {address[1]}:// is an address, and here a file is wanted. Save what it shows "
            "as a file first."
        )
        return f"There is no {kind} {shown(path)}{advice}"
    return f"{shown(path)} is no file but a device or a pipe. Give the path of a file."


def barred_folder(path: Path) -> Path:
    """Return the folder above a path that refuses this user.

    The outermost one that may not be looked into; else the nearest one that is there, which then
    may not be written to.
    """
    folder, *below = reversed((path.absolute(), *path.absolute().parents))
    for each in below:
        if not is_there(each):
            return folder
        folder = each
    return path.absolute().parent


def part_beside(path: Path) -> Path:
    """Return a hidden name in the same folder, for what becomes `path` when it is whole.

    It is shorter than a disk allows, even where the name itself is the longest possible: libraries
    that write add some letters of their own.
    """
    part = f".{path.name}.{os.getpid()}.part"
    if not _is_text(part) or len(os.fsencode(part)) > _LONGEST_PART_BYTES:
        digest = hashlib.sha256(path.name.encode("utf-8", "surrogatepass")).hexdigest()[:16]
        part = f".{digest}.{os.getpid()}.part"
    return path.with_name(part)


@contextmanager
def text_path(path: Path) -> Iterator[Path]:
    """Give a path that is text, for libraries that take no other; the file is the same.

    Names on disk are bytes, and some of them are no text in any language.

    Args:
        path: A file, or the folder of files that will be written.

    Raises:
        OSError: There is no room for a link to it.
    """
    if _is_text(str(path)):
        yield path
        return
    with TemporaryDirectory(prefix="avatarify-") as folder:
        link = Path(folder) / "link"
        link.symlink_to(path.absolute())
        yield link


def shown(path: Path | str) -> str:
    """Return a path for a message; the middle of a very long one is left out."""
    text = str(path)
    if len(text) <= _LONGEST_SHOWN:
        return text
    half = _LONGEST_SHOWN // 2
    return f"{text[:half]}…{text[-half:]}"


def _is_text(name: str) -> bool:
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _mode(path: Path) -> int:
    try:
        return path.stat().st_mode
    except (OSError, ValueError):
        return 0
