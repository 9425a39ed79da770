"""Model files appear under their names only when they are complete."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from safetensors import SafetensorError

from avatarify.errors import OutputError
from avatarify.file_names import part_beside, shown, text_path
from avatarify.zoo.unwritable import why_unwritable


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
            f"The model file {shown(path)} could not be written: {why_unwritable(path, error)}"
        ) from error
