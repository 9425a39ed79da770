"""Which videos and pictures a folder holds, and who is seen in them."""

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from avatarify.errors import SettingsError
from avatarify.media.image_file import IMAGE_SUFFIXES

VIDEO_SUFFIXES = frozenset(
    {".mp4", ".m4v", ".mov", ".avi", ".mkv", ".webm", ".mpg", ".mpeg", ".gif"}
)
"""File name endings, in lower case, that count as videos."""

MANIFEST = "MANIFEST.csv"
"""Looked for in the folder and in the one above: columns `file` and `person`."""


@dataclass(frozen=True, slots=True)
class Footage:
    """One video or picture."""

    path: Path
    """The file."""

    person: str
    """Who is seen: the manifest's word, else the file's name."""

    is_still: bool
    """A picture."""

    @property
    def name(self) -> str:
        """The file's name without its ending."""
        return self.path.stem


def list_footage(folder: Path, manifest: Path | None = None) -> list[Footage]:
    """List the videos and pictures of a folder and its sub-folders, by name.

    Args:
        folder: Where to look.
        manifest: A CSV file with the columns `file` and `person`; without it, `MANIFEST.csv` in
            the folder or beside it.

    Raises:
        SettingsError: There are none, or the manifest cannot be read.
    """
    people = _read_people(manifest or _find_manifest(folder))
    found = [
        Footage(path, people.get(path.name) or path.stem, is_still)
        for path in sorted(folder.rglob("*"))
        if (is_still := _is_still(path)) is not None and path.is_file()
    ]
    if not found:
        raise SettingsError(f"{folder} holds no videos or pictures. Check the path.")
    return found


def new_footage(
    folders: list[Path], manifest: Path | None, kept: Path, advance: Callable[[str], None]
) -> Iterator[tuple[Footage, Path]]:
    """Yield what of some folders is not kept yet, and the file that shall keep it.

    Args:
        folders: Searched with their sub-folders.
        manifest: As for `list_footage`.
        kept: Folder of what is kept, `c_NAME.npz` of a video and `s_NAME.npz` of a picture.
        advance: Told the name of each file when it is begun.

    Raises:
        SettingsError: A folder holds nothing.
    """
    for folder in folders:
        for footage in list_footage(folder, manifest):
            path = kept / f"{'s' if footage.is_still else 'c'}_{footage.name}.npz"
            if not path.is_file():
                advance(footage.name)
                yield footage, path


def _is_still(path: Path) -> bool | None:
    """Return whether a file is a picture; None for everything that is no footage."""
    suffix = path.suffix.lower()
    if path.name.startswith(".") or suffix not in VIDEO_SUFFIXES | IMAGE_SUFFIXES:
        return None
    return suffix not in VIDEO_SUFFIXES


def _find_manifest(folder: Path) -> Path | None:
    candidates = (folder / MANIFEST, folder.resolve().parent / MANIFEST)
    return next((path for path in candidates if path.is_file()), None)


def _read_people(manifest: Path | None) -> dict[str, str]:
    """Return the person of each file name; nobody without a manifest."""
    if manifest is None:
        return {}
    try:
        with manifest.open(newline="", encoding="utf-8") as file:
            return {Path(row["file"]).name: row["person"] or "" for row in csv.DictReader(file)}
    except (OSError, KeyError, UnicodeDecodeError, csv.Error) as error:
        raise SettingsError(
            f"{manifest} is no CSV file with the columns file and person: {error}"
        ) from error
