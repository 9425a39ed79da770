"""Room and permission to write: models, settings, recordings."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from avatarify.file_names import is_there
from avatarify.session.checkup.finding import Finding, Level
from avatarify.session.keeping.json_file import configuration_folder
from avatarify.zoo.store import writable_folder

_ENOUGH = 2_000_000_000
"""Bytes for one published model and its conversion."""

_LITTLE = 200_000_000
"""Bytes for a recording of a few minutes."""


def check_storage() -> Iterator[Finding]:
    """Free space where models go, and whether the program's folders can be written."""
    models = nearest_existing(writable_folder())
    yield judge_space(models, shutil.disk_usage(models).free)
    for name, folder in (
        ("Settings", configuration_folder()),
        ("Models folder", writable_folder()),
    ):
        yield judge_folder(name, folder)


def judge_space(folder: Path, free: int) -> Finding:
    """Say whether there is room.

    Args:
        folder: Where it was measured.
        free: Free bytes.
    """
    text = f"{free / 1e9:.1f} GB free at {folder}"
    if free < _LITTLE:
        return Finding("Disk", Level.WARNING, text, "Free some space: recordings would break off.")
    if free < _ENOUGH:
        return Finding(
            "Disk", Level.WARNING, text, "Enough to run; a further model needs up to 2 GB."
        )
    return Finding("Disk", Level.OK, text)


def judge_folder(name: str, folder: Path) -> Finding:
    """Say whether a folder, or the nearest one above that exists, can be written to."""
    if os.access(nearest_existing(folder), os.W_OK):
        return Finding(name, Level.OK, f"kept in {folder}")
    return Finding(
        name,
        Level.WARNING,
        f"{folder} cannot be written",
        f"Give yourself the permission, or run: sudo chown -R $USER {nearest_existing(folder)}",
    )


def nearest_existing(folder: Path) -> Path:
    """The folder itself, or the first above it that exists."""
    return next(path for path in (folder, *folder.absolute().parents) if is_there(path))
