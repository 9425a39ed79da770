"""Model files appear under their names only when they are complete."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from safetensors import SafetensorError

from avatarify.errors import OutputError
from avatarify.file_names import barred_folder, part_beside, shown, text_path


@contextmanager
def whole_model_file(path: Path) -> Iterator[Path]:
    """Give another path to write to; what was written there becomes `path` at the end.

    Args:
        path: The file; replaced if it exists, and left as it was if the writing fails.

    Raises:
        OutputError: The file could not be written.
    """
    part = part_beside(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with text_path(path.parent) as folder:
            yield folder / part.name
        part.chmod(0o644)  # safetensors makes it private, but a model may be shared
        part.replace(path)
    except (OSError, ValueError, SafetensorError) as error:
        with suppress(OSError, ValueError):
            part.unlink()
        raise OutputError(
            f"The model file {shown(path)} could not be written: {_why(path, error)}."
        ) from error


def _why(path: Path, error: Exception) -> str:
    """Name the folder that refuses, which libraries do not, and what to do."""
    folder = barred_folder(path)
    as_effective = os.access in os.supports_effective_ids
    may_write = os.access(folder, os.W_OK | os.X_OK, effective_ids=as_effective)
    if isinstance(error, PermissionError) or not may_write:
        return (
            f"there is no permission to write into the folder {folder}. Choose another place, or "
            "set AVATARIFY_MODELS to a folder that you may write to"
        )
    return str(error)
