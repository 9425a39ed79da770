"""The face tracker's file: whether it is there, and getting it after the user's yes."""

from pathlib import Path
from urllib.parse import urlsplit

from avatarify.zoo.download import download, is_published
from avatarify.zoo.local_file import install_file
from avatarify.zoo.registry import FACE_LANDMARKER
from avatarify.zoo.store import find, writable_folder
from avatarify.zoo.transfer import OnProgress

TRACKER_FILE_NAME = FACE_LANDMARKER.installed_name
"""What the file is called everywhere."""


def tracker_is_missing() -> bool:
    """Whether the file is missing, or is not the published one."""
    path = find(TRACKER_FILE_NAME)
    return path is None or not is_published(path, FACE_LANDMARKER)


def tracker_is_damaged() -> bool:
    """Whether there is a file, but not the published one."""
    return find(TRACKER_FILE_NAME) is not None and tracker_is_missing()


def tracker_megabytes() -> float:
    """How much `fetch_tracker` downloads."""
    return (FACE_LANDMARKER.size_bytes or 0) / 1e6


def tracker_host() -> str:
    """Which computer `fetch_tracker` asks first."""
    return urlsplit(FACE_LANDMARKER.mirrors[0]).hostname or ""


def fetch_tracker(on_progress: OnProgress = lambda _have, _whole: None) -> Path:
    """Download the file and check its hash; only after the user said yes.

    Args:
        on_progress: Called with the bytes that are there and the bytes that there will be.

    Raises:
        DownloadError: It could not be fetched.
        OutputError: It could not be written.
    """
    return download(FACE_LANDMARKER, _folder(), on_progress)


def install_tracker(file: Path) -> Path:
    """Copy the file that the user has, if it is the published one.

    Args:
        file: From wherever it was fetched.

    Raises:
        DownloadError: It is another file.
        OutputError: It could not be read or written.
    """
    return install_file(FACE_LANDMARKER, file, _folder())


def _folder() -> Path:
    """Where the file belongs: in the place of a damaged one, which would be found first."""
    damaged = find(TRACKER_FILE_NAME)
    return writable_folder() if damaged is None else damaged.parent
