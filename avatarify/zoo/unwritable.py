"""Why a folder of models cannot be written, and what to do: the same words wherever it shows."""

import os
from pathlib import Path

from avatarify.file_names import barred_folder

_ELSEWHERE = "set AVATARIFY_MODELS to a folder that you may write to"


def may_write_into(folder: Path) -> bool:
    """Tell whether this user may make files in a folder."""
    as_effective = os.access in os.supports_effective_ids
    return os.access(folder, os.W_OK | os.X_OK, effective_ids=as_effective)


def why_unwritable(path: Path, error: Exception) -> str:
    """Name the folder that refuses, which the system does not, and what to do.

    Args:
        path: What was to be made or written.
        error: What was raised.

    Returns:
        A clause and a sentence, to stand behind a colon.
    """
    folder = barred_folder(path)
    if isinstance(error, PermissionError) or not may_write_into(folder):
        return (
            f"there is no permission to write into the folder {folder}. Give yourself the "
            f"permission, or {_ELSEWHERE}."
        )
    reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
    return f"{reason}. Choose another place, or {_ELSEWHERE}."
