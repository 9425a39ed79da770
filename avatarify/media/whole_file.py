"""Files appear under their names only when they are complete."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from avatarify.file_names import part_beside
from avatarify.media.output_errors import output_error


@contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """Give a file to write to that becomes `path` at the end; folders above it are made.

    Args:
        path: The file; replaced if it exists, and left as it was if the writing fails.

    Raises:
        OutputError: It could not be written.
    """
    part = part_beside(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with part.open("wb") as file:
            yield file
        part.replace(path)
    except (OSError, ValueError) as error:
        with suppress(OSError, ValueError):  # the reason is told
            part.unlink(missing_ok=True)
        raise output_error(path, error) from error
