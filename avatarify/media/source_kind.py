"""What kind of live source a user means by one word; asking loads no library."""

from enum import Enum, auto
from pathlib import Path

from avatarify.file_names import target_of
from avatarify.media.addresses import is_address, whole_address, wrong_address

SCREEN = "screen"
"""How a user names the screen; `screen:x,y,width,height` names a part of it."""

_FILE_SUFFIXES = {
    ".mp4", ".m4v", ".mov", ".avi", ".mkv", ".webm", ".mpg", ".mpeg", ".ts", ".flv", ".wmv",
    ".gif", ".png", ".apng", ".webp", ".tif", ".tiff", ".jpg", ".jpeg", ".npz",
}  # fmt: skip


class SourceKind(Enum):
    """A kind of live source."""

    WEBCAM = auto()
    FILE = auto()
    MISSING_FILE = auto()
    ADDRESS = auto()
    """Perhaps without its scheme."""

    WRONG_ADDRESS = auto()
    """Meant as an address, but of no kind that can be opened."""

    SCREEN = auto()


def kind_of(spec: str) -> SourceKind:
    """Return what a user means.

    Args:
        spec: A webcam's number, name or device path; a file or folder; an address such as
            http://… or rtsp://…, or one without its scheme; `screen` with or without a region.
            Empty means a webcam.
    """
    if is_address(spec):
        return SourceKind.ADDRESS
    if spec.strip().lower() == SCREEN:
        return SourceKind.SCREEN
    if not spec or spec.isdecimal():
        return SourceKind.WEBCAM
    if _is_stored(spec):  # before words that a file's name may begin with, such as `screen:`
        return SourceKind.FILE
    return _kind_of_what_is_not_there(spec)


def _kind_of_what_is_not_there(spec: str) -> SourceKind:
    if _is_device(spec):
        return SourceKind.WEBCAM
    if wrong_address(spec):
        return SourceKind.WRONG_ADDRESS
    if whole_address(spec):
        return SourceKind.ADDRESS
    if Path(spec).suffix.lower() in _FILE_SUFFIXES:
        return SourceKind.MISSING_FILE
    if is_screen(spec):
        return SourceKind.SCREEN
    return SourceKind.MISSING_FILE if "/" in spec or "\\" in spec else SourceKind.WEBCAM


def _is_device(spec: str) -> bool:
    """Whether this is a device, a link to one, or the name that Windows gives one."""
    if "\0" in spec:  # no system call takes it
        return False
    return spec.startswith("\\\\?\\") or target_of(spec).startswith("/dev/")


def is_screen(spec: str) -> bool:
    """Return whether this means the screen or a part of it."""
    return spec.strip().lower().split(":")[0] == SCREEN


def _is_stored(spec: str) -> bool:
    path = Path(spec)
    try:
        return path.exists() and not path.is_char_device()
    except (OSError, ValueError):  # longer than a name may be, or with a zero byte
        return False
