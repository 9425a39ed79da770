"""The face tracker's file: whether it is there, and fetching it after the user's yes."""

from pathlib import Path

from avatarify.zoo.download import download, is_published
from avatarify.zoo.registry import FACE_LANDMARKER
from avatarify.zoo.store import find, writable_folder


def tracker_is_missing() -> bool:
    """Whether the file is missing, or is not the published one."""
    path = find(FACE_LANDMARKER.installed_name)
    return path is None or not is_published(path, FACE_LANDMARKER)


def tracker_megabytes() -> float:
    """How much `fetch_tracker` downloads."""
    return (FACE_LANDMARKER.size_bytes or 0) / 1e6


def fetch_tracker() -> Path:
    """Download the file and check its hash; only after the user said yes.

    Raises:
        DownloadError: It could not be fetched.
        OutputError: It could not be written.
    """
    return download(FACE_LANDMARKER, writable_folder(), lambda _have, _whole: None)
