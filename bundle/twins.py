"""Leaves one of each library where several packages brought the same one.

Whoever makes wheels puts a hash into the name of each library that comes along, so that OpenCV's
FFmpeg and PyAV's lie side by side although they are the same. One is kept, under both names.
"""

import os
import re
from pathlib import Path

from bundle.libraries import exported, imported, libraries, needed

KEPT = ("av.libs", "pillow.libs")
"""Whose is kept: PyAV's FFmpeg, which writes H.264, and Pillow's AVIF, which needs no other."""

_HASHED = re.compile(r"(lib.+)-[0-9a-f]{8}\.so\.([0-9]+)[0-9.]*")
_WORTH = 500_000
"""Bytes; smaller twins may stay."""


def join_twins(folder: Path) -> None:
    """Put links in the place of libraries whose like, of the same main version, is kept anyway.

    One whose users need something that the kept one does not offer stays.
    """
    paths = libraries(folder)
    users = needed(paths)
    kept: dict[tuple[str, ...], Path] = {}
    for place in reversed(KEPT):
        kept |= {_kind(path): path for path in paths if path.parent.name == place and _kind(path)}
    for path in paths:
        twin = kept.get(_kind(path), path)
        if path == twin or path.stat().st_size < _WORTH:
            continue
        wanted = {name for user in users[path.name] for name in imported(user)}
        if exported(path).keys() & wanted <= exported(twin).keys():
            path.unlink()
            path.symlink_to(os.path.relpath(twin, path.parent))


def _kind(library: Path) -> tuple[str, ...]:
    """Name and main version of a library with a hash in its name; empty for others."""
    match = _HASHED.fullmatch(library.name)
    return match.groups() if match else ()
